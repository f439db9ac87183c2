"""`workbook_tools check` and `explain` as a reviewer runs them: on the console, as data, as a page, as a marked copy."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from correct import CORRECT
from paper import PaperSheet, drawn_book
from places import EXAMPLES
from workbook_tools.assess import assess_file
from workbook_tools.checks import CHECKS
from workbook_tools.commands.main import fill_form, main
from workbook_tools.mail.compose import outgoing
from workbook_tools.reports.html import points
from workbook_tools.summary.rows import rows_of
from workbook_tools.template.workbook import workbook_bytes

TANGXI = EXAMPLES / "national_tangxi_2022.xlsx"
LIJIANG = EXAMPLES / "yunnan_lijiang_2020.xlsx"


def drawn(path: Path, drawing: str = CORRECT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(drawn_book(drawing))
    return path


def test_a_correct_form_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(drawn(tmp_path / "表.xlsx"))]) == 0
    assert "没有错误" in capsys.readouterr().out


def test_a_finding_tells_level_code_cell_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    before = TANGXI.read_bytes()
    assert main(["check", str(TANGXI)]) == 1
    said = capsys.readouterr().out
    assert "错误 B103  D7 全年预算数：填 0，应为 89.974（资金来源只有一项：89.974）" in said
    assert TANGXI.read_bytes() == before


def test_hints_alone_are_no_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(drawn(tmp_path / "表.xlsx", FULL))]) == 0
    assert "提示 S107" in capsys.readouterr().out


def test_a_folder_is_checked_and_one_bad_file_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawn(tmp_path / "甲" / "表.xlsx")
    shutil.copy(TANGXI, tmp_path / "乙.xlsx")
    (tmp_path / "坏.xlsx").write_bytes(b"PK")
    assert main(["check", str(tmp_path)]) == 3
    said = capsys.readouterr()
    assert "共 3 个文件：1 个有错误，1 个没有错误，1 个没有处理" in said.out
    assert said.err == ""


def test_json_is_the_same_findings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(LIJIANG), "--format", "json"]) == 1
    forms = json.loads(capsys.readouterr().out)
    assert len(forms) == 1
    assert (forms[0]["scheme"], forms[0]["project"]) == ("yunnan", "2020年省级自然资源卫片执法补助经费")
    found = {(one["code"], one["cell"], one["field"]) for one in forms[0]["findings"]}
    assert ("S106", "自评表!I13", "indicators.1.score") in found
    assert {one["code"] for one in forms[0]["findings"]} <= CHECKS.keys()


def test_csv_opens_in_excel_and_holds_no_formula(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = drawn(tmp_path / "=cmd.xlsx", CORRECT.replace("| 培训人数 |", "| =1+1资金 |").replace("210人", "150次"))
    assert main(["check", str(path), "--format", "csv"]) == 1
    text = capsys.readouterr().out
    assert text.startswith("\ufeff文件,工作表,级别")
    rows = list(csv.reader(io.StringIO(text[1:])))
    assert len({len(row) for row in rows if row}) == 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


class Reader(HTMLParser):
    """Counts the rows of a page, and what it loads from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.rows, self.loads, self.ids, self.links = 0, [], set[str](), set[str]()  # type: ignore[var-annotated]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.rows += tag == "tr"
        if tag in ("img", "link", "iframe") or said.get("src"):
            self.loads.append(tag)
        if identity := said.get("id"):
            self.ids.add(identity)
        if (link := said.get("href")) and link.startswith("#"):
            self.links.add(link[1:])


def test_the_page_stands_alone_with_the_summary_on_top(tmp_path: Path) -> None:
    page = tmp_path / "结果.html"
    drawn(tmp_path / "表" / "<b>&表.xlsx")
    shutil.copy(TANGXI, tmp_path / "表")
    (tmp_path / "表" / "坏.xlsx").write_bytes(b"PK")
    main(["check", str(tmp_path / "表"), "--html", str(page)])
    text = page.read_text("utf-8")
    reader = Reader()
    reader.feed(text)
    assert reader.loads == []
    assert {"f1", "f2"} < reader.links <= reader.ids, "every link leads to a place of the page"
    assert "<b>&表" not in text
    assert "&lt;b&gt;&amp;表" in text
    assert text.index("共 2 张表，1 张有错误") < text.index("B103")
    assert "坏.xlsx" in text


