"""What the tags of a template stand for: the words of a form and the sentences made of it, as marked pieces."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from workbook_tools.assess import Assessment
from workbook_tools.claims import Row
from workbook_tools.reports.word import sentences as say
from workbook_tools.reports.word.changes import changes
from workbook_tools.reports.word.known import Differing, Known, one_line_of
from workbook_tools.reports.word.months import Months, month_tables
from workbook_tools.text import regex
from workbook_tools.values import plain
from workbook_tools.word.marks import Piece

NO_REASON = say.TO_FILL.format("没有达标的原因，请在自评表上写明")
OPEN_TOTAL, NONE = "【待定】", "—"  # in a narrow column; where the form has no such thing
# The codes that a budget system puts before names: 219-某镇人民政府, 51000021R000000019951-工资性支出.
_UNIT_CODE, _PROJECT_CODE = regex(r"^\d{3,6}[-—](?=[一-龥])"), regex(r"^[0-9A-Z]{10,30}[-—](?=[一-龥])")
_LINE, _FULL_LINE = 39, 40  # half-width characters of the title in a line: surely, and at most
_BRACKETED = regex(r"[（(]([^（()）]*)[)）]")
_FORM = regex("(?:支出|项目)?(?:绩效)?自评表?$")
ROW_COLUMNS = ("一级指标", "二级指标", "三级指标", "分值", "年度指标值", "实际完成值", "得分", "原因")


def report_values(
    form: Assessment, last: Assessment | None = None, months: Sequence[Months] | None = None
) -> tuple[dict[str, Any], list[Differing]]:
    """Tag → what it stands for, and the figures that are not stated since the form contradicts itself.

    `months` are statistics from another file; without them those of the form are used.
    """
    known = Known(form)
    keys = _row_keys(known.rows)
    tables = list(months) if months is not None else month_tables(known)
    said = {table.row: table.sentence for table in tables if table.sentence}
    rows = [_row(known, row, keys[row.field], number, said) for number, row in enumerate(known.rows, 1)]
    unit, department = (_UNIT_CODE.sub("", known.text(name)) for name in ("unit", "department"))
    project = _PROJECT_CODE.sub("", known.text("project"))
    values: dict[str, Any] = {
        "标题": Piece("title", _title(known)),
        "项目": Piece("project", project or say.TO_FILL.format("项目名称")),
        "单位": Piece("unit", unit or department or say.TO_FILL.format("单位名称")),
        "主管部门": Piece("department", department or unit),
        "年度": Piece("year", f"{known.year}年度" if known.year else say.TO_FILL.format("年度")),
        "绩效目标": Piece("goal", _goal(known)),
        "资金": Piece("money", say.money(known)),
        "预算调整": Piece("adjustment", say.adjustment(known)),
        "资金来源": Piece("sources", say.sources(known)),
        "指标数": Piece("count", say.count(known)),
        "达标情况": Piece("met", say.met(known)),
        "自评结论": Piece("total", say.total(known)),
        "分组得分": Piece("groups", say.subtotals(known)),
        "总分": Piece("points", known.total),
        "等级": Piece("grade", known.grade),
        "指标": rows,
        "指标组": list(_groups(known, rows)),
        "未达标": list(_missed(known, keys)),
        "统计表": [_table(table) for table in tables],
        "与上年比较": [Piece(f"last_{_digest(about)}", words) for about, words in changes(known, last)] if last else [],
        "附表": [_annex(known, row, keys[row.field]) for row in known.rows],
        "附表总分": Piece("annex_total", known.total or (OPEN_TOTAL if known.scored else NONE)),
    }
    return values, list(dict.fromkeys(known.differing))


def _title(known: Known) -> str:
    """The title, in two lines where it is long: what kind of report it is stays together."""
    project = _PROJECT_CODE.sub("", known.text("project"))
    if inner := _BRACKETED.fullmatch(project):  # (部门整体绩效自评表) is no name
        project = f"{known.text('unit') or known.text('department')}{_FORM.sub('', inner[1])}"
    year = f"{known.year}年度" if known.year and str(known.year) not in project else ""
    department = any(group.share != 100 for group in known.scheme.groups) and len(known.scheme.groups) > 1
    name, kind = f"{year}{project or known.text('unit')}", "绩效评价报告" if department else "绩效自评报告"
    of_name, whole = _units(name), _units(name + kind)
    return f"{name}\n{kind}" if of_name <= _LINE and whole > _FULL_LINE else f"{name}{kind}"


def _units(words: str) -> int:
    """The width of words in half-width characters; between Chinese and figures is half of one."""
    widths = [2 if unicodedata.east_asian_width(one) in "WFA" else 1 for one in words]
    between = sum(one != other for one, other in pairwise(widths))
    return sum(widths) + (between + 1) // 2


def _goal(known: Known) -> str:
    goals = [_joined(words) for field, words in known.form.texts.items() if field.startswith("texts.goal")]
    return "；".join(goal.strip("。；") for goal in goals if goal) or say.TO_FILL.format("年度绩效目标")


def _joined(words: str) -> str:
    """The lines of a cell as one sentence: a line that ends without a stop ends a part."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    ended = [line if line.endswith(_STOPS) or line is lines[-1] else f"{line}；" for line in lines]
    return one_line_of("".join(ended))


