"""When a form came in, and who has sent none: what a bureau may say of a unit, and what it may not."""

from __future__ import annotations

import email
import os
import shutil
from dataclasses import fields, replace
from datetime import date, datetime
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from correct import CORRECT
from paper import EXAMPLES, drawn_book
from tables import listed
from workbook_tools.commands.main import fill_form, main
from workbook_tools.errors import FileRejected
from workbook_tools.summary.receipts import Receipts, read_receipts
from workbook_tools.summary.rows import FormRow

DEADLINE = "2026-02-28"


def received(path: Path, unit: str, day: str = "2026-02-20", total: str = "") -> Path:
    """A form of a unit as it came in on a day, its total blank or typed."""
    drawing = CORRECT.replace("项目名称 | 公共服务项目", f"实施单位 | {unit} | 项目名称 | {unit}的项目")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(drawn_book(drawing.replace("| 100 | 98 |", f"| 100 | {total} |")))
    return dated(path, day)


def dated(path: Path, day: str) -> Path:
    """The file as changed at noon of a day."""
    moment = datetime.fromisoformat(f"{day}T12:00").astimezone().timestamp()
    os.utime(path, (moment, moment))
    return path


def day_of(path: Path) -> date:
    return datetime.fromtimestamp(path.stat().st_mtime).astimezone().date()


def changed(path: Path, day: str, words: str = "改过") -> None:
    """The file as a person saved it on a day."""
    workbook = load_workbook(path)
    workbook.worksheets[0]["J40"] = words
    workbook.save(path)
    dated(path, day)


def summarised(folder: Path, *more: str) -> dict[str, list[tuple[str, str]]]:
    """Unit → what the sheet 催报 says of it, without what is not filled in or wrong."""
    out = folder.parent / "汇总表.xlsx"
    assert main(["summary", str(folder), "-o", str(out), *more]) in (0, 1)
    found: dict[str, list[tuple[str, str]]] = {}
    for unit, kind, said in listed(out, "催报")[1:]:
        if kind not in ("没有填完", "有错误"):
            found.setdefault(str(unit), []).append((str(kind), str(said).removeprefix(f"{folder}{os.sep}")))
    return found


def came_in(folder: Path) -> dict[str, tuple[str, str]]:
    """File → the day and its basis in the sheet 汇总."""
    rows = listed(folder.parent / "汇总表.xlsx", "汇总")
    table = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    return {Path(str(row["文件"])).name: (str(row["收到日期"]), str(row["收到日期按"])) for row in table}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "收到"


def test_the_time_of_our_own_filling_is_not_the_day_of_receipt(folder: Path) -> None:
    form = received(folder / "甲.xlsx", "甲局")
    fill_form([str(form)])
    assert day_of(form) > date(2026, 2, 28)
    assert summarised(folder, "--deadline", DEADLINE) == {}
    assert came_in(folder) == {"甲.xlsx": ("2026-02-20", "填写前备份的文件时间")}


def test_several_fillings_lead_back_to_the_file_as_it_came(folder: Path) -> None:
    form = received(folder / "甲.xlsx", "甲局")
    fill_form([str(form)])
    (folder.parent / "数据.csv").write_text("字段,内容\nindicators.1.actual,205人\n", "utf-8")
    main(["fill", str(form), "--data", str(folder.parent / "数据.csv"), "--overwrite"])
    assert len(list((folder / "填表前备份").iterdir())) == 2
    assert summarised(folder, "--deadline", DEADLINE) == {}


def test_a_completed_copy_keeps_the_time_of_its_form_and_of_a_form_filled_before(folder: Path) -> None:
    form = received(folder / "甲.xlsx", "甲局")
    copies = folder.parent / "填好"
    fill_form([str(form), "-o", str(copies / "先.xlsx")])
    fill_form([str(form)])
    fill_form([str(form), "-o", str(copies / "后.xlsx")])
    assert {day_of(path) for path in copies.iterdir()} == {date(2026, 2, 20)}
    assert [kind for kind, _ in summarised(copies, "--deadline", DEADLINE)["甲局"]] == ["重复报送"]


