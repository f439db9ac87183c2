"""绩效目标表: the approved targets of a department's projects, from a workbook or from plain text.

One row is one project: its money by source, its goal, and all its indicators in one cell,
`1、1-产出指标；12-质量指标；投诉次数；实施周期指标值:≤5；年度指标值:≤5。`
Or the draft that `targets next` makes of this year's forms, once it is filled in: one row is one indicator, and the
money and the goals of the projects stand in a sheet of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple, cast

from workbook_tools.checks import ERROR, HINT, Finding, run_checks
from workbook_tools.checks.book import NOT_APPROVED
from workbook_tools.errors import FormNotRecognised
from workbook_tools.excel import read_book, read_file
from workbook_tools.excel.sheet import Sheet
from workbook_tools.excel.tables import read_text
from workbook_tools.forms.form import Form, Indicator, Scores
from workbook_tools.forms.page import SheetText
from workbook_tools.forms.placement import USUAL_GROUPS, Placement
from workbook_tools.forms.reading import read_form
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring.comparing import target_words
from workbook_tools.text import regex
from workbook_tools.values import names_nothing, normalize, plain, read_quantity, read_target

SOURCES = ("财政拨款", "财政专户拨款", "其他资金")
Group = Literal["output", "benefit", "satisfaction"]
DRAFT = {  # the columns of the draft's two sheets: of the indicators, of the projects
    "project": "项目名称",
    "unit": "实施单位",
    "label": "一级指标",
    "kind": "二级指标",
    "name": "三级指标",
    "measure": "计量单位",
    "target": "下年指标值",
}
DRAFT_PROJECTS = {
    **{word: DRAFT[word] for word in ("project", "unit")},
    **{source: f"下年{source}" for source in SOURCES},
    "goal": "下年绩效目标",
}
GROUPS: dict[str, Group] = {"1": "output", "2": "benefit", "3": "satisfaction"}
KINDS = {  # how the codes of the budget system are printed in forms
    "经济效益": "经济效益指标",
    "社会效益": "社会效益指标",
    "生态效益": "生态效益指标",
    "可持续影响": "可持续影响指标",
    "服务对象满意度": "服务对象满意度指标",
}
OWN_ROW = regex("预算(?:完成|执行)率|资金支出率")  # of a form: not an approved target
_WHEN_TARGETS_ONLY = regex(r"T1(?:06|07|08|10|11|12|13|14|20)|W105|A107")  # checks that need no actual values
_INDICATOR = regex(
    r"(?P<group>[123])-(?P<label>[^；;]{1,60}?)[；;](?P<code>\d\d)-(?P<kind>[^；;]{1,60}?)[；;](?P<name>(?:(?!实施周期指标值).){1,300}?)[；;]"
    r"实施周期指标值[:：](?P<period>(?:(?!年度指标值).){0,200}?)[；;]年度指标值[:：](?P<target>(?:(?!实施周期指标值).){0,200}?)(?:。|$)(?=\d{1,4}[、.,]|$)"
)
_YEAR = regex(r"(20\d\d)年")
_MONEY = r"[\d,]{1,20}\.\d{2}"
_AMOUNTS = regex(rf"^(?P<name>.*?)\s{{0,9}}(?P<amounts>{_MONEY}(?:\s{{1,99}}{_MONEY}){{1,3}})\s*$")


class Approved(NamedTuple):
    """One approved indicator."""

    group: Group
    label: str  # 一级指标 as printed
    kind: str
    name: str
    period: str  # of the whole 实施周期
    target: str  # of the year


class Project(NamedTuple):
    """One project: money in 万元 by source, its goal, its indicators; `total` None and no `sources` if not known yet.

    `unit` is named where the table has units of its own.
    """

    name: str
    total: Decimal | None
    sources: Mapping[str, Decimal]
    goal: str
    indicators: tuple[Approved, ...]
    unit: str = ""


class Targets(NamedTuple):
    """A 绩效目标表; `stated` is the printed sum of all projects, `year` that of its head; None where not printed."""

    department: str
    stated: Decimal | None
    projects: tuple[Project, ...]
    year: int | None = None


def read_targets(path: Path) -> Targets:
    """The table in a workbook or a text file; raises `FileRejected` or `FormNotRecognised`."""
    if path.suffix.lower() == ".txt":
        return from_text(read_text(path))
    book = read_book(read_file(path))
    sheets = [book.sheet(info) for info in book.sheets if not info.hidden]
    for sheet in sheets:
        if found := _from_sheet(sheet):
            return found
    if found := _from_draft(sheets):
        return found
    raise FormNotRecognised("找不到“绩效目标”“绩效指标”两列，不像绩效目标表；请核对文件，自评表请用 fill_form 填写")


def from_text(text: str) -> Targets:
    """The table as it is copied out of a published document: a project's lines begin with four blanks."""
    department, stated = "", None
    projects: list[Project] = []
    name, amounts, below = "", "", list[str]()
    for line in [*text.splitlines(), "    "]:
        if found := re.search(r"部门名称[:：]\s*(\S+)", line):
            department = found[1]
        opens = line.startswith("    ")
        if opens and amounts:
            projects.append(_project(name, amounts, "".join(below)))
            name, amounts, below = "", "", []
        said = _AMOUNTS.match(line.strip())
        if amounts:
            below.append(line.strip())
        elif opens or name:
            name += said["name"] if said else line.strip()
            amounts = said["amounts"] if said else ""
        elif said and said["name"] == "合计":
            stated = _number(said["amounts"].split()[0])
    if not projects:
        raise FormNotRecognised("找不到项目，不像绩效目标表；请核对文件，项目各行要以四个空格开头")
    head = text.partition("绩效指标")[0] if "绩效指标" in text else ""
    return Targets(department, stated, tuple(projects), _year(head))