_STOPS = tuple("，。；：、,;:.")


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:6]


def _row_keys(rows: Sequence[Row]) -> dict[str, str]:
    """Field → the key of an indicator: by its name and group, so that it stays the same when rows move."""
    found: dict[str, str] = {}
    used: dict[str, int] = {}
    for row in rows:
        key = f"r{_digest(f'{row.group} {row.kind} {row.name}')}"
        used[key] = used.get(key, 0) + 1
        found[row.field] = key if used[key] == 1 else f"{key}{used[key]}"
    return found


def _row(known: Known, row: Row, key: str, number: int, said: Mapping[str, str]) -> dict[str, Piece]:
    met = {True: "是", False: "否", None: ""}[row.met]
    actual = known.actual(row)
    return {
        "序号": Piece(f"{key}_no", str(number)),
        "名称": Piece(f"{key}_name", one_line_of(known.words[row.field].name or row.kind)),
        "指标值": Piece(f"{key}_target", known.target(row)),
        "完成值": Piece(f"{key}_actual", actual),
        "完成情况": Piece(f"{key}_done", said.get(row.name, "") or actual),
        "是否达标": Piece(f"{key}_met", met),
        "分值": Piece(f"{key}_weight", "" if row.weight is None else plain(row.weight)),
        "得分": Piece(f"{key}_score", known.score(row) if known.scored else NONE),
        "情况": Piece(f"{key}_said", say.row_sentence(known, row)),
        "统计": Piece(f"{key}_sums", said.get(row.name, "")),
    }


_ORDINALS = "一二三四五六七八九十"


def _groups(known: Known, rows: Sequence[Mapping[str, Piece]]) -> Iterator[dict[str, Any]]:
    by_field = {row.field: values for row, values in zip(known.rows, rows, strict=True)}
    for number, group in enumerate(known.facts.first_level, 1):
        yield {
            "序号": number,
            "次序": _ORDINALS[number - 1] if number <= len(_ORDINALS) else str(number),
            "名称": Piece(f"g{_digest(group.stem)}_name", f"{group.stem}指标完成情况"),
            "情况": Piece(f"g{_digest(group.stem)}_said", say.group_sentence(known, group)),
            "指标": [by_field[row.field] for row in group.rows],
        }


def _missed(known: Known, keys: Mapping[str, str]) -> Iterator[dict[str, Piece]]:
    for row, reason in say.missed_rows(known):
        name = say.name_of_row(known, row)
        yield {
            "名称": Piece(f"{keys[row.field]}_missed", f"“{name}”未达到年度指标值。"),
            "原因": Piece(f"{keys[row.field]}_reason", reason or NO_REASON),
        }


def table_key(table: Months) -> str:
    """How the keys of all pieces of a table begin."""
    return f"t{_digest(table.title)}"


def _table(table: Months) -> dict[str, Any]:
    key = table_key(table)
    return {
        "标题": Piece(f"{key}_title", table.title),
        "说明": Piece(f"{key}_said", table.sentence),
        "栏目": [Piece(f"{key}_h{column}", words) for column, words in enumerate(table.heading)],
        "行": [
            [Piece(f"{key}_{line}c{column}", words) for column, words in enumerate(cells)]
            for line, cells in enumerate(table.rows)
        ],
    }


def _annex(known: Known, row: Row, key: str) -> dict[str, Piece]:
    words = known.words[row.field]
    every = known.words.values()
    said = (
        one_line_of(words.label or "") if any(one.label for one in every) else NONE,
        one_line_of(words.kind) if any(one.kind for one in every) else NONE,
        one_line_of(words.name),
        plain(row.weight) if row.weight is not None else "" if known.scored else NONE,
        known.target(row),
        known.actual(row),
        known.score(row) if known.scored else NONE,
        one_line_of(words.reason or ""),
    )
    return {
        column: Piece(f"{key}_a{number}", text)
        for number, (column, text) in enumerate(zip(ROW_COLUMNS, said, strict=True))
    }
