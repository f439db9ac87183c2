"""What was found as one self-contained HTML page: for a screen, a phone and paper; nothing is loaded.

It reads without JavaScript; with it there is a filter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from workbook_tools.checks import CHECKS
from workbook_tools.findings import LocatedFinding
from workbook_tools.reports.checked import AnyFile, AnyForm
from workbook_tools.reports.export import finding_summary
from workbook_tools.reports.sentences import cell_of, side_by_side
from workbook_tools.text import shown_path, visible
from workbook_tools.values import decimals, read_points

TITLE = "绩效自评表校验结果"
_CLASS = {"错误": "e", "未核对": "u", "提示": "h", "已放行": "w"}
STYLE = """
body{font:15px/1.6 "Microsoft YaHei","PingFang SC","Noto Sans CJK SC",sans-serif;margin:1.5em auto;max-width:78em;
 padding:0 1em;color:#222}
h1{font-size:1.5em;margin:.2em 0}h2{margin:1.8em 0 .3em;font-size:1.15em}h3{margin:.8em 0 .1em;font-size:1em}
table{border-collapse:collapse;width:100%;margin:.4em 0 1em}
th,td{border:1px solid #bbb;padding:.3em .6em;text-align:left;vertical-align:top}
th{background:#eef2f7;white-space:nowrap}
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}td.k,td.c{white-space:nowrap}td.name{min-width:14em}
.e{color:#b00020;font-weight:bold}.h{color:#8a5a00}.u{color:#0b57a4}.w{color:#666}
p.m{margin:.1em 0;color:#555}a{color:#0b57a4}.name{overflow-wrap:break-word;word-break:normal}
form{position:sticky;top:0;background:#fff;padding:.5em 0;border-bottom:1px solid #bbb}
form input[type=search],form select{font:inherit;padding:.2em .4em;max-width:100%;box-sizing:border-box}
form label{margin-right:1em;white-space:nowrap}
details{border:1px solid #ccc;margin:.3em 0;padding:.2em .8em}summary{cursor:pointer}[hidden]{display:none!important}
@page{size:A4 landscape;margin:12mm 12mm 14mm;@bottom-center{content:counter(page) " / " counter(pages)}}
@media print{body{margin:0;padding:0;max-width:none;font-size:11px}form,details,.screen{display:none}
 h2{break-after:avoid}p.m{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}
 a{color:inherit;text-decoration:none}}
@media screen and (max-width:700px){body{padding:0 .6em;margin:.6em auto}form{position:static}
 table,tbody,tr,td{display:block}thead{display:none}tr{border:1px solid #bbb;margin:.5em 0;padding:.2em .6em}
 td,td.n{border:0;padding:.1em 0;text-align:left;white-space:normal}td:empty{display:none}
 td[data-n]::before{content:attr(data-n) "：";color:#666;font-weight:normal}}
"""
_SCRIPT = """
(function(){var f=document.querySelector('form'),rows=document.querySelectorAll('tr[data-code]');f.hidden=false;
function show(){var t=f.words.value.trim().toLowerCase(),l=f.level.value,c=f.code.value,n=0;
rows.forEach(function(r){var s=r.closest('section'),w=(r.textContent+s.dataset.words).toLowerCase();
r.hidden=!((!l||r.dataset.level===l)&&(!c||r.dataset.code===c)&&(!t||w.indexOf(t)>=0));n+=!r.hidden});
document.querySelectorAll('section').forEach(function(s){
s.hidden=!!(t||l||c)&&!s.querySelector('tr[data-code]:not([hidden])')});
f.querySelector('output').textContent=(t||l||c)?'显示 '+n+' 处，共 '+rows.length+' 处':''}
f.addEventListener('input',show);f.addEventListener('submit',function(e){e.preventDefault()});show()})();
"""


def as_html(files: Sequence[AnyFile], refused: Sequence[tuple[str, str]]) -> str:
    """The page: a summary, how often each check found something, every form with its findings, the checks' pages."""
    forms = [(file, form) for file in files for form in file.forms]
    errors = sum(form.errors for _, form in forms)
    faulty = sum(form.errors > 0 for _, form in forms)
    said = f"共 {len(forms)} 张表，{faulty} 张有错误，错误 {errors} 处，"
    said += f"未核对 {sum(form.unchecked for _, form in forms)} 处，提示 {sum(form.hints for _, form in forms)} 处"
    said += f"；{len(refused)} 个文件没有处理" if refused else ""
    places = max((form.scheme.places for _, form in forms), default=0)
    body = [f'<h1 id="top">{TITLE}</h1><p>{said}</p>', *_summary(forms, refused, places)]
    codes = Counter(place.finding.code for _, form in forms for place in form.found)
    body += [*_by_code(codes, forms), _filter(codes)] if codes else []
    for number, (file, form) in enumerate(forms, 1):
        body += _form(number, file, form)
    body += [f'<h2 class="screen">各项检查的说明</h2>{"".join(map(_page, sorted(codes)))}'] if codes else []
    return html_page(TITLE, body, STYLE, f"<script>{_SCRIPT}</script>" if codes else "")


def html_page(title: str, body: Sequence[str], style: str, script: str = "") -> str:
    """A page that loads nothing."""
    allowed = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    meta = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{allowed}">'
    meta += '<meta name="viewport" content="width=device-width,initial-scale=1">'
    head = f"<head>{meta}<title>{escape(title)}</title><style>{style}</style></head>"
    page = "\n".join(body)
    return visible(f'<!DOCTYPE html>\n<html lang="zh-CN">{head}\n<body>{page}{script}</body></html>\n', "\n")


def html_table(names: Sequence[str], rows: Iterable[str], numbers: Iterable[str] = ()) -> str:
    """A table; columns of numbers stand to the right."""
    numeric = set(numbers)
    head = "".join(f'<th class="n">{name}</th>' if name in numeric else f"<th>{name}</th>" for name in names)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _cell(name: str, words: str, kind: str = "") -> str:
    """A cell that says its column's name where a phone shows rows as cards."""
    classed = f' class="{kind}"' if kind else ""
    return f'<td{classed} data-n="{name}">{words}</td>' if words else "<td></td>"


def _summary(
    forms: Sequence[tuple[AnyFile, AnyForm]], refused: Iterable[tuple[str, str]], places: int
) -> Iterator[str]:
    rows = [_one(number, file, form, places) for number, (file, form) in enumerate(forms, 1)]
    for path, why in refused:
        rows.append(f'<tr>{_cell("文件", _name(path), "name")}<td colspan="8" class="e">{escape(why)}</td></tr>')
    names = ("文件", "单位", "项目", "总分", "等级", "错误", "未核对", "提示", "评分办法")
    yield html_table(names, rows, ("总分", "错误", "未核对", "提示"))


def _one(number: int, file: AnyFile, form: AnyForm, places: int) -> str:
    cells = [_cell("文件", f'<a href="#f{number}">{_name(str(file.path))}</a>', "name")]
    cells += [_cell("单位", escape(form.unit)), _cell("项目", escape(form.project))]
    cells += [_cell("总分", escape(points(form.total, places)), "n"), _cell("等级", escape(form.grade), "k")]
    cells += [_cell("错误", str(form.errors), "n e" if form.errors else "n"), _cell("未核对", str(form.unchecked), "n")]
    cells += [_cell("提示", str(form.hints), "n")]
    return f"<tr>{''.join(cells)}{_cell('评分办法', escape(form.scheme.title))}</tr>"


def points(words: str, places: int) -> str:
    """A score with as many decimals as the others; what is no number, or has more decimals, as it is."""
    number = read_points(words)
    return f"{number:.{places}f}" if number is not None and decimals(number) <= places else words


def _name(path: str) -> str:
    """A path that may be broken behind a folder, and within a name only where no line could hold it."""
    return re.sub(r"([/\\])", r"\1<wbr>", escape(shown_path(path)))


def _by_code(codes: Counter[str], forms: Sequence[tuple[AnyFile, AnyForm]]) -> Iterator[str]:
    """How many findings each check has, and in how many forms; the most frequent first."""
    rows = []
    for code, count in sorted(codes.items(), key=lambda item: (-item[1], item[0])):
        having = sum(any(place.finding.code == code for place in form.found) for _, form in forms)
        level, title = _about(code)
        cells = [_cell("代码", _link(code), "c"), _cell("级别", level, _CLASS.get(level, ""))]
        cells.append(_cell("检查", escape(title)))
        rows.append(f"<tr>{''.join(cells)}{_cell('处数', str(count), 'n')}{_cell('表数', str(having), 'n')}</tr>")
    yield "<h2>各项检查查出的处数</h2>"
    yield html_table(("代码", "级别", "检查", "处数", "表数"), rows, ("处数", "表数"))


def _about(code: str) -> tuple[str, str]:
    check = CHECKS.get(code)
    return (check.level, check.title) if check else ("", "")


def _link(code: str) -> str:
    return f'<a href="#{code}">{code}</a>' if code in CHECKS else code


def _filter(codes: Iterable[str]) -> str:
    options = "".join(f'<option value="{code}">{code} {escape(_about(code)[1])}</option>' for code in sorted(codes))
    levels = "".join(f"<option>{level}</option>" for level in _CLASS)
    return (
        '<form hidden><label>找 <input type="search" name="words" placeholder="单位、项目、文件或说明里的字"></label>'
        f'<label>级别 <select name="level"><option value="">全部</option>{levels}</select></label>'
        f'<label>检查 <select name="code"><option value="">全部</option>{options}</select></label>'
        "<output></output></form>"
    )


def _form(number: int, file: AnyFile, form: AnyForm) -> Iterator[str]:
    words = escape(" ".join((str(file.path), form.unit, form.project)), quote=True)
    yield f'<section data-words="{words}">'
    yield f'<h2 id="f{number}" class="name">{_name(str(file.path))}　{escape(form.name)}</h2>'
    about = "；".join(
        filter(None, (form.unit, form.project, form.scheme.title, finding_summary(form), side_by_side(form)))
    )
    yield f'<p class="m">{escape(about)} <a class="screen" href="#top">回到最上面</a></p>'
    if form.found:
        yield html_table(("级别", "代码", "单元格", "项目", "说明"), [_finding(place, form) for place in form.found])
    yield "</section>"


def _finding(place: LocatedFinding, form: AnyForm) -> str:
    waived = f"（{place.waived.name}：{place.waived.reason}）" if place.waived else ""
    code = place.finding.code
    cells = [_cell("级别", place.level, f"k {_CLASS[place.level]}"), _cell("代码", _link(code), "c")]
    cells += [_cell("单元格", escape(cell_of(place, form))), _cell("项目", escape(place.label))]
    cells.append(_cell("说明", escape(place.finding.message + waived)))
    return f'<tr data-level="{place.level}" data-code="{code}">{"".join(cells)}</tr>'


def _page(code: str) -> str:
    """The page of a check; its anchor lies inside, because a browser opens what a link leads into."""
    if code not in CHECKS:
        return ""
    check, parts = CHECKS[code], list[str]()
    for title, lines in check.sections.items():
        parts += [f"<h3>{escape(title)}</h3>", *(f"{escape(line)}<br>" for line in lines)]
    level = f'<span class="{_CLASS.get(check.level, "")}">{check.level}</span>'
    head = f"<summary>{level} {code} {escape(check.title)}</summary>"
    return f'<details>{head}<div id="{code}">{"".join(parts)}</div></details>'
