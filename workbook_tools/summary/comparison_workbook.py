"""对比表: a workbook of what a comparison finds, of what a person is asked, and of what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from statistics import fmean

from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

from workbook_tools.checks.compared import ComparedForm, YearPair, measures
from workbook_tools.errors import FileRejected
from workbook_tools.excel import read_book, read_file
from workbook_tools.excel.loading import written
from workbook_tools.summary.charts import ChartSheet
from workbook_tools.summary.comparison import Comparison, Difference
from workbook_tools.summary.pairs import INDICATOR, PROJECT, Answers, Question, in_folder
from workbook_tools.summary.tables import HEAD, Column, Link, Value, official_table, sum_of
from workbook_tools.values import HUNDRED, normalize

FOUND, ASKED, PROJECTS, INDICATORS, LEFT = "问题", "待确认配对", "项目对比", "指标对比", "没有配对"
UNITS, CHARTS, UNREAD, NOTES = "单位", "统计", "没有读", "说明"
YES, NO = "是", "否"
SAME = "是不是同一个"
ASKED_COLUMNS = (
    Column("什么", "word"),
    Column(SAME, "word", 10, asked=True),
    Column("上年单位、项目", widest=28),
    Column("上年指标", widest=22),
    Column("上年指标值、完成值", widest=16),
    Column("今年单位、项目", widest=28),
    Column("今年指标", widest=22),
    Column("今年指标值、完成值", widest=16),
    Column("相似", "percent", 8),
    Column("为什么问", widest=16),
)
KEY_COLUMNS = (  # by which the answers are found again; not printed
    Column("上年文件", widest=24),
    Column("上年工作表", widest=12),
    Column("今年文件", widest=24),
    Column("今年工作表", widest=12),
)
FOUND_COLUMNS = (
    Column("级别", "word"),
    Column("代码", "word"),
    Column("检查", widest=20),
    Column("单位", widest=18),
    Column("项目", widest=20),
    Column("单元格", "word", 9),
    Column("发现", widest=50),
    Column("文件", widest=16),
    Column("对照文件", widest=16),
    Column("对照格", "word", 9),
)
PROJECT_COLUMNS = (
    *(Column("单位", widest=24), Column("项目", widest=30), Column("上年预算", "money"), Column("今年预算", "money")),
    *(Column("上年支出", "money"), Column("今年支出", "money"), Column("上年执行率", "percent")),
    *(Column("今年执行率", "percent"), Column("上年总分", "points"), Column("今年总分", "points")),
    *(
        Column("增减", "points"),
        Column("上年等级", "word"),
        Column("今年等级", "word"),
        Column("今年文件", widest=24),
    ),
)
INDICATOR_COLUMNS = (
    *(Column("单位", widest=22), Column("项目", widest=26), Column("指标", widest=28)),
    *(Column("上年指标值", widest=16), Column("上年完成值", widest=16)),
    *(Column("今年指标值", widest=16), Column("今年完成值", widest=16), Column("今年位置", widest=14)),
)
LEFT_COLUMNS = (
    Column("哪一年", "word"),
    Column("单位", widest=26),
    Column("项目", widest=40),
    Column("文件", widest=40),
)
EXPLAINED = (
    ("级别", "提示：要核对、可能要改；信息：值得知道，不一定要改；未核对：缺了写明的方向或单位，没有比"),
    (
        "待确认配对",
        "名称相近的项目、指标，不当作同一个。请在“是不是同一个”一列写“是”或“否”，保存，再运行一次同样的命令",
    ),
    ("没有配对", "两年里只有一年有的项目；在“待确认配对”里写“是”的，再运行一次就配对了"),
    ("总分、等级", "单位自己填的；没有填的，是按办法计算的，不是自评，“自评减审核”不算它"),
    ("方向", "指标值松紧只按表上写的“≥”“≤”；没有写的列为“未核对”，不从名称猜"),
    ("检查的说明", "每项检查为什么查、怎么改：workbook_tools explain 代码，如 workbook_tools explain C102"),
    ("金额", "万元；空白的是表上没有、没有填或者无法读取的，不当作 0"),
)


def comparison_workbook(compared: Comparison, answers: Answers, beside: Path) -> bytes:
    """The workbook; links are relative to the folder `beside` in which it is written."""
    workbook = Workbook(write_only=True)
    years = compared.last is not None
    how = f"共 {len(compared.differences)} 条：{_counts(compared.differences)}" if compared.differences else "没有发现"
    rows = (_found(one) for one in compared.differences)
    title = "两年对比发现的问题" if years else "各单位对比发现的问题"
    official_table(workbook.create_sheet(FOUND), title, FOUND_COLUMNS, rows, note=how, beside=beside)
    if years:
        _years(workbook, compared, answers, beside)
    _units(workbook.create_sheet(UNITS), compared)
    _charts(workbook.create_sheet(CHARTS), compared)
    unread = (Column("文件", widest=40), Column("原因", widest=80))
    official_table(workbook.create_sheet(UNREAD), "没有读的文件", unread, compared.unread)
    notes = (Column("项", widest=14), Column("说明", widest=100))
    official_table(workbook.create_sheet(NOTES), "说明", notes, EXPLAINED)
    return written(workbook)


def _counts(found: Iterable[Difference]) -> str:
    counted = Counter(one.level for one in found)
    return "，".join(f"{level} {count}" for level, count in sorted(counted.items()))


def _found(one: Difference) -> tuple[Value | Link, ...]:
    other = Link(one.other.file, one.other_cell, Path(one.other.file).name) if one.other else ""
    cell = _short(one.cell)
    return (
        one.level,
        one.check.code,
        one.check.title,
        one.form.unit,
        one.form.project,
        Link(one.form.file, one.cell, cell) if cell else "",
        one.message,
        Link(one.form.file, one.cell, Path(one.form.file).name),
        other,
        _short(one.other_cell),
    )


def _short(cell: str) -> str:
    """A cell as people write it, without the sheet."""
    return cell.rpartition("!")[2]


def _years(workbook: Workbook, compared: Comparison, answers: Answers, beside: Path) -> None:
    pairs = compared.pairs
    sheet = workbook.create_sheet(ASKED)
    choice = DataValidation(type="list", formula1=f'"{YES},{NO}"', allow_blank=True)
    choice.add(f"C{HEAD + 1}:C{HEAD + max(len(pairs.asked), 1)}")
    sheet.data_validations.append(choice)
    waiting = sum(question.key not in answers for question in pairs.asked)
    official_table(
        sheet,
        "待确认的配对",
        (*ASKED_COLUMNS, *KEY_COLUMNS),
        (_asked(question, answers) for question in pairs.asked),
        note=f"共 {len(pairs.asked)} 对，{waiting} 对还没有写“是”或“否”；写在黄色的一列里，保存后再运行一次",
        printed=len(ASKED_COLUMNS),
    )
    total = ["", f"{len(pairs.pairs)} 个项目", *_sums(pairs.pairs), *[None] * 7, ""]
    official_table(
        workbook.create_sheet(PROJECTS),
        "项目两年对比表",
        PROJECT_COLUMNS,
        map(_project, pairs.pairs),
        note="单位：万元、分",
        total=total,
        beside=beside,
    )
    official_table(
        workbook.create_sheet(INDICATORS),
        "指标两年对比表",
        INDICATOR_COLUMNS,
        (row for pair in pairs.pairs for row in _indicators(pair)),
        beside=beside,
    )
    open_questions = [one for one in pairs.asked if one.key not in answers]
    asked = {(form.file, form.sheet) for one in open_questions for form in (one.last, one.this)}
    lone = [("上年", "上年有，今年没有", form) for form in pairs.gone]
    lone += [("今年", "今年有，上年没有", form) for form in pairs.new]
    rows = (
        (
            f"{year}的，待确认配对" if (form.file, form.sheet) in asked else words,
            form.unit,
            form.project,
            Link(form.file),
        )
        for year, words, form in lone
    )
    official_table(workbook.create_sheet(LEFT), "没有配对的项目", LEFT_COLUMNS, rows, beside=beside)


def _asked(question: Question, answers: Answers) -> tuple[Value | Link, ...]:
    said = answers.get(question.key)
    rows = [
        (row.name, "\n".join(one for one in (row.wanted, row.reached) if one)) if row else ("", "")
        for row in (question.last_row, question.this_row)
    ]
    last, this = question.last, question.this
    return (
        question.what,
        "" if said is None else YES if said else NO,
        *(_who(last), *rows[0], _who(this), *rows[1]),
        Decimal(question.percent) / HUNDRED,
        question.why,
        *(in_folder(last.file), last.sheet, in_folder(this.file), this.sheet),
    )


def _who(form: ComparedForm) -> str:
    return "\n".join(one for one in (form.unit, form.project) if one)


def _sums(pairs: Sequence[YearPair]) -> list[Value]:
    """Budget and spending of both years, where all of them are known."""
    columns = [
        [getattr(form, amount) for form in forms]
        for amount in ("budget", "spent")
        for forms in ([pair.last for pair in pairs], [pair.this for pair in pairs])
    ]
    return [None if not column or None in column else sum(column, Decimal(0)) for column in columns]


def _project(pair: YearPair) -> tuple[Value | Link, ...]:
    last, this = pair.last, pair.this
    change = None if last.total is None or this.total is None else this.total - last.total
    return (
        *(this.unit, this.project, last.budget, this.budget, last.spent, this.spent),
        *(_share(last.execution), _share(this.execution), last.total, this.total, change),
        *(last.grade, this.grade, Link(this.file, shown=Path(this.file).name)),
    )


def _share(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else percent / HUNDRED


def _indicators(pair: YearPair) -> Iterator[tuple[Value | Link, ...]]:
    for last, this in pair.rows:
        name = this.name if last.name == this.name else f"{this.name}（上年：{last.name}）"
        cell = pair.this.cell(f"{this.field}.name")
        where = Link(pair.this.file, cell, _short(cell)) if cell else ""
        yield (pair.this.unit, pair.this.project, name, last.wanted, last.reached, this.wanted, this.reached, where)


def _units(sheet: object, compared: Comparison) -> None:
    """A row a unit: its forms, points, grades, money, what was found, and by how much it rates itself too high."""
    by_unit = _by_unit(compared.forms)
    found = Counter(one.form.owner for one in compared.differences)
    rows = [_unit(forms, found[key]) for key, forms in by_unit.items()]
    rows.sort(key=lambda row: (-int(str(row[-1])), str(row[0])))
    best = measures()["names"]["best"]
    columns = (
        *(Column("单位", widest=40), Column("表数", "count"), Column("平均总分", "points"), Column(best, "count")),
        *(Column("其他等级", "count"), Column("预算（万元）", "money"), Column("支出（万元）", "money")),
        *(Column("执行率", "percent"), Column("自评减审核", "points"), Column("发现", "count")),
    )
    budget, spent = _known([form.budget for form in compared.forms]), _known([form.spent for form in compared.forms])
    total: list[Value] = [f"{len(rows)} 个单位", len(compared.forms), _mean(form.total for form in compared.forms)]
    total += [sum_of(row[3] for row in rows), sum_of(row[4] for row in rows), budget, spent]
    total += [spent / budget if budget and spent is not None else None, None, len(compared.differences)]
    official_table(sheet, "各单位情况表", columns, rows, total=total, note="发现多的在前；自评减审核是各表的平均")


def _by_unit(forms: Iterable[ComparedForm]) -> dict[str, list[ComparedForm]]:
    found: dict[str, list[ComparedForm]] = {}
    for form in forms:
        found.setdefault(form.owner, []).append(form)
    return found


def _unit(forms: Sequence[ComparedForm], found: int) -> list[Value]:
    best = measures()["names"]["best"]
    grades = Counter(form.grade[: len(best)] for form in forms if form.grade)
    budget, spent = _known([form.budget for form in forms]), _known([form.spent for form in forms])
    gaps = [form.own_total - form.review for form in forms if form.own_total is not None and form.review is not None]
    return [
        forms[0].unit or f"（没有写单位）{Path(forms[0].file).name}",
        len(forms),
        _mean(form.total for form in forms),
        grades[best] if grades else None,
        grades.total() - grades[best] if grades else None,
        budget,
        spent,
        spent / budget if budget and spent is not None else None,
        _mean(gaps),
        found,
    ]


def _known(values: Sequence[Decimal | None]) -> Decimal | None:
    """The sum, None where one of them is not known."""
    return None if not values or None in values else sum((one for one in values if one is not None), Decimal(0))


def _mean(values: Iterable[Decimal | None]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return fmean(known) if known else None


def _charts(sheet: object, compared: Comparison) -> None:
    """What was found by check and by unit, how far units rate themselves above their review, amount against score."""
    forms = compared.forms
    by_check: Mapping[str, int] = Counter(f"{one.check.code} {one.check.title}" for one in compared.differences)
    names = {form.owner: form.unit or Path(form.file).name for form in forms}
    by_unit: Mapping[str, int] = Counter(names[one.form.owner] for one in compared.differences)
    gaps: dict[str, list[Decimal]] = {}
    for form in forms:
        if form.own_total is not None and form.review is not None:
            gaps.setdefault(names[form.owner], []).append(form.own_total - form.review)
    means = {unit: sum(ones, Decimal(0)) / len(ones) for unit, ones in gaps.items()}
    charts = ChartSheet(sheet)
    for title, values in (
        ("各项检查的发现（条）", by_check),
        ("各单位的发现（条）", by_unit),
        ("自评分减审核分（分）", means),
    ):
        if values:
            charts.bars(title, values)
    points = [(form.budget, form.total) for form in forms if form.budget is not None and form.total is not None]
    charts.points("预算（万元，每格十倍）和总分", "预算（万元）", "总分", points)
    charts.write()


def is_comparison(path: Path) -> bool:
    """Whether a file is a 对比表; not where it cannot be read."""
    try:
        return {info.name for info in read_book(read_file(path)).sheets}.issuperset(
            (FOUND, UNITS, CHARTS, UNREAD, NOTES)
        )
    except FileRejected:
        return False


def read_answers(path: Path) -> Answers:
    """What a person has answered in a 对比表; raises `FileRejected` for one that has no such sheet, or other words."""
    book = read_book(read_file(path))
    info = next((info for info in book.sheets if info.name == ASKED), None)
    if info is None:
        raise FileRejected("E_KIND", f"{path}：没有“{ASKED}”这张工作表，不是两年的对比表")
    sheet = book.sheet(info)
    columns = {normalize(sheet.text((HEAD, at))): at for at in range(1, sheet.size[1] + 1)}
    keys = ("什么", "上年文件", "上年工作表", "今年文件", "今年工作表", "上年指标", "今年指标")
    if lacking := [word for word in (*keys, SAME) if word not in columns]:
        raise FileRejected("E_KIND", f"{path}“{ASKED}”第 {HEAD} 行没有“{'”“'.join(lacking)}”；请不要改动标题")
    answers: Answers = {}
    for row in range(HEAD + 1, sheet.size[0] + 1):
        said = normalize(sheet.text((row, columns[SAME])))
        if not said:
            continue
        if said not in (YES, NO):
            raise FileRejected("E_KIND", f"{path}“{ASKED}”第 {row} 行写的是“{said}”；请写“{YES}”或“{NO}”")
        key = tuple(sheet.text((row, columns[word])) for word in keys)
        if key[0] in (PROJECT, INDICATOR):
            answers[key] = said == YES
    return answers
