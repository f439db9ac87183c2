"""The public face: what `import workbook_tools` gives is what the commands do, documented by what is run."""

from __future__ import annotations

import doctest
import importlib
import json
import pickle
import re
import runpy
import shutil
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import workbook_tools as wt
from places import ROOT
from workbook_tools import errors
from workbook_tools.commands.console import ExitCode, naming, run
from workbook_tools.commands.main import main
from workbook_tools.data_files import exported
from workbook_tools.summary.rows import FORMS as TITLES
from workbook_tools.summary.rows import cells

EXAMPLES = ROOT / "examples"
FORMS = [path for path in sorted(EXAMPLES.glob("*.xlsx")) if not path.stem.endswith("_targets")]
ZHONGSHAN, CHONGQING = EXAMPLES / "zhongshan_12345_2022.xlsx", EXAMPLES / "chongqing_media_2021.xlsx"
KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, wt.WorkbookToolsError)]
MADE = {
    "FileRejected": errors.FileRejected("E_LOCKED", "打不开"),
    "FormNotRecognised": errors.FormNotRecognised("找不到“合计”", "请恢复"),
    "NotReachable": errors.NotReachable(),
}
ERRORS = [MADE.get(kind.__name__) or kind("写错了") for kind in KINDS]


# The names


def test_importing_the_package_imports_nothing_of_it() -> None:
    script = "import sys, workbook_tools; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    heavy = {"pandas", "openpyxl", "xlwings", "formulas", "ironcalc", "decimal", "tomllib"}
    assert not [name for name in said.split() if name.startswith("workbook_tools.") or name in heavy]


def test_every_name_is_there_and_no_other() -> None:
    names = ("WorkbookToolsError", "check_file", "fill_file", "read_workbook", "score_file", "summarize")
    assert tuple(wt.__all__) == names
    assert set(names) <= set(dir(wt))
    assert all(getattr(wt, name).__doc__ for name in names)
    with pytest.raises(AttributeError, match="no_such"):
        _ = wt.no_such  # type: ignore[attr-defined]


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "workbook_tools" / "py.typed").exists()


# What they give


