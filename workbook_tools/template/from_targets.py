"""Forms made ready from approved targets: the empty form of a scheme with project, money, indicators and weights."""

from __future__ import annotations

from decimal import Decimal

from openpyxl.workbook import Workbook

from workbook_tools.errors import FileRejected
from workbook_tools.excel.loading import put_text
from workbook_tools.forms.form import Field
from workbook_tools.schemes.scheme import Group, Scheme
from workbook_tools.targets import Approved, Project, Targets
from workbook_tools.template.workbook import form_workbook, rows_drawn, workbook_bytes
from workbook_tools.text import visible, wrong_in_cell
from workbook_tools.values import normalize, read_quantity, round_half_up

TEN_THOUSAND = Decimal(10_000)
NOTHING = "无"
_CALLED = {
    "unit": "部门名称",
    "project": "项目名称",
    "goal": "绩效目标",
    "kind": "二级指标",
    "name": "三级指标",
    "target": "指标值",
}


def ready_form(targets: Targets, project: Project, scheme: Scheme) -> bytes:
    """The form of one project of the table; raises `FileRejected` where its words do not fit into a form."""
    workbook = form_workbook(scheme, targets.year)
    _Ready(workbook, scheme).fill(targets.department, project)
    return workbook_bytes(workbook)


class _Ready:
    """One empty form being filled in by the names of its fields."""

    def __init__(self, workbook: Workbook, scheme: Scheme) -> None:
        self.workbook, self.scheme = workbook, scheme
        self.rows = self._rows()

    def fill(self, department: str, project: Project) -> None:
        """Puts a project into the form."""
        self._put("texts.unit", project.unit or department)
        self._put("texts.project", project.name)
        self._put("texts.goal", project.goal)
        self._put("texts.goal.2", f"{self._said('texts.goal.2')}{project.goal}")
        self._money(project)
        for group in self.scheme.groups:
            if group.weights in ("printed", "equal", "shared"):
                self._group(group, [one for one in project.indicators if self._belongs(one, group)])

    def _belongs(self, one: Approved, group: Group) -> bool:
        """满意度 goes to 效益 where the scheme has no group of its own for it."""
        names = {group.name for group in self.scheme.groups}
        return (one.group if one.group in names else "benefit") == group.name

    def _money(self, project: Project) -> None:
        if project.total is None:
            return
        unit = TEN_THOUSAND if self.scheme.unit == "元" else Decimal(1)
        fiscal, other = project.sources["财政拨款"], project.total - project.sources["财政拨款"]
        for amount in ("initial", "revised"):
            if f"sources.1.{amount}" in self.workbook.defined_names:
                self._put(f"sources.1.{amount}", fiscal * unit)
                self._put(f"sources.{self._last_source()}.{amount}", other * unit if other else None)
            elif amount == "initial":
                self._put("budget.initial", project.total * unit)

    def _last_source(self) -> int:
        return max(int(name.split(".")[1]) for name in self.workbook.defined_names if name.startswith("sources."))

    def _group(self, group: Group, approved: list[Approved]) -> None:
        free = [row for row in self.rows if self._group_of(row) == group.name]
        taken: list[Field] = []
        for one in approved:
            fitting = [row for row in free if normalize(self._said(f"{row}.kind")) == one.kind]
            blank = [row for row in free if not self._said(f"{row}.kind")]
            row = next(iter([*fitting, *blank, *free]), None)
            if row is None:
                break
            free.remove(row)
            taken.append(row)
            self._indicator(row, one)
        if group.weights == "equal":  # a kind that is not used must say so: it is not counted in m
            for row in free:
                if self._said(f"{row}.kind"):
                    self._put(f"{row}.name", NOTHING)
        elif group.weights == "printed" and group.points is not None and len(self.scheme.together(group)) == 1:
            for row, weight in zip(taken, spread(group.points, len(taken), self.scheme.places), strict=True):
                self._put(f"{row}.weight", weight)

    def _indicator(self, row: Field, one: Approved) -> None:
        self._put(f"{row}.kind", one.kind)
        quantity = read_quantity(one.target)
        split = f"{row}.unit" in self.workbook.defined_names
        self._put(f"{row}.name", one.name)
        self._put(f"{row}.target", quantity.number if quantity and not quantity.unit and not split else one.target)

    def _rows(self) -> list[Field]:
        names = [
            name for name in self.workbook.defined_names if name.startswith("indicators.") and name.endswith(".name")
        ]
        return [name.removesuffix(".name") for name in names]

    def _group_of(self, row: Field) -> str:
        """The group of a row, by its label; a block that is one group has none."""
        number = int(row.rpartition(".")[2])
        before = 0
        for group, count in rows_drawn(self.scheme).items():
            if before < number <= before + count:
                return group
            before += count
        return ""

    def _place(self, field: Field) -> tuple[str, str] | None:
        name = self.workbook.defined_names.get(field)
        if name is None:
            return None
        sheet, _, address = str(name.attr_text).rpartition("!")
        return sheet.strip("'"), address.replace("$", "")

    def _said(self, field: Field) -> str:
        place = self._place(field)
        return str(self.workbook[place[0]][place[1]].value or "") if place else ""

    def _put(self, field: Field, value: Decimal | str | None) -> None:
        place = self._place(field)
        if place is None or value is None:
            return
        cell = self.workbook[place[0]][place[1]]
        if isinstance(value, Decimal):
            cell.value = float(value)
        elif why := wrong_in_cell(value):
            called = _CALLED.get(field.rstrip("0123456789.").rpartition(".")[2], field)
            raise FileRejected("E_TEXT", f"{called}“{visible(value[:20])}……”{why}")
        else:
            put_text(cell, value)  # an approved target is never a formula


def spread(points: Decimal, count: int, places: int) -> list[Decimal]:
    """Points shared out evenly and rounded; the last row takes what rounding left over, so that they make the whole."""
    if not count:
        return []
    each = round_half_up(points / count, places)
    return [*[each] * (count - 1), points - each * (count - 1)]