def _from_sheet(sheet: Sheet) -> Targets | None:
    page = SheetText(sheet)
    words = {"name": ("项目名称",), "total": ("总计", "合计"), "goal": ("绩效目标",), "listed": ("绩效指标",)}
    words |= {source: (source,) for source in SOURCES}
    heading = next((row for row in page.rows if page.in_row(row, "绩效目标") and page.in_row(row, "绩效指标")), None)
    if heading is None:
        return None
    found = {word: [page.in_row(heading, label) for label in spelled] for word, spelled in words.items()}
    columns = {word: next(cell[1] for cell in cells if cell) for word, cells in found.items() if any(cells)}
    above = "".join(sheet.text(cell) for row in page.rows if row < heading for cell in page.rows[row])
    department = re.search(r"部门名称[:：]\s*([^\s（(单]+)", above)
    stated, projects = None, []
    for row in (row for row in page.rows if row > heading):
        said = {word: sheet.text((row, column)).strip() for word, column in columns.items()}
        amounts = " ".join(said.get(word) or "0.00" for word in ("total", *SOURCES))
        if said["name"] == "合计":
            stated = _number(said["total"])
        elif said.get("listed"):
            projects.append(_project(said["name"], amounts, said.get("goal", ""), said["listed"]))
    named = department[1] if department else ""
    return Targets(named, stated, tuple(projects), _year(above)) if projects else None


class _Line(NamedTuple):
    """A row of the draft: its words by column, and where they stand."""

    said: Mapping[str, str]
    where: Mapping[str, str]


def _lines(sheet: Sheet, columns: Mapping[str, str], needed: str) -> tuple[str, list[_Line]]:
    """What stands above the table with these columns, and its rows; nothing where the sheet has no column `needed`."""
    page = SheetText(sheet)
    both = (columns[needed], columns["project"])
    heading = next((row for row in page.rows if all(page.in_row(row, title) for title in both)), None)
    if heading is None:
        return "", []
    above = "".join(sheet.text(cell) for row in page.rows if row < heading for cell in page.rows[row])
    places = {word: cell[1] for word, title in columns.items() if (cell := page.in_row(heading, title))}
    found = []
    for row in (row for row in page.rows if row > heading):
        said = {word: " ".join(sheet.text((row, column)).split()) for word, column in places.items()}
        where = {word: sheet.address((row, column)) for word, column in places.items()}
        if not any(said.values()) or page.in_row(row, "合计"):
            continue
        if not said["project"]:
            raise FormNotRecognised(f"{where['project']} 没有写项目名称，不知道这一行是哪个项目的")
        found.append(_Line({word: said.get(word, "") for word in columns}, where))
    return above, found