def test_a_form_is_late_by_its_file_time_and_says_so(folder: Path) -> None:
    received(folder / "甲.xlsx", "甲局", "2026-03-01")
    said = summarised(folder, "--deadline", DEADLINE)
    assert said == {"甲局": [("逾期", "甲.xlsx：2026-03-01 收到（按文件时间），截止 2026-02-28")]}
    assert came_in(folder) == {"甲.xlsx": ("2026-03-01", "文件时间")}


@pytest.mark.slow
def test_points_for_a_late_form_are_proposed_to_the_reviewer_and_not_told_to_the_unit(folder: Path) -> None:
    folder.mkdir()
    form = folder / "中山.xlsx"
    shutil.copy(EXAMPLES / "zhongshan_12345_2022.xlsx", form)
    dated(form, "2026-03-01")
    received(folder / "甲.xlsx", "甲局", "2026-03-01")
    late = "2026-03-01 收到（按文件时间），截止 2026-02-28"
    proposal = "“自评工作质量”可以扣 5 分（是否按照按时按质提交自评材料, 否则-5分），扣不扣由审核人决定"
    said = summarised(folder, "--deadline", DEADLINE)
    assert said == {
        "中山市12345投诉举报平台管理中心": [("逾期", f"中山.xlsx：{late}；{proposal}")],
        "甲局": [("逾期", f"甲.xlsx：{late}")],
    }
    addresses, drafts = folder.parent / "通讯录.csv", folder.parent / "草稿"
    addresses.write_text("单位,邮箱\n中山市12345投诉举报平台管理中心,a@example.cn\n", "utf-8")
    listed = ["--to-list", str(addresses), "--deadline", DEADLINE, "--draft", str(drafts)]
    main(["chase", str(folder), *listed])
    [draft] = drafts.iterdir()
    body = email.message_from_bytes(draft.read_bytes(), policy=default).get_body(("plain",))
    assert body is not None
    assert late in body.get_content()
    assert "由审核人决定" not in body.get_content()


@pytest.mark.parametrize(
    ("edited", "kind"), [("2026-02-27", None), ("2026-03-02", "收到日期不能确定")], ids=["in time", "after it"]
)
def test_a_form_changed_after_it_was_filled_is_not_called_late(edited: str, kind: str | None, folder: Path) -> None:
    form = received(folder / "甲.xlsx", "甲局")
    fill_form([str(form)])
    changed(form, edited)
    said = summarised(folder, "--deadline", DEADLINE)
    assert [one for one, _ in said.get("甲局", [])] == ([kind] if kind else [])
    fill_form([str(form)])  # what was changed is filled again: still nobody knows
    assert summarised(folder, "--deadline", DEADLINE) == said


def test_a_form_is_late_whatever_was_done_to_it_since_when_it_came_late(folder: Path) -> None:
    form = received(folder / "甲.xlsx", "甲局", "2026-03-01")
    fill_form([str(form)])
    changed(form, "2026-03-05")
    ((kind, said),) = summarised(folder, "--deadline", DEADLINE)["甲局"]
    assert kind == "逾期"
    assert "2026-03-01 至 2026-03-05 之间 收到" in said


BLANK: dict[str, Any] = {field.name: "" for field in fields(FormRow)}
NOTHING = FormRow(**BLANK)
FORMS = {
    "甲.xlsx": replace(NOTHING, file="收到/甲.xlsx", unit="甲局（本级）", project="培训"),
    "乙.xlsx": replace(NOTHING, file="收到/乙.xlsx", unit="乙局", project="宣传"),
}


