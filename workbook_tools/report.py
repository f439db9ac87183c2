"""What was found, for people and for other programs: lines for a terminal, JSON, CSV, one HTML page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from workbook_tools.checking import Checked, CheckedFile, Place
from workbook_tools.checks import ERROR
from workbook_tools.listing import harmless
from workbook_tools.telling import cell_of, where

COLUMNS = ("文件", "工作表", "级别", "代码", "单元格", "项目", "说明", "放行理由", "放行人")

_STYLE = """
body{font:15px/1.6 "Microsoft YaHei","Noto Sans CJK SC",sans-serif;margin:2em auto;max-width:75em;padding:0 1em;
 color:#222}
table{border-collapse:collapse;width:100%;margin:.5em 0 1.5em}
th,td{border:1px solid #bbb;padding:.3em .6em;text-align:left;vertical-align:top}
th{background:#eef2f7;white-space:nowrap}td.n{text-align:right;font-variant-numeric:tabular-nums}
.e{color:#b00020;font-weight:bold}.h{color:#8a5a00}.w{color:#777}
h2{margin:1.6em 0 .2em;font-size:1.15em}p.m{margin:.1em 0;color:#555}a{color:#0b57a4;overflow-wrap:anywhere}
@media print{body{margin:0;max-width:none;font-size:11px}h2{break-after:avoid}tr{break-inside:avoid}
thead{display:table-header-group}}
"""
_CLASS = {"错误": "e", "提示": "h", "已放行": "w"}


def as_lines(checked: CheckedFile) -> Iterator[str]:
    """The findings of a workbook for a terminal."""
    for form in checked.forms:
        yield f"{checked.path}  {form.sheet}  {form.scheme.title}"
        if form.scheme.general:
            yield f"  通用办法：{form.scheme.general}"
        for place in form.found:
            waived = f"（{place.waived.name}：{place.waived.reason}）" if place.waived else ""
            yield f"  {place.level} {place.finding.code}  {where(place, form)}{place.finding.message}{waived}"
        yield f"  {verdict(form)}"


def verdict(form: Checked) -> str:
    """One sentence on a form: how many errors and hints."""
    waived = len(form.found) - form.errors - form.hints
    counts = [f"{form.errors} 处错误" if form.errors else "没有错误"]
    counts += [f"{form.hints} 处提示"] if form.hints else []
    counts += [f"{waived} 处已放行"] if waived else []
    return "，".join(counts)


def as_json(files: Sequence[CheckedFile]) -> str:
    """All findings as JSON."""
    return json.dumps([_record(file, form) for file in files for form in file.forms], ensure_ascii=False, indent=2)


def _record(file: CheckedFile, form: Checked) -> dict[str, Any]:
    return {
        "file": str(file.path),
        "sheet": form.sheet,
        "scheme": form.scheme.name,
        "unit": form.unit,
        "project": form.project,
        "total": form.total,
        "grade": form.grade,
        "errors": form.errors,
        "hints": form.hints,
        "findings": [
            {
                "code": place.finding.code,
                "level": place.finding.level,
                "cell": place.address,
                "field": place.finding.at,
                "label": place.label,
                "message": place.finding.message,
                "waived": place.waived._asdict() if place.waived else None,
            }
            for place in form.found
        ],
    }


def as_csv(files: Sequence[CheckedFile]) -> str:
    """All findings as CSV that Excel opens by itself (UTF-8 with its mark); no text of a form becomes a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for file in files:
        for form in file.forms:
            for place in form.found:
                waived = (place.waived.reason, place.waived.name) if place.waived else ("", "")
                row = (str(file.path), form.sheet, place.level, place.finding.code, place.address, place.label)
                writer.writerow([harmless(words) for words in (*row, place.finding.message, *waived)])
    return "\ufeff" + out.getvalue()


def as_html(files: Sequence[CheckedFile], refused: Sequence[tuple[str, str]]) -> str:
    """One self-contained page: the summary on top, then every form with its findings."""
    forms = [(file, form) for file in files for form in file.forms]
    errors = sum(form.errors for _, form in forms)
    faulty = sum(form.errors > 0 for _, form in forms)
    said = f"共 {len(forms)} 张表，{faulty} 张有错误，错误 {errors} 处，提示 {sum(form.hints for _, form in forms)} 处"
    rows = [_summary(number, file, form) for number, (file, form) in enumerate(forms, 1)]
    rows += [f'<tr><td>{escape(path)}</td><td colspan="7" class="e">{escape(why)}</td></tr>' for path, why in refused]
    names = ("文件", "单位", "项目", "总分", "等级", "错误", "提示", "评分办法")
    body = [f"<h1>绩效自评表校验结果</h1><p>{said}</p>", _table(names, rows)]
    for number, (file, form) in enumerate(forms, 1):
        body += [f'<h2 id="f{number}">{escape(str(file.path))}　{escape(form.sheet)}</h2>']
        body += [f'<p class="m">{escape(form.scheme.title)}；{escape(verdict(form))}</p>']
        listed = [_finding(place, form) for place in form.found]
        body += [_table(("级别", "代码", "单元格", "项目", "说明"), listed)] if listed else []
    title = "<title>绩效自评表校验结果</title>"
    meta = '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
    page = "\n".join(body)
    head = f"<head>{meta}{title}<style>{_STYLE}</style></head>"
    return f'<!DOCTYPE html>\n<html lang="zh-CN">{head}\n<body>{page}</body></html>\n'


def _table(names: Sequence[str], rows: Sequence[str]) -> str:
    head = "".join(f"<th>{name}</th>" for name in names)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _summary(number: int, file: CheckedFile, form: Checked) -> str:
    link = f'<a href="#f{number}">{escape(str(file.path))}</a>'
    words = "".join(f"<td>{escape(said)}</td>" for said in (form.unit, form.project))
    figures = f'<td class="n">{escape(form.total)}</td><td>{escape(form.grade)}</td>'
    red = ' class="n e"' if form.errors else ' class="n"'
    counts = f'<td{red}>{form.errors}</td><td class="n">{form.hints}</td>'
    return f"<tr><td>{link}</td>{words}{figures}{counts}<td>{escape(form.scheme.title)}</td></tr>"


def _finding(place: Place, form: Checked) -> str:
    waived = f"（{place.waived.name}：{place.waived.reason}）" if place.waived else ""
    cells = (place.finding.code, cell_of(place, form), place.label, place.finding.message + waived)
    words = "".join(f"<td>{escape(said)}</td>" for said in cells)
    return f'<tr><td class="{_CLASS[place.level]}">{place.level}</td>{words}</tr>'


def worst(files: Sequence[CheckedFile]) -> bool:
    """Whether any form has an error."""
    return any(place.level == ERROR for file in files for form in file.forms for place in form.found)