def page_of(tmp_path: Path, *files: Path) -> str:
    page = tmp_path / "结果.html"
    main(["check", *map(str, files), "--html", str(page)])
    return page.read_text("utf-8")


def test_the_page_counts_each_check_and_leads_to_what_it_means(tmp_path: Path) -> None:
    text = page_of(tmp_path, TANGXI)
    (form,) = assess_file(TANGXI).forms
    found = Counter(place.finding.code for place in form.found)
    for code, count in found.items():
        row = re.search(rf'<tr><td class="c" data-n="代码"><a href="#{code}">.*?</tr>', text)
        assert row, code
        assert f'data-n="处数">{count}<' in row[0]
        page = re.search(rf'<details>(?:(?!</details>).)*<div id="{code}">.*?</details>', text, re.DOTALL)
        assert page, code
        assert all(f"<h3>{part}</h3>" in page[0] for part in ("为什么", "例", "怎么改"))
    assert text.count("<details>") == len(found)


def test_scores_on_the_page_have_the_same_decimals(tmp_path: Path) -> None:
    assert [points(words, 2) for words in ("97", "86.99", "97.6", "", "未定", "86.995")] == [
        *("97.00", "86.99", "97.60", "", "未定", "86.995")
    ]
    assert 'data-n="总分">97.60</td>' in page_of(tmp_path, EXAMPLES / "chongqing_media_2021.xlsx")


def test_the_page_is_read_without_its_script_and_is_made_for_a4(tmp_path: Path) -> None:
    """Rows are hidden only by the script, which also shows the filter; the paper is named; nothing breaks in mid-name."""
    text = page_of(tmp_path, TANGXI)
    style = text[text.index("<style>") : text.index("</style>")]
    assert "@page{size:A4 landscape;margin:" in style
    assert "@media screen and (max-width:" in style
    assert "anywhere" not in style
    assert "<form hidden>" in text
    assert "<wbr>national_tangxi_2022.xlsx" in text
    assert " hidden" not in re.sub("<form hidden>|<style>.*?</style>|<script>.*?</script>", "", text, flags=re.DOTALL)
    assert "default-src 'none'" in text


def test_the_marked_copy_marks_and_the_original_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "副本.xlsx"
    before = TANGXI.read_bytes()
    assert main(["check", str(TANGXI), "--review", str(copy)]) == 1
    assert "标注的副本；原文件没有改动" in capsys.readouterr().out
    assert TANGXI.read_bytes() == before
    workbook = load_workbook(copy)
    assert workbook.sheetnames == ["校验结果", "自评表"]
    marked = workbook["自评表"]["D7"]
    assert marked.fill.fgColor.rgb == "00FFC7CE"
    assert marked.comment is not None
    assert "应为 89.974" in marked.comment.text
    assert marked.value == 0
    result = workbook["校验结果"]
    rows = list(result.iter_rows(min_row=2))
    places = assess_file(TANGXI).forms[0].found
    assert [row[1].value for row in rows] == [place.finding.code for place in places]
    assert [row[2].hyperlink.location for row in rows if row[2].hyperlink] == [
        "'自评表'!" + place.address.partition("!")[2] for place in places if place.address
    ]
    assert not [cell for row in rows for cell in row if cell.data_type == "f"]


def test_a_comment_of_someone_else_stays_in_the_copy(tmp_path: Path) -> None:
    workbook = PaperSheet(CORRECT.replace("100 | 98", "100 | 97")).workbook()
    sheet = workbook["自评表"]
    from openpyxl.comments import Comment

    total = next(cell for row in sheet.iter_rows() for cell in row if cell.value == 97)
    total.comment = Comment("请复核", "科长")
    path, copy = tmp_path / "表.xlsx", tmp_path / "副本.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    main(["check", str(path), "--review", str(copy)])
    said = load_workbook(copy)["自评表"][total.coordinate].comment
    assert said is not None
    assert said.text.startswith("请复核")
    assert "S102" in said.text


