"""汇总表: a row a form, an indicator; links, charts, duplicates, who is missing; the same by worker processes."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from correct import CORRECT
from office import convert, needs_libreoffice
from paper import ZHONGSHAN, PaperSheet, drawn_book
from places import EXAMPLES
from reviewed import form, review
from tables import listed, records
from workbook_tools.assess import assess_file
from workbook_tools.commands.main import main
from workbook_tools.excel.tables import read_rows
from workbook_tools.summary.journal import Journal
from workbook_tools.summary.rows import FORMS, FindingRow, WorkbookRows, cells, collect
from workbook_tools.summary.submissions import Submission, read_units, submissions
from workbook_tools.summary.workbook import summary_workbook
from workbook_tools.template.workbook import workbook_bytes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two forms of one unit and project, one of another, one in yuan, and a file that is no workbook."""
    folder = tmp_path / "收到"
    for name, unit in (("甲.xlsx", "甲局"), ("甲重报.xlsx", "甲局"), ("乙.xlsx", "乙局")):
        drawing = CORRECT.replace("项目名称 | 公共服务项目", f"实施单位 | {unit} | 项目名称 | 公共服务项目")
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(drawn_book(drawing))
    shutil.copy(EXAMPLES / "zhongshan_12345_2022.xlsx", folder / "中山.xlsx")
    (folder / "坏.xlsx").write_bytes(b"PK")
    return folder


def test_the_summary_has_every_form_and_says_what_is_missing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, units = tmp_path / "汇总表.xlsx", tmp_path / "名单.txt"
    units.write_text("甲局\n丙局\n\n", "utf-8")
    assert main(["summary", str(folder), "-o", str(out), "--expected", str(units)]) == 1
    said = capsys.readouterr().out
    assert "共 4 张表" in said
    assert "1 个文件没有读" in said
    assert "1 个单位没有报送" in said
    workbook = load_workbook(out)
    assert workbook.sheetnames == ["汇总", "指标", "问题", "统计", "重复", "催报", "没有读", "说明"]
    table = records(out, "汇总")
    one = next(row for row in table if row["单位"] == "甲局")
    assert (one["年初预算（万元）"], one["全年预算（万元）"], one["支出（万元）"]) == (110, 100, 90)
    assert (one["执行率"], one["总分"], one["按办法总分"], one["错误"]) == (0.9, 98, 98, 0)
    earned = ("预算执行得分", "产出得分", "效益得分", "满意度得分", "其他得分")
    assert tuple(one[name] for name in earned) == (9, 50, 29, 10, "—")
    yuan = next(row for row in table if str(row["单位"]).startswith("中山市"))
    assert (yuan["年初预算（万元）"], yuan["按办法总分"]) == (1716.0681, 94.66)
    assert tuple(yuan[name] for name in earned) == (20, 34.66, 40, "—", "扣分 0.00")
    assert [row[2] for row in listed(out, "重复")[1:]] == [
        str(folder / "甲.xlsx"),
        str(folder / "甲重报.xlsx"),
    ]
    assert [row[:2] for row in listed(out, "催报")[1:]] == [
        ("丙局", "没有报送"),
        ("中山市12345投诉举报平台管理中心", "不在名单上"),
        ("中山市12345投诉举报平台管理中心", "没有填完"),
        ("中山市12345投诉举报平台管理中心", "有错误"),
        ("乙局", "不在名单上"),
        ("甲局", "重复报送"),
    ]
    assert "坏.xlsx" in str(listed(out, "没有读")[1][0])
    assert workbook["统计"]["A2"].value == "90分以上"
    with zipfile.ZipFile(out) as archive:
        assert sum(name.startswith("xl/charts/chart") for name in archive.namelist()) == 4
    indicators = listed(out, "指标")
    assert sum(row[1] == "公共服务项目" for row in indicators[1:]) == 21