@pytest.mark.parametrize(
    ("rows", "days"),
    [
        ([("文件", "收到日期"), ("甲.xlsx", "2026-02-20"), ("乙", "2026/3/1")], ("2026-02-20", "2026-03-01")),
        ([("单位", "收到日期"), ("甲局(本级)", "2026年2月20日"), ("乙局", "2026.3.1")], ("2026-02-20", "2026-03-01")),
        (
            [
                ("序号", "单位", "项目", "收到日期"),
                (1, "甲局（本级）", "培训", "2026-02-20 09:30"),
                (2, "乙局", "别的", "2026-03-01"),
            ],
            ("2026-02-20", None),
        ),
        (
            [
                ("单位", "收到日期"),
                ("甲局（本级）", date(2026, 2, 20)),
                ("乙局", ""),
                ("甲局（本级）", date(2026, 3, 1)),
            ],
            ("2026-02-20 至 2026-03-01 之间", None),
        ),
        (
            [("登记表",), (), ("单位名称", "签收日期"), ("乙局", datetime.fromisoformat("2026-03-01T09:30"))],
            (None, "2026-03-01"),
        ),
    ],
    ids=["by file", "by unit", "by project", "twice", "as registered"],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_of_receipts_says_when_a_form_came_in(
    kind: str, rows: list[tuple[Any, ...]], days: tuple[str | None, ...], tmp_path: Path
) -> None:
    path = tmp_path / f"登记.{kind}"
    if kind == "csv":
        path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows), "gb18030")
    else:
        workbook = Workbook()
        for row in rows:
            workbook.worksheets[0].append(row)
        workbook.save(path)
    receipts = read_receipts(path)
    found = [receipts.of(form) for form in FORMS.values()]
    assert tuple(one.words or None for one in found) == days


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("单位,收到日期\n甲局,二月底\n", "第 2 行：收到日期“二月底”要写成 2026-02-28 这样"),
        ("单位,收到日期\n甲局,2026-02-30\n", "第 2 行：收到日期“2026-02-30”要写成 2026-02-28 这样"),
        ("名称,天\n甲局,2026-02-20\n", "要有“文件”或“单位”一列，和“收到日期”一列"),
    ],
)
def test_a_list_that_cannot_be_read_is_told(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "登记.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(FileRejected, match=sentence):
        read_receipts(path)


def test_a_list_goes_before_the_times_of_files_and_is_no_form_itself(folder: Path) -> None:
    received(folder / "甲.xlsx", "甲局", "2026-03-05")
    received(folder / "乙.xlsx", "乙局", "2026-02-05")
    (folder / "登记.csv").write_text("单位,收到日期\n甲局,2026-02-27\n乙局,2026-03-01\n", "utf-8")
    listed = str(shutil.copy(folder / "登记.csv", folder / "登记表.csv"))
    said = summarised(folder, "--deadline", DEADLINE, "--receipts", listed)
    assert said == {"乙局": [("逾期", "乙.xlsx：2026-03-01 收到（按收到日期清单），截止 2026-02-28")]}


def test_without_a_list_and_a_deadline_every_form_still_says_when_it_came_in() -> None:
    gone = Receipts().of(FORMS["甲.xlsx"])
    assert (gone.words, gone.basis, gone.after(date(2026, 2, 28))) == ("", "文件不在了", None)


UNITS = "甲局\n丙局\n丁局\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("丙局自评表.docx", "可能已报送但无法读取", "文字处理的文件"),
        ("丙局.PDF", "可能已报送但无法读取", "PDF"),
        ("丙局/自评表.zip", "可能已报送但无法读取", "请解压"),
        ("丙局.wps", "可能已报送但无法读取", "文字处理的文件"),
        ("丙局.doc", "可能已报送但无法读取", "文字处理的文件"),
        ("丙局.rar", "可能已报送但无法读取", "请解压"),
        ("丙局照片.jpg", "可能已报送但无法读取", "图片"),
        ("丙局.et", "可能已报送但无法读取", "不是 Excel 工作簿"),
        ("丙局.xlsx", "可能已报送但无法读取", "不是 Excel 工作簿"),
        ("丙局.dat", "可能已报送但无法读取", "不是工作簿"),
        ("扫描件001.pdf", "没有报送", "另有 1 个文件不知道是谁的，可能在里面"),
        ("甲局盖章.pdf", "没有报送", "名单上有，没有收到表"),
        ("丙局说明.txt", "没有报送", "名单上有，没有收到表"),
        (".丙局.pdf", "没有报送", "名单上有，没有收到表"),
        ("填表前备份/丙局.pdf", "没有报送", "名单上有，没有收到表"),
    ],
)
def test_a_unit_whose_file_could_not_be_read_has_not_sent_nothing(
    name: str, kind: str, told: str, folder: Path
) -> None:
    received(folder / "甲.xlsx", "甲局")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"what is no workbook")
    (folder.parent / "名单.txt").write_text(UNITS, "utf-8")
    said = summarised(folder, "--expected", str(folder.parent / "名单.txt"))
    assert [one for one, _ in said["丙局"]] == [kind]
    assert told in said["丙局"][0][1]
    assert [one for one, _ in said["丁局"]] == ["没有报送"]
    unread = [str(row[0]) for row in listed(folder.parent / "汇总表.xlsx", "没有读")[1:]]
    assert unread == ([str(folder / name)] if not name.startswith((".", "填表前备份")) and ".txt" not in name else [])