@pytest.mark.parametrize("copy", ["副本.xls", "表.xlsx"])
def test_the_marked_copy_never_goes_over_the_original(
    copy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = drawn(tmp_path / "表.xlsx")
    before = path.read_bytes()
    assert main(["check", str(path), "--review", str(tmp_path / copy)]) == 2
    assert "另一个 .xlsx 文件" in capsys.readouterr().out
    assert path.read_bytes() == before


WAIVED = CORRECT.replace("| 15 | 14 | 制度刚建立", "| 15 | 14 |").replace("100 | 98", "100 | 97")


def test_a_finding_is_waived_in_the_workbook_and_stays_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = waived_in_the_workbook(tmp_path / "表.xlsx", "S102", "G17", "财政局核定", "王五")
    assert main(["check", str(path)]) == 0
    said = capsys.readouterr().out
    assert "已放行 S102  G17 总分：" in said
    assert "（王五：财政局核定）" in said
    assert "1 处已放行" in said


def waived_in_the_workbook(path: Path, *waiver: str, drawing: str = WAIVED) -> Path:
    workbook = PaperSheet(drawing).workbook()
    sheet = workbook.create_sheet("校验")
    for row in (("代码", "位置", "理由", "姓名"), waiver):
        sheet.append(row)
    path.write_bytes(workbook_bytes(workbook))
    return path


FULL = CORRECT.replace("| 15 | 14 | 制度刚建立", "| 15 | 15 |").replace("100 | 98", "100 | 99")


def test_filling_does_not_repeat_what_is_waived(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = waived_in_the_workbook(tmp_path / "表.xlsx", "S107", "", "都有证明材料", "王五", drawing=FULL)
    fill_form([str(drawn(tmp_path / "没有放行.xlsx", FULL)), "--dry-run"])
    assert "S107" in capsys.readouterr().out
    fill_form([str(path), "--dry-run"])
    said = capsys.readouterr().out
    assert "S107" not in said
    assert "另有 1 处已放行" in said


def test_a_bad_waiver_does_not_stop_filling(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = waived_in_the_workbook(tmp_path / "表.xlsx", "S106", "", "财政局核定", "")
    fill_form([str(path)])
    said = capsys.readouterr().out
    assert "没有校验：工作表“校验”：放行 S106 要写理由和姓名" in said


@pytest.mark.quick_cases(3)
@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.xlsx")), ids=lambda path: path.stem)
def test_every_way_to_the_findings_finds_the_same(
    example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if example.stem.endswith("targets"):
        pytest.skip("no form of its own")
    path = tmp_path / example.name
    workbook = load_workbook(example)
    hidden = workbook.create_sheet("底稿")
    hidden["A1"] = 12.5
    hidden.sheet_state = "hidden"
    path.write_bytes(workbook_bytes(workbook))
    main(["check", str(path), "--format", "json"])
    checked = json.loads(capsys.readouterr().out)
    levels = Counter(one["level"] for form in checked for one in form["findings"])
    rows, _, _ = rows_of(path)
    assert (levels["错误"], levels["提示"]) == (sum(row.errors for row in rows), sum(row.hints for row in rows))
    mailed = outgoing(path).places
    inspection = ("F110", "F111", "F112", "F113")
    mailed_codes = Counter(place.finding.code for place in mailed if place.finding.code not in inspection)
    assert mailed_codes == Counter(one["code"] for form in checked for one in form["findings"])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize(
    ("where", "level"),
    [("", "已放行"), ("自评表!G17", "已放行"), ("自评表！g17", "已放行"), ("$G$17", "已放行"), ("G99", "错误")],
)
def test_a_finding_is_waived_by_a_list(
    where: str, level: str, encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waivers = tmp_path / "放行.csv"
    waivers.write_text(f"代码,位置,理由,姓名\nS102,{where},核定,王五\n", encoding)
    main(["check", str(drawn(tmp_path / "表.xlsx", WAIVED)), "--waive", str(waivers)])
    assert f"{level} S102" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("代码,位置,理由,姓名\nS102,,核定,\n", "要写理由和姓名"),
        ("代码,位置,理由,姓名\nS102\n", "要写理由和姓名"),
        ("代码,位置,理由,姓名\nX999,,核定,王五\n", "没有代码为“X999”的检查"),
        ("S102,核定\nS103,核定\n", "第一行要有 代码、位置、理由、姓名"),
    ],
)
def test_a_waiver_without_reason_or_name_is_refused(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waivers = tmp_path / "放行.csv"
    waivers.write_text(text, "utf-8")
    assert main(["check", str(drawn(tmp_path / "表.xlsx")), "--waive", str(waivers)]) == 2
    assert said in capsys.readouterr().out
    assert main(["check", str(tmp_path / "表.xlsx"), "--waive", str(tmp_path / "没有.csv")]) == 2


def test_hidden_sheets_with_figures_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workbook = PaperSheet(CORRECT).workbook()
    hidden = workbook.create_sheet("底稿")
    hidden["A1"] = 12.5
    hidden.sheet_state = "hidden"
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    assert main(["check", str(path)]) == 0
    assert "F108  工作表“底稿”是隐藏的，里面有数" in capsys.readouterr().out


def test_hidden_rows_of_a_saved_sheet_are_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workbook = PaperSheet(CORRECT).workbook()
    workbook["自评表"].row_dimensions[11].hidden = True
    workbook["自评表"].column_dimensions["H"].hidden = True
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    main(["check", str(path)])
    cells = re.findall(r"F107  (\S+)", capsys.readouterr().out)
    assert cells == ["H5", "B11", "H15"]  # of the column its first cell in each table, and one for the row


def crossed_out(path: Path, cells: Iterable[str], texts: Mapping[str, CellRichText]) -> Path:
    """A correct form with the strikethrough font in some cells, and rich texts in others."""
    workbook = PaperSheet(CORRECT).workbook()
    for cell in cells:
        workbook["自评表"][cell].font = Font(strike=True)
    for cell, text in texts.items():
        workbook["自评表"][cell] = text
    path.write_bytes(workbook_bytes(workbook))
    return path


STRUCK = TextBlock(InlineFont(strike=True), "95%")


def test_what_is_struck_through_is_told_and_counts_until_a_person_deletes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {"E11": CellRichText(STRUCK, " 96%"), "E16": CellRichText(STRUCK)}
    path = crossed_out(tmp_path / "表.xlsx", ["A10", "B10", "C10", "D10", "G10", "D6", "H11"], texts)
    assert main(["check", str(path)]) == 1
    told = re.findall(r"F125  (\S+) .*?([“”].*)", capsys.readouterr().out)
    counted = "“培训人数”这一行划了删除线，现在仍然计入分值合计和总分：分值 20，得分 20.00"
    said = {cell: words.partition("；")[0] for cell, words in told}
    assert said == {
        "D6": "“90”划了删除线，现在仍然算是填写的内容",
        "C10": counted,
        "E11": "“95% 96%”里的“95%”划了删除线，现在连同划掉的一起读",
        "E16": "“95%”划了删除线，现在仍然算是填写的内容",
    }
    assert all("请去掉删除线" in words or "只留下要的内容" in words for _, words in told)


@pytest.mark.parametrize(
    "font",
    [
        pytest.param(b'<strike val="0"/>', id="taken back"),
        pytest.param(b'<strike val="false" />', id="taken back, in words"),
        pytest.param(b"", id="of a conditional format"),
    ],
)
def test_a_font_that_strikes_nothing_through_accuses_nobody(font: bytes, tmp_path: Path) -> None:
    path = crossed_out(tmp_path / "表.xlsx", ["C11"], {"E11": CellRichText("96", TextBlock(InlineFont(b=True), "%"))})
    made = tmp_path / "改.xlsx"
    with zipfile.ZipFile(path) as read, zipfile.ZipFile(made, "w") as write:
        for name in read.namelist():
            part = read.read(name)
            if name == "xl/styles.xml":
                assert b'<strike val="1"/>' in part
                part = part.replace(b'<strike val="1"/>', font)
                part = re.sub(
                    rb"<dxfs[^>]*?(?:/>|>)", b'<dxfs count="1"><dxf><font><strike/></font></dxf></dxfs>', part
                )
            write.writestr(name, part)
    assert "F125" not in {one.code for one in assess_file(made).findings}


@pytest.mark.quick_cases(12)
@pytest.mark.parametrize("code", [*sorted(CHECKS), "s105"])
def test_explain_prints_the_page(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", code]) == 0
    said = capsys.readouterr().out
    assert "## 怎么改" in said
    assert CHECKS[code.upper()].title in said


def test_explain_lists_all_and_knows_what_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    said = capsys.readouterr().out
    assert all(code in said for code in CHECKS)
    assert main(["explain", "Z999"]) == 2
    assert "没有代码为“Z999”的检查" in capsys.readouterr().out


def test_filling_tells_what_the_checks_find(capsys: pytest.CaptureFixture[str]) -> None:
    fill_form([str(EXAMPLES / "zhongshan_12345_2022.xlsx"), "--dry-run"])
    said = capsys.readouterr().out
    assert "错误 R102  E10 完成情况：写了 277 字，限 200 字以内；请压缩" in said
    assert "S109" not in said, "what filling has filled in is not missing"


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.slow
@pytest.mark.skipif(
    not (CHROMIUM and shutil.which("pdftotext")) and not os.environ.get("CI"),
    reason="Chromium and pdftotext are not installed",
)
def test_the_page_prints_in_chromium_with_everything_on_it(tmp_path: Path) -> None:
    page, paper = tmp_path / "结果.html", tmp_path / "paper.pdf"
    main(["check", str(EXAMPLES), "--html", str(page)])
    assert CHROMIUM, "CI installs Chromium"
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command += ["--no-pdf-header-footer", f"--print-to-pdf={paper}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    printed = subprocess.run(
        ["pdftotext", "-layout", str(paper), "-"], check=True, capture_output=True, text=True
    ).stdout
    flat = "".join(printed.split())
    for path in EXAMPLES.glob("*.xlsx"):
        assert path.name in flat
    for form in assess_file(TANGXI).forms:
        for place in form.found:
            assert place.finding.code in flat
            assert "".join(place.finding.message.split())[:12] in flat
    assert "http" not in page.read_text("utf-8").replace("http-equiv", "")  # nothing is loaded from elsewhere
    size = subprocess.run(["pdfinfo", str(paper)], check=True, capture_output=True, text=True).stdout
    assert re.search(r"Page size: +841\.\d+ x 59[45]", size), "A4, landscape"


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM and not os.environ.get("CI"), reason="Chromium is not installed")
@pytest.mark.parametrize(
    "wanted", [{"level": "错误"}, {"code": "B103"}, {"words": "没有满意度"}, {"words": "不在页上"}, {}]
)
def test_the_filter_shows_what_is_asked_for(tmp_path: Path, wanted: dict[str, str]) -> None:
    page = tmp_path / "filtered.html"
    typed = "".join(f"f.{name}.value='{value}';" for name, value in wanted.items())
    done = f"<script>var f=document.querySelector('form');{typed}f.dispatchEvent(new Event('input'))</script></body>"
    page.write_text(page_of(tmp_path, TANGXI).replace("</body>", done), "utf-8")
    command = [str(CHROMIUM), "--headless", "--no-sandbox", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    shown = subprocess.run([*command, page.as_uri()], check=True, capture_output=True, text=True, timeout=120).stdout
    rows = re.findall(r'<tr data-level="(.*?)" data-code="(.*?)"( hidden="")?>(.*?)</tr>', shown)
    assert rows
    for level, code, hidden, words in rows:
        fits = wanted.get("level", level) == level and wanted.get("code", code) == code
        assert bool(hidden) != (fits and wanted.get("words", "") in re.sub("<.*?>", "", words))