def _from_draft(sheets: Iterable[Sheet]) -> Targets | None:
    """The filled draft of next year's targets; None where there is none."""
    above, rows, projects = "", list[_Line](), list[_Line]()
    for sheet in sheets:
        head, found = _lines(sheet, DRAFT, "target")
        above, rows = above + head, rows + found
        projects += _lines(sheet, DRAFT_PROJECTS, "goal")[1]
    if not rows:
        return None
    money = {_key(line, ()): line for line in projects}
    indicators: dict[tuple[str, str], list[Approved]] = {key: [] for key in money}
    for line in rows:
        indicators.setdefault(_key(line, money), []).append(_planned(line))
    made = tuple(_with_money(key, money.get(key), listed) for key, listed in indicators.items())
    units = {project.unit for project in made}
    return Targets(units.pop() if len(units) == 1 else "", None, made, _year(above))


def _key(line: _Line, known: Collection[tuple[str, str]]) -> tuple[str, str]:
    """What tells a project: its unit and its name, or its name where only one unit has a project of it."""
    unit, name = line.said["unit"], line.said["project"]
    units = [one for one, other in known if other == name]
    return (units[0] if not unit and len(units) == 1 else unit), name


def _planned(line: _Line) -> Approved:
    """An indicator of the draft; a bare figure is in the unit of its row."""
    label, target = line.said["label"], line.said["target"]
    group = next((name for name, words in USUAL_GROUPS.items() if any(word in label for word in words)), None)
    if group is None:
        where, said = line.where.get("label", ""), f"写“{label}”" if label else "是空的"
        raise FormNotRecognised(f"{where} 一级指标{said}，要写产出指标、效益指标或满意度指标；不考核的请删去这一行")
    if not line.said["name"]:
        raise FormNotRecognised(f"{line.where.get('name', '')} 没有写三级指标；不考核的请删去这一行")
    kind = normalize(line.said["kind"])
    kind = KINDS.get(kind, kind)
    whole = target_words(
        Indicator(group=group, kind=kind, name=line.said["name"], target=target, unit=line.said["measure"])
    )
    return Approved(cast("Group", group), label, kind, line.said["name"], whole, whole)


def _with_money(key: tuple[str, str], line: _Line | None, indicators: list[Approved]) -> Project:
    """A project of the draft; a source beside one that is filled in is 0, and with none of them nothing is known."""
    words = {source: line.said[source] for source in SOURCES if line.said[source]} if line else {}
    for source, said in words.items():
        if line and _number(said) is None:
            raise FormNotRecognised(
                f"{line.where[source]} {DRAFT_PROJECTS[source]}写“{said}”，不是数；请只写多少万元，如 240"
            )
    sources = {source: _number(words.get(source, "0")) or Decimal(0) for source in SOURCES} if words else {}
    total = sum(sources.values(), Decimal(0)) if words else None
    goal = line.said["goal"] if line else ""
    return Project("".join(key[1].split()), total, sources, goal, tuple(indicators), key[0])


def _year(head: str) -> int | None:
    found = _YEAR.search("".join(head.split()))
    return int(found[1]) if found else None


def _project(name: str, amounts: str, text: str, listed: str | None = None) -> Project:
    goal, indicators = text, listed
    if indicators is None:
        start = re.search(r"1[、.][123]-", text)
        goal, indicators = (text[: start.start()], text[start.start() :]) if start else (text, "")
    numbers = [_number(amount) or Decimal(0) for amount in amounts.split()]
    sources = dict(zip(SOURCES, [*numbers[1:], *[Decimal(0)] * 3], strict=False))
    return Project("".join(name.split()), numbers[0], sources, "".join(goal.split()), tuple(_approved(indicators)))