NOTHING_SCORED = (
    "预算执行得分",
    "产出得分",
    "效益得分",
    "满意度得分",
    "其他得分",
    "总分",
    "等级",
    "按办法总分",
    "按办法等级",
)
NO_GRADE = ("等级", "按办法等级")
NO_REVIEW = ("审核分数", "核定等级", "审核与自评分差")
# Example → the columns that its form leaves blank or that cannot be decided yet, and those of which it has nothing.
COLUMNS = {
    "anhui_xiaoxian_2023": (
        ("总分", "按办法总分"),
        ("年初预算（万元）", "满意度得分", "其他得分", *NO_GRADE, *NO_REVIEW),
    ),
    "chongqing_media_2021": (
        ("年初预算（万元）", "全年预算（万元）", "支出（万元）", "执行率", "预算执行得分", "按办法总分"),
        ("产出得分", "效益得分", "满意度得分", *NO_GRADE, *NO_REVIEW),
    ),
    "fujian_ningde_2020": (
        ("产出得分", "总分", "按办法总分"),
        ("预算执行得分", "效益得分", "满意度得分", "其他得分", *NO_GRADE, *NO_REVIEW),
    ),
    "guangzhou_12345_2021": (("总分",), ("全年预算（万元）", "满意度得分", "其他得分", *NO_GRADE, *NO_REVIEW)),
    "guangzhou_department_2023": (("总分", "等级"), ("预算执行得分", "产出得分", "效益得分", "满意度得分", *NO_REVIEW)),
    "guangzhou_petition_2022": (("总分", "等级"), ("全年预算（万元）", "满意度得分", "其他得分", *NO_REVIEW)),
    "hebei_example": (("单位", "总分"), ("年初预算（万元）", "预算执行得分", "其他得分", *NO_GRADE, *NO_REVIEW)),
    "hubei_huangshi_2022": (
        ("效益得分", "满意度得分", "总分", "按办法总分"),
        ("年初预算（万元）", "其他得分", *NO_GRADE, *NO_REVIEW),
    ),
    "hunan_lingling_2021": (("项目", "总分", "按办法总分"), ("满意度得分", "其他得分", *NO_GRADE, *NO_REVIEW)),
    "national_tangxi_2022": (("满意度得分", "总分", "按办法总分"), ("其他得分", *NO_GRADE, *NO_REVIEW)),
    "sichuan_qingshen_2023": (
        ("产出得分", "效益得分", "总分", "按办法总分"),
        ("满意度得分", "其他得分", *NO_GRADE, *NO_REVIEW),
    ),
    "transfer_hengshan_2020": ((), ("年初预算（万元）", *NOTHING_SCORED, *NO_REVIEW)),
    "yunnan_lijiang_2020": (("满意度得分", "总分", "按办法总分"), ("其他得分", *NO_GRADE, *NO_REVIEW)),
    "zhongshan_12345_2022": (("总分", "等级", *NO_REVIEW), ("满意度得分",)),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_is_blank_only_where_the_form_is_and_says_so_where_it_has_no_such_thing(name: str) -> None:
    ((row,), indicators, _) = next(iter(collect([EXAMPLES / f"{name}.xlsx"])))
    seen = dict(zip(FORMS, cells(row), strict=True))
    blank = tuple(column for column, value in seen.items() if value in (None, ""))
    absent = tuple(column for column, value in seen.items() if value == "—")
    assert (blank, absent) == COLUMNS[name]
    for one in indicators:
        assert one.group
        assert one.kind
        assert one.name
        assert one.weight or name == "anhui_xiaoxian_2023"  # its weights stand in the first row of a kind


def test_every_example_is_in_the_table_of_columns() -> None:
    forms = {path.stem for path in EXAMPLES.glob("*.xlsx") if not path.stem.endswith("_targets")}
    assert forms == COLUMNS.keys()


@pytest.mark.parametrize(
    ("initial", "adjusted", "revised"),
    [("17,160,681.00", "0.00", "1716.0681"), ("10000000", "-2500000.5", "749.99995"), ("10000000", "", None)],
)
def test_the_revised_budget_is_the_sum_where_a_form_prints_only_its_parts(
    initial: str, adjusted: str, revised: str | None, tmp_path: Path
) -> None:
    drawing = ZHONGSHAN.replace("| 17,160,681.00 | 0.00 |", f"| {initial} | {adjusted} |")
    (tmp_path / "表.xlsx").write_bytes(drawn_book(drawing))
    ((row,), indicators, _) = next(iter(collect([tmp_path / "表.xlsx"])))
    assert row.revised == (None if revised is None else Decimal(revised))
    assert {one.group for one in indicators} == {"产出指标", "效益指标"}
    assert [one.weight for one in indicators] == [*map(Decimal, ("13.33", "13.33", "13.33", "20", "20"))]


@pytest.mark.slow
@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("state", [None, "hidden", "visible"])
def test_the_summary_counts_what_check_finds(state: str | None, name: str, tmp_path: Path) -> None:
    path = Path(shutil.copy(EXAMPLES / f"{name}.xlsx", tmp_path))
    if state:
        workbook = load_workbook(path)
        sheet = workbook.create_sheet("底稿")
        sheet["A1"], sheet.sheet_state = "底数 12345", state
        workbook.save(path)
    ((row,), _, _) = next(iter(collect([path])))
    (form,) = assess_file(path).forms
    assert (row.errors, row.hints) == (form.errors, form.hints)


def test_words_of_a_form_are_no_formulas_and_files_are_links(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "汇总表.xlsx"
    main(["summary", str(folder), "-o", str(out)])
    cells = [cell for row in load_workbook(out)["汇总"].iter_rows() for cell in row]
    assert sum(cell.hyperlink is not None for cell in cells) == 4
    forms, _, _ = next(iter(collect([folder / "甲.xlsx"])))
    data = summary_workbook(
        [replace(forms[0], unit="=1+1", project="@SUM(A1)")], [], [("=2+2", "坏")], [Submission("=3+3", "没有报送", "")]
    )
    cells = [cell for sheet in load_workbook(io.BytesIO(data)) for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert {"=1+1", "=2+2", "=3+3"} <= {cell.value for cell in cells}


@pytest.mark.parametrize(("most", "links", "of_findings"), [(9, 2, 6), (5, 2, 4), (1, 1, 0)])
def test_no_sheet_has_more_links_than_excel_opens(
    most: int, links: int, of_findings: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finding has two, to its cell and to its file; the limit is one of links, not of rows."""
    monkeypatch.setattr("workbook_tools.summary.tables.MOST_LINKS", most)
    forms, _, _ = next(iter(collect([folder / "甲.xlsx"])))
    (form,), found = forms, dict.fromkeys(("field", "label", "message", "reason", "name"), "")
    finding = FindingRow(file=form.file, form=form.sheet, code="S103", level="错误", address="自评表!A1", **found)
    twice = [replace(form, unit="甲单位", project="项目")] * 2
    workbook = load_workbook(io.BytesIO(summary_workbook(twice, [], [], [], findings=[finding] * 3)))
    for name, expected in (("汇总", links), ("重复", links), ("问题", of_findings)):
        assert sum(cell.hyperlink is not None for row in workbook[name].iter_rows() for cell in row) == expected


@pytest.mark.slow
def test_worker_processes_give_the_same_rows(folder: Path) -> None:
    files = sorted(folder.glob("*.xlsx"))
    assert list(collect(files, jobs=2)) == list(collect(files))


def test_a_summary_of_nothing_is_a_workbook() -> None:
    assert len(listed(summary_workbook([], [], [], []), "汇总")) == 1


def test_a_folder_that_is_not_there_is_told(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", str(folder), "-o", str(tmp_path / "没有" / "汇总表.xlsx")]) == 3
    assert f"没有“{tmp_path / '没有'}”这个文件夹" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["-o", "汇总.xls"], ["-o", "汇总.xlsx", "--expected", "没有.txt"]])
def test_wrong_usage_is_told(arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", str(folder), *arguments]) == 2
    assert capsys.readouterr().out


def test_a_form_that_came_after_the_deadline_is_late(folder: Path, tmp_path: Path) -> None:
    for name, day in (("甲.xlsx", 28), ("甲重报.xlsx", 27), ("乙.xlsx", 26)):
        moment = datetime(2026, 2, day, 23, 59).astimezone().timestamp()
        os.utime(folder / name, (moment, moment))
    out = tmp_path / "汇总表.xlsx"
    main(["summary", str(folder), "-o", str(out), "--deadline", "2026-02-27"])
    late = [row for row in listed(out, "催报") if row[1] == "逾期"]
    days = {Path(str(row[2]).partition("：")[0]).name: str(row[2]).partition("：")[2] for row in late}
    assert days.pop("甲.xlsx") == "2026-02-28 收到（按文件时间），截止 2026-02-27"
    assert days.keys() == {"中山.xlsx"}  # copied today


@pytest.mark.parametrize("kind", ["txt", "csv", "xlsx"])
def test_the_list_of_units_may_be_a_text_or_a_table(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"名单.{kind}"
    if kind == "xlsx":
        workbook = Workbook()
        for row in (("序号", "单位"), (1, "甲局"), (2, " 乙局 "), (3, "甲局")):
            workbook.worksheets[0].append(row)
        workbook.save(path)
    else:
        path.write_text("甲局\n乙局\n\n甲局\n" if kind == "txt" else "序号,单位\n1,甲局\n2,乙局\n3,甲局\n", "utf-8-sig")
    assert read_units(path) == ["甲局", "乙局"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-16"])
def test_a_list_may_be_saved_as_the_notepad_of_any_windows_does(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "名单.txt"
    path.write_bytes("甲局\r\n乙局（本级）\r\n".encode(encoding))
    assert read_units(path) == ["甲局", "乙局（本级）"]


def test_a_list_without_a_unit_is_told(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "名单.csv"
    path.write_text("序号,单位\n", "utf-8")
    assert main(["summary", str(folder), "-o", str(tmp_path / "汇总表.xlsx"), "--expected", str(path)]) == 2
    assert capsys.readouterr().out == f"{path}：名单里一个单位也没有\n"


def test_rows_of_a_list_keep_their_numbers(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.worksheets[0]["A1"], workbook.worksheets[0]["B4"] = "单位", "甲局"
    workbook.save(tmp_path / "名单.xlsx")
    assert read_rows(tmp_path / "名单.xlsx") == [["单位", ""], [], [], ["", "甲局"]]


def test_full_and_half_width_signs_name_the_same_unit_and_project(folder: Path) -> None:
    rows = [form for path in ("甲.xlsx", "甲重报.xlsx") for form in next(iter(collect([folder / path])))[0]]
    rows = [
        replace(rows[0], unit="甲局（本级）", project="服务（二期）"),
        replace(rows[1], unit="甲局(本级)", project="服务 (二期)"),
    ]
    asked = [one for one in submissions(rows, ["甲局(本级)"], None).units if one.status != "有错误"]
    assert [(one.unit, one.status) for one in asked] == [("甲局（本级）", "重复报送")]
    assert [row[0] for row in listed(summary_workbook(rows, [], [], asked), "重复")[1:]] == [
        "甲局（本级）",
        "甲局(本级)",
    ]


@pytest.mark.parametrize(("reason", "seen"), [("合同约定只付 9 成", (0, 1, [])), ("", None)])
def test_what_a_unit_waived_with_a_reason_is_no_error(
    reason: str, seen: tuple[int, int, list[str]] | None, tmp_path: Path
) -> None:
    workbook = PaperSheet(CORRECT.replace("| 98 |", "| 97 |")).workbook()
    sheet = workbook.create_sheet("校验")
    for row in (("代码", "位置", "理由", "姓名"), ("S102", "", reason, "张三")):
        sheet.append(row)
    path = tmp_path / "甲.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    rows, _, refused = next(iter(collect([path])))
    if seen is None:
        assert refused == [(str(path), "工作表“校验”：放行 S102 要写理由和姓名")]
    else:
        said = [one.status for one in submissions(rows, [], None).units]
        assert (rows[0].errors, rows[0].waived, said) == seen


def test_a_grade_that_is_not_written_is_counted_as_computed() -> None:
    rows = next(iter(collect([EXAMPLES / "zhongshan_12345_2022.xlsx"])))[0]
    assert (rows[0].grade, rows[0].computed_grade) == ("", "优")
    sheet = load_workbook(io.BytesIO(summary_workbook(rows, [], [], [])))["统计"]
    graded, faulty = (row[1:5] for row in sheet.values if row[0] == rows[0].unit)
    assert graded == (1, 0, 0, 0)
    assert faulty == (rows[0].errors, None, None, None)


KILLED = """
import sys
from workbook_tools.summary import rows as summary
rows_with_findings, done = summary.rows_with_findings, []
def counting(path, scheme=None):
    if len(done) == 60:
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(path)
    return rows_with_findings(path, scheme)
summary.rows_with_findings = counting
from workbook_tools.commands.main import main
main(["summary", "--jobs", "1", *sys.argv[1:]])
"""


def test_a_file_that_could_not_be_read_is_tried_again_when_a_run_goes_on(folder: Path, tmp_path: Path) -> None:
    """Its worker was killed, or its server did not answer: the file itself is as it was."""
    paths = sorted(folder.glob("*.xlsx"))
    journal = Journal(tmp_path / "汇总表.xlsx", None)
    assert journal.unread(paths) == paths
    journal.add(paths[0], WorkbookRows([], [], [(str(paths[0]), "处理这个文件的进程意外结束")]))
    journal.add(paths[1], WorkbookRows([], [], []))
    journal.keep()
    journal.close()
    again = Journal(tmp_path / "汇总表.xlsx", None)
    assert again.unread(paths) == [paths[0], *paths[2:]]
    assert list(again.refused()) == []


def test_a_file_given_twice_is_one_row(folder: Path, tmp_path: Path) -> None:
    """By its folder, by another way to its folder, and by itself."""
    out = tmp_path / "汇总表.xlsx"
    given = [folder, folder / ".." / folder.name, next(folder.glob("*.xlsx"))]
    main(["summary", *map(str, given), "-o", str(out)])
    files = [row["文件"] for name in ("汇总", "没有读") for row in records(out, name)]
    assert sorted(files) == sorted(set(files))
    assert {Path(file).name for file in files} >= {path.name for path in folder.glob("*.xlsx")}


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on_where_it_was(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for number in range(70):
        shutil.copy(folder / "乙.xlsx", folder / f"乙{number:02}.xlsx")
    out, whole = tmp_path / "汇总表.xlsx", tmp_path / "一次做完.xlsx"
    arguments = [sys.executable, "-c", KILLED, str(folder), "-o", str(out)]
    assert subprocess.run(arguments, check=False, cwd=EXAMPLES.parent).returncode == -signal.SIGKILL
    assert not out.exists()
    shutil.copy(folder / "甲.xlsx", folder / "乙00.xlsx")  # read before, and another since
    capfd.readouterr()
    assert main(["summary", str(folder), "-o", str(out)]) == 1
    assert "接着上次没有做完的：49 个文件已经读过" in capfd.readouterr().err
    main(["summary", str(folder), "-o", str(whole)])
    read = [listed(path, "汇总") for path in (out, whole)]
    assert read[0] == read[1]
    assert len(read[0]) == 75
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("~")] == []


WAITING = """
import sys, time
from workbook_tools.commands.main import main
from workbook_tools.summary import rows as summary
def slow(path, scheme=None):
    print(path.name, file=sys.stderr, flush=True)
    time.sleep(600)
summary.rows_with_findings = slow
if __name__ == "__main__":
    main(["summary", "--jobs", "2", *sys.argv[1:]])
"""


@pytest.fixture
def under_way(folder: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A summary to 汇总表.xlsx by worker processes that are slow at their first form."""
    script = tmp_path / "waiting.py"  # which each worker imports
    script.write_text(WAITING, "utf-8")
    arguments = [sys.executable, str(script), str(folder), "-o", str(tmp_path / "汇总表.xlsx")]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, cwd=EXAMPLES.parent) as running:
        assert running.stderr
        while "xlsx" not in running.stderr.readline():
            assert running.poll() is None
        yield running
        running.kill()


@pytest.mark.slow
def test_no_worker_outlives_a_summary_that_was_killed(under_way: subprocess.Popen[str]) -> None:
    under_way.kill()
    _, said = under_way.communicate(timeout=60)  # ends when the last worker has let go of the pipe
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_second_summary_to_the_same_file_waits_its_turn(
    under_way: subprocess.Popen[str], folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "汇总表.xlsx"
    assert main(["summary", str(folder), "-o", str(out)]) == 3
    assert capsys.readouterr().out == f"另一个汇总正在写 {out}，等它做完再试\n"
    assert (tmp_path / "~汇总表.读取进度").exists()
    under_way.kill()
    under_way.wait(timeout=60)
    assert main(["summary", str(folder), "-o", str(out)]) == 1


def test_a_damaged_record_of_progress_is_begun_again(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "汇总表.xlsx"
    (tmp_path / "~汇总表.读取进度").write_bytes(b"SQLite format 3\0" + b"x" * 500)
    assert main(["summary", str(folder), "-o", str(out)]) == 1
    assert len(listed(out, "汇总")) == 5


@needs_libreoffice
def test_libreoffice_opens_the_summary(tmp_path: Path) -> None:
    out = tmp_path / "汇总表.xlsx"
    main(["summary", str(EXAMPLES), "-o", str(out)])
    assert convert([out], tmp_path / "office", "pdf")["汇总表"].stat().st_size > 10_000


@pytest.mark.slow
def test_the_summary_counts_the_issues_of_a_review(tmp_path: Path) -> None:
    form(tmp_path / "收到" / "甲.xlsx")
    form(tmp_path / "收到" / "乙.xlsx", unit="乙局", changes={})
    main(["review", "close", str(review(tmp_path / "收到"))])
    form(tmp_path / "收到" / "甲.xlsx", changes={"100 | 98 |": "100 | 97 |"})
    main(["review", "again", str(tmp_path / "收到"), "--issues", str(tmp_path / "问题清单.xlsx")])
    out = tmp_path / "汇总表.xlsx"
    assert main(["summary", str(tmp_path / "收到"), "-o", str(out), "--issues", str(tmp_path / "问题清单.xlsx")]) == 0
    table = {row["单位"]: row for row in records(out, "汇总")}
    assert [table["甲局"][name] for name in ("未整改", "已整改")] == [1, 2]
    assert [table["乙局"][name] for name in ("未整改", "已整改")] == ["—", "—"]
    assert main(["summary", str(tmp_path / "收到"), "-o", str(out)]) == 0
    assert "未整改" not in listed(out, "汇总")[0]