@pytest.mark.parametrize(
    ("file", "unit", "kind"),
    [
        ("表.xlsx", "219-丙局", "可能已报送但单位不一致"),
        ("丙局.xlsx", "", "可能已报送但单位不一致"),
        ("表.xlsx", "戊局", "没有报送"),
    ],
)
def test_a_form_under_another_name_may_be_of_the_unit(file: str, unit: str, kind: str, folder: Path) -> None:
    received(folder / file, unit)
    (folder.parent / "名单.txt").write_text("丙局\n", "utf-8")
    said = summarised(folder, "--expected", str(folder.parent / "名单.txt"))
    assert [one for one, _ in said["丙局"]] == [kind]


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("丙局_000011_表.xlsx", "可能已报送但单位不一致"),  # with the form of another unit of the list in it
        ("丙局/甲局.xlsx", "没有报送"),  # of a unit below it
        ("丙局下属甲局.xlsx", "没有报送"),
        ("表.xlsx", "没有报送"),
    ],
)
def test_a_unit_that_has_sent_the_form_of_another_one_by_mistake_has_not_sent_nothing(
    file: str, kind: str, folder: Path
) -> None:
    received(folder / file, "甲局")
    (folder.parent / "名单.txt").write_text("甲局\n丙局\n", "utf-8")
    said = summarised(folder, "--expected", str(folder.parent / "名单.txt"))
    assert [one for one, _ in said["丙局"]] == [kind]
    assert "甲局" not in said


def test_a_unit_on_the_list_of_receipts_has_not_sent_nothing(folder: Path) -> None:
    received(folder / "甲.xlsx", "甲局")
    (folder.parent / "名单.txt").write_text(UNITS, "utf-8")
    (folder.parent / "登记.csv").write_text("单位,收到日期\n丙局,2026-02-27\n丁局,\n", "utf-8")
    arguments = ["--expected", str(folder.parent / "名单.txt"), "--receipts", str(folder.parent / "登记.csv")]
    said = summarised(folder, *arguments)
    assert {unit: one[0][0] for unit, one in said.items()} == {"丙局": "可能已报送但无法读取", "丁局": "没有报送"}
    assert "收到日期清单上有 2026-02-27，没有找到能读的表" in said["丙局"][0][1]


@pytest.mark.parametrize("command", [fill_form, lambda arguments: main(["check", *arguments])], ids=["fill", "check"])
def test_what_in_a_folder_was_not_read_is_listed(
    command: object, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(command)
    for name in ("甲.docx", "乙.pdf", "丙.pdf", "Thumbs.db"):
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"what is no workbook")
    try:
        code = command([str(folder)])
    except SystemExit as stopped:
        code = stopped.code
    assert code == 3
    none = "".join(capsys.readouterr())
    assert "没有找到工作簿" in none
    received(folder / "丁.xlsx", "丁局", total="98")
    assert command([str(folder)]) == 0
    for said in (none, capsys.readouterr().out):
        assert "没有读 3 个文件：" in said
        assert f"{folder / '丙.pdf'}、{folder / '乙.pdf'}：PDF，不是工作簿；请换成 Excel 表（.xlsx）再试" in said
        assert "Thumbs.db" not in said