def _approved(text: str) -> Iterator[Approved]:
    for found in _INDICATOR.finditer("".join(text.split())):
        kind = KINDS.get(found["kind"], found["kind"])
        yield Approved(GROUPS[found["group"]], found["label"], kind, found["name"], found["period"], found["target"])


def _number(words: str) -> Decimal | None:
    quantity = read_quantity(words)
    return quantity.number if quantity and not quantity.unit else None


def sum_of_projects(targets: Targets) -> Decimal | None:
    """The money of all projects, None if that of one is not known."""
    totals = [project.total for project in targets.projects]
    return None if None in totals else sum((one for one in totals if one is not None), Decimal(0))


def questions(targets: Targets, scheme: Scheme) -> Iterator[tuple[str, str]]:
    """Project and sentence of everything doubtful: sums, kinds that are missing, targets that cannot be measured."""
    total = sum_of_projects(targets)
    if targets.stated is not None and total is not None and targets.stated != total:
        yield "", f"合计写 {targets.stated}，{len(targets.projects)} 个项目相加是 {plain(total)}"
    for project in targets.projects:
        parts = sum(project.sources.values(), Decimal(0))
        if project.total is None:
            yield project.name, "没有填下年的预算；请在“项目”一页填写"
        elif parts != project.total:
            yield project.name, f"总计 {project.total}，各来源相加是 {plain(parts)}"
        if not project.indicators:
            yield (
                project.name,
                "没有读出指标；每个指标要写成“1、1-产出指标；11-数量指标；名称；实施周期指标值:…；年度指标值:…。”",
            )
        if blank := [f"“{one.name}”" for one in project.indicators if not one.target]:
            yield project.name, f"{''.join(blank)}没有年度指标值；请填写"
        if not project.goal:
            yield project.name, "没有写绩效目标；请填写"
        for finding in doubts(project, scheme):
            yield project.name, f"{finding.level} {finding.code}  {finding.message}"


def approved(table: Targets) -> Callable[[Sheet, Placement, Scores, int], list[Finding]]:
    """What of a returned form is not as approved: targets that differ, indicators that are missing or new."""
    return partial(_differing, table)


def _differing(table: Targets, sheet: Sheet, placement: Placement, *_: object) -> list[Finding]:
    form = read_form(sheet, placement)
    name = normalize(form.texts.get("texts.project", ""))
    project = next((one for one in table.projects if normalize(one.name) == name), None)
    return list(_not_approved(form, project)) if project else []


def _not_approved(form: Form, project: Project) -> Iterator[Finding]:
    rows = {normalize(row.name): (f"indicators.{n}", row) for n, row in enumerate(form.indicators, 1) if row.name}
    for one in project.indicators:
        field, row = rows.pop(normalize(one.name), ("", None))
        if row is None:
            yield Finding(NOT_APPROVED, "", f"批复的指标“{one.name}”（{one.target}）表上没有；请补上", ERROR)
            continue
        said = target_words(row)
        own, given = read_target(said), read_target(one.target)
        same = normalize(said) == normalize(one.target) or (own is not None and own == given)
        if own and given and given.op is None and row.op is not None:  # the sign in its own column was not approved
            same = own.quantity == given.quantity
        if not same:
            yield Finding(
                NOT_APPROVED, f"{field}.target", f"填“{said}”，批复的是“{one.target}”；请改回批复的指标值", ERROR
            )
    for field, row in rows.values():
        if not names_nothing(row.name) and (row.target or row.actual) and not OWN_ROW.search(row.name):
            said = " ".join(row.name.split())
            yield Finding(NOT_APPROVED, f"{field}.name", f"“{said}”不在批复的绩效目标表里；请核对", ERROR)


def doubts(project: Project, scheme: Scheme) -> list[Finding]:
    """What the checks of forms find in targets alone."""
    form = Form(budget={}, indicators=tuple(_row(one) for one in project.indicators))
    found = run_checks(form, Scores({}, None, None), scheme)
    return [finding for finding in found if _WHEN_TARGETS_ONLY.fullmatch(finding.code) and finding.level == HINT]


def _row(one: Approved) -> Indicator:
    return Indicator(
        group=one.group, kind=one.kind, name=one.name, target=one.target, label=one.label, period=one.period
    )
