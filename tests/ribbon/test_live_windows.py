"""The live bridge over xlwings' own Windows engine, with stand-ins for pywin32 and Excel: what goes wrong before the
first write ends in the exit code by which the macros use a copy; after it, the cells are put back or named."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xlwings
from openpyxl import load_workbook
from openpyxl.styles import Font

import windows_excel
from made import examples
from places import ROOT, TESTS
from windows_excel import Application, Sheet, refused
from workbook_tools.commands import ribbon as cli_ribbon
from workbook_tools.commands.console import ExitCode
from workbook_tools.commands.main import main
from workbook_tools.excel import Book, live
from workbook_tools.excel.live import LiveBook, open_book
from workbook_tools.ribbon import actions
from workbook_tools.values import UNCALCULATED, Quantity

ZHONGSHAN = ROOT / "examples" / "zhongshan_12345_2022.xlsx"
GIVEN = {"E8": 0.0, "G8": 17160289.87 / 17160681}  # what the two formulas of the form give


@pytest.fixture
def excel(monkeypatch: pytest.MonkeyPatch) -> Application:
    return windows_excel.install(monkeypatch)


class Open(SimpleNamespace):
    """A form that is open in Excel, and the command that the macros start."""

    excel: Application
    path: Path
    answer: Path

    @property
    def sheet(self) -> Sheet:
        return self.excel.books[0].sheets[0]

    def start(self, action: str = "fill", *more: str) -> int:
        return main(["live", action, f"--answer={self.answer}", *more, *sys.argv[2:]])

    def said(self) -> str:
        rows = list(load_workbook(self.answer).worksheets[0].values)
        return "\n".join(str(value) for kind, _, _, value in rows if kind in ("say", "ask"))

    def shown(self) -> dict[tuple[int, int], tuple[Any, str, str]]:
        return {at: (cell.value, cell.formula, cell.shown_as) for at, cell in self.sheet.cells.items()}


@pytest.fixture
def form(excel: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    path = Path(shutil.copy(ZHONGSHAN, tmp_path / "自评 表.xlsx"))
    excel.open(path, GIVEN)
    arguments = [f"--wb={path.name}", f"--path={path}", "--from_xl=1", f"--hwnd={windows_excel.HWND}"]
    monkeypatch.setattr(sys, "argv", ["workbook_tools", "live", *arguments])
    return Open(excel=excel, path=path, answer=tmp_path / "answer.xlsx")


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("path", examples(), ids=lambda path: path.stem)
def test_the_open_book_reads_as_the_saved_one(path: Path, excel: Application) -> None:
    excel.open(path)
    live, saved = LiveBook(next(iter(xlwings.apps)).books[path.name]), Book(path.read_bytes())
    for mine, theirs in zip(live.sheets, saved.sheets, strict=True):
        assert (mine.name, mine.hidden) == (theirs.name, theirs.hidden)
        sheet, other = live.sheet(mine), saved.sheet(theirs)
        for cell in other.filled():
            if not other.formula(cell) and other.text(cell) != UNCALCULATED:
                assert sheet.text(cell) == other.text(cell), other.address(cell)
            assert (sheet.formula(cell), sheet.anchor(cell)) == (other.formula(cell), other.anchor(cell))
            assert sheet.hidden(cell) == other.hidden(cell)


def test_words_that_are_struck_through_are_seen_in_an_open_book(excel: Application, tmp_path: Path) -> None:
    drawn = load_workbook(ZHONGSHAN)
    for cell in ("C20", "G20"):
        drawn["自评表"][cell].font = Font(strike=True)
    drawn["自评表"]["H18"] = "95 98"
    drawn.save(path := tmp_path / "表.xlsx")
    excel.open(path).sheets[0].struck_signs[18, 8] = "95"
    book = LiveBook(next(iter(xlwings.apps)).books[path.name])
    sheet = book.sheet(book.sheets[0])
    assert sheet.struck() == {(18, 8): "959", (20, 3): sheet.text((20, 3)), (20, 7): "100"}
    excel.open(ZHONGSHAN)
    book = LiveBook(next(iter(xlwings.apps)).books[ZHONGSHAN.name])
    assert book.sheet(book.sheets[0]).struck() == {}


def test_fill_writes_the_scores_and_wakes_none_of_the_books_own_macros(form: Open) -> None:
    assert form.start() == ExitCode.DONE
    assert form.said().startswith("总分 94.66，等级 优\n填了 ")
    assert form.sheet.cells[30, 10].value == 94.66
    assert form.sheet.cells[36, 10].value == "自评绩效等级:优"
    assert form.sheet.cells[14, 8].value == 0.999977207780973  # 100.00% is shown
    assert form.excel.events == []
    assert form.excel.EnableEvents is form.excel.ScreenUpdating is True


def test_events_that_were_off_stay_off(form: Open) -> None:
    form.excel.EnableEvents = False
    assert form.start() == ExitCode.DONE
    assert form.excel.EnableEvents is False


def test_an_excel_that_is_set_to_manual_calculates_before_it_is_read_and_after_it_is_written(form: Open) -> None:
    assert form.start() == ExitCode.DONE
    assert form.excel.calculated == []  # else it has done so by itself
    form.excel.Calculation = windows_excel.MANUAL
    form.sheet.cells[30, 10].type(None)
    assert form.start() == ExitCode.DONE
    assert form.excel.calculated == [False, False]
    assert form.excel.EnableEvents is form.excel.ScreenUpdating is True


def test_an_excel_that_is_set_to_manual_calculates_what_was_taken_back(form: Open) -> None:
    form.excel.Calculation, form.excel.refuse_after = windows_excel.MANUAL, 9
    assert form.start() == ExitCode.DONE
    assert form.said().startswith("Excel 不让写，所以一格也没有写。")
    assert form.excel.calculated == [False, False]


def test_a_book_is_found_whose_name_the_macros_write_otherwise(excel: Application, tmp_path: Path) -> None:
    path = Path(shutil.copy(ZHONGSHAN, tmp_path / "完成100% %TEMP% a=b.xlsx"))
    sheet = excel.open(path, GIVEN).sheets[0]
    given = [f"--answer={tmp_path / 'answer.xlsx'}", f"--wb={path.name}", f"--path={path}", "--from_xl=1", "--hwnd=1"]
    assert main(["live", "fill", *(word.replace("%", "|") for word in given)]) == ExitCode.DONE
    assert sheet.cells[30, 10].value == 94.66


def test_a_book_of_such_a_name_that_two_excels_have_open_is_left_to_the_copy(
    excel: Application, tmp_path: Path
) -> None:
    path = Path(shutil.copy(ZHONGSHAN, tmp_path / "a=b.xlsx"))
    books = [excel.open(path, GIVEN), excel.open(path, GIVEN)]
    given = [f"--answer={tmp_path / 'answer.xlsx'}", f"--wb={path.name}", f"--path={path}", "--from_xl=1", "--hwnd=1"]
    assert main(["live", "fill", *given]) == ExitCode.NOT_REACHABLE
    assert [book.sheets[0].cells[30, 10].value for book in books] == [None, None]


def without_xlwings(_: Open, patch: pytest.MonkeyPatch) -> None:
    patch.delitem(sys.modules, "workbook_tools.excel.live")
    patch.setitem(sys.modules, "xlwings", None)


def without_pywin32(_: Open, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(xlwings.engines, "engines", [])


def without_the_book(form: Open, _: pytest.MonkeyPatch) -> None:
    form.excel.books.clear()


def without_a_window(_: Open, patch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(-2147467259, "Unspecified error")

    patch.setattr(sys.modules["xlwings._xlwindows"], "accessible_object_from_window", none)


def an_attribute_that_is_missing(_: Open, patch: pytest.MonkeyPatch) -> None:
    patch.delattr(sys.modules["xlwings._xlwindows"].Range, "merge_cells")


def a_name_that_excel_does_not_know(_: Open, patch: pytest.MonkeyPatch) -> None:
    patch.delattr(windows_excel.Area, "MergeCells")


def an_error_of_com(_: Open, patch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise refused("Unable to get the UsedRange property")

    patch.setattr(windows_excel.Sheet, "UsedRange", property(broken))


def a_fault_of_ours(_: Open, patch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("x")

    patch.setattr(actions, "fill", broken)
    patch.setattr(actions, "check", broken)


BEFORE = [
    *(without_xlwings, without_pywin32, without_the_book, without_a_window, an_attribute_that_is_missing),
    *(a_name_that_excel_does_not_know, an_error_of_com, a_fault_of_ours),
]


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("action", ["fill", "check"])
@pytest.mark.parametrize("fault", BEFORE, ids=lambda fault: fault.__name__)
def test_what_goes_wrong_before_the_first_write_makes_the_macros_use_a_copy(
    fault: Callable[[Open, pytest.MonkeyPatch], None], action: str, form: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet, before = form.sheet, form.shown()
    fault(form, monkeypatch)
    assert form.start(action) == ExitCode.NOT_REACHABLE
    assert not form.answer.exists()
    assert {at: (cell.value, cell.formula, cell.shown_as) for at, cell in sheet.cells.items()} == before


def test_a_file_that_is_no_form_is_told_and_not_tried_again(form: Open) -> None:
    for cell in form.sheet.cells.values():
        cell.type(None)
    assert form.start() == ExitCode.DONE
    assert form.said()


def test_what_excel_refuses_is_taken_back_and_told(form: Open) -> None:
    before, form.excel.refuse_after = form.shown(), 9
    assert form.start() == ExitCode.DONE
    assert form.said().startswith("Excel 不让写，所以一格也没有写。")
    assert form.shown() == before
    assert form.excel.EnableEvents is form.excel.ScreenUpdating is True


def reading_again_fails(patch: pytest.MonkeyPatch) -> None:
    """The book is read, written, and cannot be read again."""

    def broken(*_: object) -> None:
        raise AttributeError("Formula")

    patch.setattr(actions, "findings_after", broken)


def test_a_fault_after_the_first_write_puts_the_cells_back_and_then_uses_the_copy(
    form: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = form.shown()
    reading_again_fails(monkeypatch)
    assert form.start() == ExitCode.NOT_REACHABLE
    assert form.shown() == before
    assert form.excel.events == []


def test_cells_that_cannot_be_put_back_are_named(form: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    reading_again_fails(monkeypatch)
    type_in = windows_excel.Area.__setattr__

    def refuse(self: Any, name: str, given: Any) -> None:
        if name == "Formula":
            raise refused("not now")
        type_in(self, name, given)

    monkeypatch.setattr(windows_excel.Area, "__setattr__", refuse)
    assert form.start() == ExitCode.DONE
    said = form.said()
    assert said.startswith("Excel 没有应答，这一步没有做完；这些格已经写了：")
    assert "、自评表!J14:J16、自评表!J18:J20、" in said
    assert said.endswith("请逐格核对；不想要的话，关闭工作簿时不要保存。")


def test_a_number_in_a_cell_of_text_format_is_a_number(form: Open) -> None:
    form.sheet.cells[18, 10].shown_as = "@"
    form.sheet.cells[30, 10].shown_as = "@"
    assert form.start() == ExitCode.DONE
    assert (form.sheet.cells[18, 10].value, form.sheet.cells[18, 10].shown_as) == (13.33, "General")
    assert form.sheet.cells[30, 10].value == 94.66
    assert form.sheet.cells[19, 10].shown_as != "General"  # a cell of another format keeps it


def live_book(form: Open) -> LiveBook:
    return LiveBook(open_book(form.path.name, str(form.path)))


def test_what_stood_there_stands_there_again(form: Open) -> None:
    kept = {(18, 10): "010", (19, 10): "=1+1", (20, 10): 12.5, (25, 10): "无", (28, 10): "007"}
    for at, value in kept.items():
        form.sheet.cells[at].value = value
    form.sheet.cells[28, 10].shown_as = "@"
    before = form.shown()
    book = live_book(form)
    name = book.sheets[0].name
    book.write([(name, at, Decimal(7)) for at in kept] + [(name, (30, 8), Quantity(Decimal(98), "%"))])
    assert [form.sheet.cells[at].value for at in kept] == [7.0] * 5
    assert book.changed == ["自评表!H30", "自评表!J18:J20", "自评表!J25", "自评表!J28"]
    book.take_back()
    assert book.changed == []
    assert form.shown() == before


@pytest.mark.parametrize(
    ("number", "shown"),
    [(2007, "#DIV/0!"), (2042, "#N/A"), (2045, "#SPILL!"), (2050, "#CALC!"), (2049, "#FIELD!"), (2999, "#VALUE!")],
)
def test_an_error_value_is_read_as_excel_shows_it(number: int, shown: str, form: Open) -> None:
    form.sheet.cells[18, 8].value = -2146828288 + number
    book = live_book(form)
    assert book.sheet(book.sheets[0]).text((18, 8)) == shown


def test_what_excel_tells_by_a_number_is_an_error_value_for_the_checks(form: Open) -> None:
    for number in (*live._ERRORS, 2999):
        form.sheet.cells[18, 8].value = -2146828288 + number
        book = live_book(form)
        faulty = [row for row in actions.check(book, form.path.name) if row.kind == "note" and row.cell == "H18"]
        assert [row for row in faulty if "错误 F101：是错误值" in str(row.value)], number


def test_a_truth_value_and_a_whole_number_are_no_errors(form: Open) -> None:
    form.sheet.cells[18, 8].value, form.sheet.cells[19, 8].value = True, 2007.0
    sheet = (book := live_book(form)).sheet(book.sheets[0])
    assert (sheet.text((18, 8)), sheet.text((19, 8))) == ("TRUE", "2007")


SCRIPT = """
    import sys
    import pytest
    from pathlib import Path
    import windows_excel
    from workbook_tools.commands import ribbon
    from workbook_tools.commands.main import main

    path, answer, when = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    ribbon.UNANSWERED, ribbon.LONGEST = (1, 30) if when == "reading" else (30, 3)
    patch = pytest.MonkeyPatch()
    excel = windows_excel.install(patch)
    excel.open(path, {"E8": 0.0, "G8": 17160289.87 / 17160681})
    sys.argv = ["workbook_tools", "live", f"--wb={path.name}", "--from_xl=1", f"--hwnd={windows_excel.HWND}"]
    written = windows_excel.Area._type

    def then_busy(self, given):
        written(self, given)
        excel.busy = True

    if when == "reading":
        excel.busy = True
    else:
        patch.setattr(windows_excel.Area, "_type", then_busy)
    sys.exit(main(["live", "fill", f"--answer={answer}", f"--wb={path.name}", f"--path={path}"]))