class TestChasing:
    @pytest.fixture
    def addresses(self, folder: Path) -> list[str]:
        rows = "".join(
            f"{unit},{name}@example.cn\n" for unit, name in (("甲局", "jia"), ("丙局", "bing"), ("丁局", "ding"))
        )
        (folder.parent / "通讯录.csv").write_text(f"单位,邮箱\n{rows}", "utf-8")
        return ["--to-list", str(folder.parent / "通讯录.csv"), "--deadline", DEADLINE]

    def drafts(self, folder: Path, *arguments: str) -> dict[str, str]:
        """Name → text of each reminder."""
        out = folder.parent / "草稿"
        shutil.rmtree(out, ignore_errors=True)
        main(["chase", str(folder), *arguments, "--draft", str(out)])
        found = {}
        for path in out.iterdir() if out.exists() else ():
            body = email.message_from_bytes(path.read_bytes(), policy=default).get_body(("plain",))
            found[path.stem] = str(body.get_content()) if body else ""
        return found

    def test_a_reminder_says_what_a_form_is_late_by(self, folder: Path, addresses: list[str]) -> None:
        late = received(folder / "甲.xlsx", "甲局", "2026-03-01")
        fill_form([str(late)])
        said = self.drafts(folder, *addresses)["催报 甲局"]
        assert "逾期：甲.xlsx：2026-03-01 收到（按填写前备份的文件时间），截止 2026-02-28。" in said
        assert "收到日期不对的，请回复说明" in said

    def test_nobody_is_reminded_of_what_may_not_be_so(
        self, folder: Path, addresses: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        in_time = received(folder / "甲.xlsx", "甲局")
        fill_form([str(in_time)])
        changed(in_time, "2026-03-02")
        (folder / "丙局.pdf").write_bytes(b"scan")
        assert self.drafts(folder, *addresses).keys() == {"催报 丁局"}
        said = capsys.readouterr().out
        assert "甲局：收到日期不能确定" in said
        assert "丙局：可能已报送但无法读取" in said

    def test_what_the_days_are_taken_from_is_told_and_a_summary_is_nobodys_form(
        self, folder: Path, addresses: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        fill_form([str(received(folder / "甲.xlsx", "甲局"))])
        received(folder / "丙.xlsx", "丙局", total="98")
        for _ in range(2):
            main(["summary", str(folder), "-o", str(folder / "汇总表.xlsx"), "--deadline", DEADLINE])
            shutil.copy(folder / "汇总表.xlsx", folder / "以前的汇总表.xlsx")
        said = capsys.readouterr().out
        assert "收到日期按：文件时间（1 张）；填写前备份的文件时间（1 张）" in said
        assert said.count("0 个文件没有读") == 2
        assert self.drafts(folder, *addresses).keys() == {"催报 丁局"}
        assert "收到日期按：文件时间（1 张）；填写前备份的文件时间（1 张）" in capsys.readouterr().out

    @pytest.mark.parametrize("unknown", ["扫描件001.pdf", "表.xlsx"])
    def test_nobody_is_told_to_have_sent_nothing_while_a_file_may_be_anyones(
        self, unknown: str, folder: Path, addresses: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        received(folder / "甲.xlsx", "甲局", total="98")
        if unknown.endswith(".pdf"):
            (folder / unknown).write_bytes(b"scan")
        else:
            received(folder / unknown, "")
        assert self.drafts(folder, *addresses) == {}
        assert f"不知道是哪个单位的文件：{folder / unknown}" in capsys.readouterr().out
        (folder / unknown).rename(folder / f"丙局{unknown}")
        assert self.drafts(folder, *addresses).keys() == {"催报 丁局"}

    def test_a_folder_that_is_not_there_says_nothing_of_any_unit(
        self, folder: Path, addresses: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        gone = folder.parent / "丙局"
        assert main(["chase", str(gone), *addresses, "--draft", str(folder.parent / "草稿")]) == 3
        assert capsys.readouterr().out == f"{gone}：没有这个文件或文件夹；没有发送\n"