@pytest.mark.quick_cases(5)
@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_findings_are_those_of_the_command(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", str(path), "--format", "json"])
    listed = [one for form in json.loads(capsys.readouterr().out) for one in form["findings"]]
    found = wt.check_file(str(path)).findings
    assert [(one.code, one.level, one.address, one.field, one.label, one.message) for one in found] == [
        tuple(one[key] for key in ("code", "level", "cell", "field", "label", "message")) for one in listed
    ]


def test_a_waived_finding_says_so(tmp_path: Path) -> None:
    waivers = tmp_path / "放行.csv"
    waivers.write_text("代码,位置,理由,姓名\nS102,B6,按旧办法,王\n", "utf-8")
    [(finding, *_)] = [[one for one in wt.check_file(CHONGQING, waivers=waivers).findings if one.code == "S102"]]
    assert (finding.level, finding.waived and finding.waived.name) == ("已放行", "王")


@pytest.mark.quick_cases(5)
@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_words_and_scores_are_those_of_an_export(path: Path) -> None:
    words, scores = wt.read_workbook(path), wt.score_file(path)
    for form in exported(path):
        sheet = form.sheet
        labelled = {field: said for field, said in form.fields.items() if said}
        assert {field: words[sheet].words[field] for field in labelled} == labelled
        total = scores[sheet].total
        assert (None if total is None else str(total), scores[sheet].grade) == (form.total, form.grade)
        assert {field: line.why for field, line in scores[sheet].lines.items()} == {
            field: line.why for field, line in form.scores.items()
        }


def test_a_form_is_filled_from_and_to_names_of_files(tmp_path: Path) -> None:
    source, out = str(tmp_path / "表.xlsx"), str(tmp_path / "填好.xlsx")
    shutil.copy(ZHONGSHAN, source)
    result = wt.fill_file(source, out=out)
    assert result.written
    assert Path(source).read_bytes() == ZHONGSHAN.read_bytes()
    assert wt.read_workbook(out)["自评表"].words["total"] == "94.66"
    assert wt.score_file(out)["自评表"].total == Decimal("94.66")


# A frame of forms


def test_a_frame_has_numbers_where_there_are_numbers(tmp_path: Path) -> None:
    receipts = tmp_path / "收到.csv"
    receipts.write_text("文件,收到日期\nchongqing_media_2021.xlsx,2022-02-27\n", "utf-8")
    summary = wt.summarize([CHONGQING, str(ZHONGSHAN), tmp_path / "没有.xlsx"], receipts=receipts)
    frame = summary.to_frame()
    kinds = {str(name): str(kind) for name, kind in frame.dtypes.items()}
    numbers = [name for name in kinds if name.endswith(("得分", "（万元）", "总分", "执行率")) and name != "其他得分"]
    assert len(numbers) == 10
    assert {kinds.pop(name) for name in numbers} == {"Float64"}
    assert {kinds.pop(name) for name in ("审核分数", "审核与自评分差")} == {"Float64"}
    assert {kinds.pop(name) for name in ("未填", "错误", "未核对", "提示", "已放行")} == {"Int64"}
    assert kinds.pop("收到日期").startswith("datetime64")
    assert set(kinds.values()) == {"string"}
    assert [path for path, _ in summary.unread] == [str(tmp_path / "没有.xlsx")]


def test_what_a_form_has_not_and_what_is_blank_is_missing() -> None:
    summary = wt.summarize([CHONGQING, ZHONGSHAN])
    frame = summary.to_frame()
    columns = zip(*map(cells, summary.forms), strict=True)
    missing = {name: [one in ("—", "", None) for one in column] for name, column in zip(TITLES, columns, strict=True)}
    assert {name: frame[name].isna().tolist() for name in missing} == missing
    assert any(map(any, missing.values()))
    known = frame["支出（万元）"].dropna()
    assert known.tolist() == [1716.028987]


def test_days_are_dates_and_a_day_that_is_not_known_is_missing(tmp_path: Path) -> None:
    receipts = tmp_path / "收到.csv"
    rows = ("文件,收到日期", "甲.xlsx,2022-02-27", "乙.xlsx,2022-02-27", "乙.xlsx,2022-03-01")
    receipts.write_text("\n".join(rows), "utf-8")
    for name in ("甲", "乙"):
        shutil.copy(CHONGQING, tmp_path / f"{name}.xlsx")
    frame = wt.summarize([tmp_path / "甲.xlsx", tmp_path / "乙.xlsx"], receipts=receipts).to_frame()
    assert frame["收到日期"].iloc[0].date() == date(2022, 2, 27)
    assert frame["收到日期"].isna().tolist() == [False, True]
    assert frame["收到日期按"].tolist() == ["收到日期清单", "收到日期清单上写了几个日期"]


def test_a_frame_of_no_forms_has_its_columns() -> None:
    empty = wt.summarize([])
    full = wt.summarize([ZHONGSHAN])
    assert list(empty.to_frame().columns) == list(full.to_frame().columns)
    assert dict(empty.indicators_to_frame().dtypes) == dict(full.indicators_to_frame().dtypes)


def test_points_of_indicators_are_numbers() -> None:
    frame = wt.summarize([ZHONGSHAN]).indicators_to_frame()
    assert {str(frame[name].dtype) for name in ("分值", "得分", "按办法得分")} == {"Float64"}
    assert frame["按办法得分"].tolist() == [13.33, 13.33, 8.0, 20.0, 20.0]
    assert frame["得分"].isna().all()


# Errors


def test_every_kind_of_error_has_a_code_of_its_own_and_an_exit_code() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"E_[A-Z_]+", code) for code in codes)
    assert all(kind.exit_code in set(ExitCode) for kind in KINDS)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_comes_out_of_a_worker_process_as_it_was(error: wt.WorkbookToolsError) -> None:
    again = pickle.loads(pickle.dumps(error.at("表.xlsx")))
    assert (type(again), str(again), again.code) == (type(error), str(error), error.code)
    assert str(again).startswith("表.xlsx：")


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_command_ends_with_the_sentence_and_the_exit_code_of_an_error(
    error: wt.WorkbookToolsError, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(_arguments: object) -> int:
        raise error

    assert run(command, []) == type(error).exit_code
    assert capsys.readouterr() == (f"{error}\n", "")


def test_an_error_names_the_file_that_is_read() -> None:
    with pytest.raises(errors.BadWaiver, match=r"^甲\.csv：缺理由$"), naming("甲.csv"):
        raise errors.BadWaiver("缺理由")


@pytest.mark.parametrize("function", [wt.check_file, wt.score_file, wt.read_workbook, wt.fill_file])
def test_every_function_tells_why_a_file_gives_nothing(function: Any, tmp_path: Path) -> None:
    with pytest.raises(wt.WorkbookToolsError) as refused:
        function(tmp_path / "没有.xlsx")
    assert refused.value.code == "E_MISSING"
    with pytest.raises(errors.BadScheme):
        function(ZHONGSHAN, "没有这种")


# What is written about them


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "api.py"))


def test_the_page_is_that_of_the_docstrings(documents: dict[str, Any]) -> None:
    assert documents["page"]() == (ROOT / "docs" / "api.md").read_text("utf-8"), "run python docs/api.py"


@pytest.mark.parametrize("name", wt.__all__)
def test_the_examples_of_the_page_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    what = getattr(wt, name)
    found = doctest.DocTestFinder(recurse=False).find(what, name, importlib.import_module(what.__module__), {})
    runner = doctest.DocTestRunner()
    assert sum(runner.run(one).attempted for one in found) >= 2
    assert not runner.failures


def test_the_notebook_runs_and_shows_what_it_shows(
    documents: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    text = (ROOT / "docs" / "pandas.ipynb").read_text("utf-8")
    assert len(text) < 40_000
    assert _shown(documents["notebook"]()) == _shown(text), "run python docs/api.py"
    [made] = tmp_path.rglob("得分.xlsx")
    [sheet] = load_workbook(made).worksheets
    assert len(sheet._charts) == 1  # type: ignore[attr-defined]
    assert sheet.max_row > 2


def _shown(text: str) -> list[list[str]]:
    """What the cells show as plain text."""
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    return [["".join(output["data"]["text/plain"]) for output in cell["outputs"]] for cell in cells]