"""


def a_busy_excel(when: str, folder: Path) -> tuple[int, Path]:
    path = Path(shutil.copy(ZHONGSHAN, folder / "表.xlsx"))
    script, answer = folder / "script.py", folder / "answer.xlsx"
    script.write_text(textwrap.dedent(SCRIPT), "utf-8")
    run = subprocess.run(
        [sys.executable, str(script), str(path), str(answer), when],
        env={"PYTHONPATH": f"{ROOT}:{TESTS}:{':'.join(sys.path)}"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    return run.returncode, answer


@pytest.mark.slow
def test_an_excel_that_rejects_every_call_is_given_up_and_the_copy_used(tmp_path: Path) -> None:
    code, answer = a_busy_excel("reading", tmp_path)
    assert code == ExitCode.NOT_REACHABLE
    assert not answer.exists()


@pytest.mark.slow
def test_an_excel_that_stops_answering_while_it_is_written_ends_with_the_cells_that_were(tmp_path: Path) -> None:
    code, answer = a_busy_excel("writing", tmp_path)
    assert code == ExitCode.DONE
    said = str(next(load_workbook(answer).worksheets[0].values)[3])
    assert said.startswith("Excel 没有应答，这一步没有做完；这些格已经写了：自评表!")


def test_twenty_seconds_are_the_limit_for_reading() -> None:
    assert (cli_ribbon.UNANSWERED, cli_ribbon.LONGEST) == (20, 120)


def run_python(script: str) -> str:
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    return run.stdout


def test_a_click_imports_neither_what_is_not_free_nor_what_takes_most_of_its_time() -> None:
    script = "import sys, workbook_tools.excel.live; print(*(name for name, module in sys.modules.items() if module))"
    loaded = run_python(script).split()
    assert "xlwings" in loaded
    assert not [name for name in loaded if name.startswith(("xlwings.pro", "pandas", "numpy", "PIL", "matplotlib"))]


@pytest.mark.slow
def test_who_imports_pandas_later_has_it() -> None:
    assert (
        run_python("import workbook_tools.excel.live, pandas, numpy; print(pandas.Series(numpy.ones(2)).sum())")
        == "2.0\n"
    )


@pytest.mark.slow
def test_what_xlwings_serves_to_excel_s_cells_is_not_imported() -> None:
    """On Windows `import xlwings` takes asyncio and a COM server with it; a click needs neither."""
    code = """
        import shutil, subprocess, sys, tempfile, types  # before it pretends to be Windows
        import workbook_tools.commands.main, workbook_tools.ribbon.actions
        engine = types.SimpleNamespace(name="excel", type="desktop")
        sys.modules["xlwings._xlwindows"] = types.ModuleType("xlwings._xlwindows")
        sys.modules["xlwings._xlwindows"].engine = engine
        sys.platform = "win32"
        import workbook_tools.excel.live
        import xlwings
        assert [one.name for one in xlwings.engines] == ["excel"]
        assert xlwings.serve is None  # the branch of Windows was taken
        print(*sorted({"asyncio", "concurrent", "logging", "xlwings.udfs", "xlwings.com_server"} & set(sys.modules)))
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == ""
