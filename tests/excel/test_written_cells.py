"""What filling has written, checking never calls an error: both go by one idea of rules, caps, rounding and rows."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache, partial
from random import Random

import pytest

from paper import EXAMPLES, NATIONAL, ZHONGSHAN, PaperSheet, example, type_into
from printed import OFFICIAL, drawn
from workbook_tools.checks import ERROR, run_checks
from workbook_tools.errors import FormNotRecognised
from workbook_tools.excel.joined_sheet import JoinedSheet
from workbook_tools.excel.sheet import Sheet
from workbook_tools.fill import fill_sheet
from workbook_tools.forms.form import Field
from workbook_tools.forms.placement import Placement
from workbook_tools.forms.placing import place
from workbook_tools.forms.reading import read_form
from workbook_tools.schemes.loading import form_names, load_scheme
from workbook_tools.schemes.scheme import Scheme
from workbook_tools.scoring import score
from workbook_tools.values import plain, read_points

# Every form that is drawn anywhere, as published: its name → its scheme and its sheet.
FORMS: dict[str, tuple[str, Callable[[], Sheet]]] = {
    "national": ("national_2020", lambda: PaperSheet(NATIONAL)),
    "zhongshan": ("zhongshan_2022", lambda: PaperSheet(ZHONGSHAN)),
}
FORMS |= {name: (scheme, lambda name=name: drawn(name).sheet) for name, scheme in OFFICIAL.items()}  # type: ignore[misc]
OF_EXAMPLE = {"guangzhou_12345_2021": "guangzhou_2021", "zhongshan_12345_2022": "zhongshan_2022"}
for path in EXAMPLES.glob("*.txt"):
    scheme_name = OF_EXAMPLE.get(path.stem, path.stem)
    scheme_name = scheme_name if scheme_name in form_names() else f"{path.stem.partition('_')[0]}"
    named = [name for name in form_names() if name in (scheme_name, f"{scheme_name}_2020")]
    if named:
        FORMS[path.stem] = (named[0], partial(example, path.stem))
ROUNDS = 75  # of each form; the large ones fewer
LARGE = 500  # fields

# ── what people type, with what they should not type among it ──
SIGNS = ["", "", "≥", "≤", "=", ">", "<"]
UNITS = ["", "", "%", "%", "人", "次", "万元", "元/人", "天", "个月"]
TARGETS = ["100", "99", "95", "90", "5", "3", "1", "0", "200", "33.3", "114", "2200", "0.95", "12"]
REACHED = ["1", "1", "0.9999", "0.9993", "1.0001", "0.98", "0.9", "0.5", "1.3", "1.5", "2", "0"]
WORDS = [
    *(
        ("健全", "达成预期指标"),
        ("制度健全并落实", "部分达成年度指标"),
        ("明显", "未达成"),
        ("9月前", "10月"),
        ("9月前", "8月"),
    ),
    *(("11月底前", "11月"), ("≥95%", ""), ("", "95%"), ("≥200人", "200余人"), ("200人", "约一百"), ("无", "无")),
    *(("≥95%", "94%，达到年度指标值"), ("≥95%", "96"), ("20万元", "18.5"), ("≥3起", "#DIV/0!")),
]
NAMES = [
    "培训人数",
    "合格率",
    "系统故障率",
    "投诉次数",
    "投诉处理率",
    "成本控制率",
    "单位成本",
    "满意度",
    "无",
    "",
    "—",
]
NAMES += ["指标1：", "其中：市级", "★开展活动", "预算完成率", "资金支出率", "话务接通率"]
KINDS = ["数量指标", "质量指标", "时效指标", "成本指标", "社会效益指标", "服务对象满意度指标"]
REASONS = [
    "",
    "",
    "无",
    "报名人数不足，下年提前组织",
    "每下降1%（不足1%按1%计算）扣0.3分",
    "每下降1%扣0.3分",
    "酌情扣2分",
]
REASONS += ["90%以上得10分，每降5%（不足5%按5%计算）扣1分", "少一人扣1分"]
HAPPENED = ["未发生扣分行为", "未发生扣分行为", "未发生扣分行为。", "无", "-", "已发生", "违规采购", ""]
AMOUNTS = ["0", "100", "98", "97.996", "100.5", "90", "81.33", "1200", "17,160,681.00", "33.335", "20万", "", "-10"]
POINTS = ["0", "1", "5", "8.5", "9.996", "10", "10.005", "12", "13.3333333333333", "40/3=13.33", "14", "25", "-5"]
TOTALS = ["98", "97.24", "100", "优", "未计算的公式"]


class Typist:
    """Types one form full at random: an orderly one, whose total can be worked out, or one with all kinds of slips."""

    def __init__(self, random: Random, scheme: Scheme, placement: Placement, sheet: Sheet) -> None:
        self.random, self.scheme, self.sheet = random, scheme, sheet
        self.cells = {field: cell for field, cell in placement.cells.items() if not field.startswith("headings.")}
        self.rows: dict[str, list[Field]] = {}
        for group, row in placement.rows:
            self.rows.setdefault(group, []).append(row)
        self.orderly = self.chance(50)

    def put(self, field: Field, words: str) -> None:
        if field in self.cells:
            type_into(self.sheet, self.cells[field], words)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def pick(self, words: list[str]) -> str:
        return self.random.choice(words)

    def fill_in(self) -> None:
        self.money()
        for group, rows in self.rows.items():
            if rows[0].startswith("deductions."):
                self.deductions(rows)
            else:
                self.group(group, rows)
        self.others()
        self.formulas()

    def money(self) -> None:
        for field in self.cells:
            table, _, column = field.partition(".")
            amount = column.rpartition(".")[2] in ("initial", "adjusted", "revised", "spent")
            if amount and table in ("budget", "sources") and not self.orderly and self.chance(60):
                self.put(field, self.pick(AMOUNTS))
            elif amount and table == "budget" and column != "adjusted" and self.chance(20):
                self.put(field, "" if self.chance(50) else self.pick(AMOUNTS[1:7]))
            elif table == "budget" and column in ("execution", "execution.score", "adjustment", "adjustment.score"):
                self.put(field, self.pick(POINTS) if self.chance(3) else "")
        self.put("budget.execution.weight", "10" if self.orderly else self.pick(POINTS))

    def group(self, group: str, rows: list[Field]) -> None:
        """The rows of a group: those in use, their weights, and the scores that people give."""
        used = [row for row in rows if self.chance(70)] or rows[:1]
        for row, weight in zip(rows, self.weights(group, rows, used), strict=True):
            if row in used:
                self.indicator(row)
            elif self.orderly:
                for column in ("target", "actual", "score", "rate", "coefficient"):
                    self.put(f"{row}.{column}", "")
                self.put(f"{row}.name", self.pick(["无", "—"]))
                self.put(f"{row}.weight", "")
                continue
            if self.chance(95):
                self.put(f"{row}.weight", weight)
            score = self.pick([weight, weight, plain((read_points(weight) or Decimal(1)) * 9 / 10)])
            given = 75 if self.scheme.general else 20
            self.put(f"{row}.score", (score if self.chance(85) else self.pick(POINTS)) if self.chance(given) else "")
            if self.chance(80):
                self.put(f"{row}.rate", "")

    def weights(self, group: str, rows: list[Field], used: list[Field]) -> list[str]:
        """The points of the group, given to its rows evenly, unevenly, or carelessly."""
        groups = {one.name: one.points for one in self.scheme.groups if one.name in self.rows}
        whole = Decimal(90 if "budget.execution.score" in self.cells else 100)
        alike = sum(one or 0 for one in groups.values()) == whole  # else the form lacks a group, or has its own points
        points = (groups.get(group) if alike else None) or whole / len(self.rows)
        how, given, weights = self.random.randrange(3 if self.orderly else 4), Decimal(0), []
        for row in rows:
            even = points / len(used)
            if row not in used:
                weight = "" if self.orderly else self.pick(["", "-", "0"])
            elif how == 0:
                weight = plain(even.quantize(Decimal("0.01")))
            elif how == 1:
                weight = str(float(even))
            elif how == 2:
                part = (even * self.random.randrange(500, 1500) / 1000).quantize(Decimal("0.001"))
                weight = plain(points - given if row == used[-1] else part)
                given += part
            else:
                weight = self.pick(POINTS)
            weights.append(weight)
        return weights

    def indicator(self, row: Field) -> None:
        if self.orderly or self.chance(40):
            self.put(f"{row}.name", self.pick(NAMES[:8] if self.orderly else NAMES))
        if self.chance(20):
            self.put(f"{row}.kind", self.pick(KINDS))
        if self.orderly or self.chance(75):
            unit, wanted = self.pick(UNITS), self.pick(TARGETS)
            if self.orderly:
                unit, wanted = self.pick(UNITS[:8]), self.pick(TARGETS[:7])
            sign = self.pick(["≥", "≥", "≥", "≥", "≥", "≤"] if self.orderly else SIGNS)
            reached = plain((Decimal(wanted) * Decimal(self.pick(REACHED))).quantize(Decimal("0.0001")))
            target, actual = f"{sign}{wanted}{unit}", f"{reached}{unit}"
        else:
            target, actual = self.random.choice(WORDS)
        self.put(f"{row}.target", target)
        self.put(f"{row}.actual", actual)
        self.put(f"{row}.op", "" if self.orderly else self.pick([*SIGNS, "定性", "正向", "反向"]))
        self.put(f"{row}.unit", "" if self.orderly else self.pick(["", "%", "人"]))
        self.put(f"{row}.reason", self.pick(REASONS))
        self.put(f"{row}.criteria", self.pick(REASONS) if self.chance(50) else "")
        self.put(f"{row}.coefficient", self.pick(["100", "100%", "94.74", "0.5", "72.74%"]))

    def deductions(self, rows: list[Field]) -> None:
        for row in rows:
            self.put(f"{row}.rate", HAPPENED[0] if self.orderly and self.chance(95) else self.pick(HAPPENED))
            self.put(f"{row}.score", self.pick(["0", "-5", "-10", "5", "-3.335"]) if self.chance(20) else "")

    def others(self) -> None:
        for field in self.cells:
            table, last = field.partition(".")[0], field.rpartition(".")[2]
            if table == "evaluators" and last.isdecimal() and self.chance(0 if self.orderly else 30):
                self.put(field, self.pick(POINTS))
            elif table == "tables" and last not in ("month", "rate") and self.chance(0 if self.orderly else 10):
                self.put(field, str(self.random.randrange(100, 5000)))
            elif table in ("tables", "evaluators") and last in ("rate", "average") and self.chance(70):
                self.put(field, "")
            elif table in ("groups", "subtotal", "total"):
                self.put(field, self.pick(TOTALS) if self.chance(3) else "")

    def formulas(self) -> None:
        """Some of the cells that filling may write hold live formulas, whose figures are out of date."""
        first = self.sheet.parts[0][1] if isinstance(self.sheet, JoinedSheet) else self.sheet
        assert isinstance(first, PaperSheet)
        computed = [field for field in self.cells if field.endswith(("score", "total", ".weight", ".rate"))]
        for field in computed if self.chance(20) else []:
            if self.chance(40):
                first.formulas.add(self.cells[field])
                if self.chance(50):
                    self.put(field, self.pick(["99", "未计算的公式"]))


def accused(name: str, number: int) -> list[str]:
    """The errors that checking finds in cells that filling has just written, of one random filling of a form."""
    scheme_of_form, drawn = FORMS[name]
    scheme, sheet = load_scheme(scheme_of_form), drawn()
    typist = Typist(Random(f"{name} {number}"), scheme, placed(name), sheet)
    typist.fill_in()
    try:
        filled = fill_sheet(sheet, scheme, overwrite=typist.chance(20))
    except FormNotRecognised:  # a word that holds the form together was typed over
        return []
    form = read_form(sheet, filled.placement, closely=True)
    written = {change.field: change for change in filled.changes if change.outcome == "written"}
    COUNTED.append(set(written))
    return [
        f"{name} {number}: {finding.code} {finding.at} {written[finding.at].after}: {finding.message}"
        for finding in run_checks(form, score(form, scheme), scheme)
        if finding.level == ERROR and finding.at in written
    ]


@cache
def placed(name: str) -> Placement:
    """Where the fields of a form are."""
    scheme, form = FORMS[name]
    return place(form(), load_scheme(scheme))


COUNTED: list[set[Field]] = []  # what was written into each form


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMS)
def test_no_check_accuses_a_cell_that_filling_wrote(name: str) -> None:
    rounds = ROUNDS if len(placed(name).cells) < LARGE else ROUNDS // 9
    assert [said for number in range(rounds) for said in accused(name, number)] == []
