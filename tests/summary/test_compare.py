"""对比表: two years and many units; pairs that are certain, asked about, answered; nothing said of published forms that
a reviewer would laugh at."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

import printed
from correct import CORRECT
from office import convert, needs_libreoffice
from paper import PaperSheet, drawn_book
from places import EXAMPLES
from reviewed import rows
from tables import records
from workbook_tools.assess import assess_file
from workbook_tools.checks.compared import ComparedForm, ComparedText, name_key
from workbook_tools.checks.registry import HINT
from workbook_tools.commands.main import main
from workbook_tools.summary import likeness
from workbook_tools.summary.compared import compared_file, compared_files
from workbook_tools.summary.comparison import Comparison, compared
from workbook_tools.summary.pairs import PROJECT, paired
from workbook_tools.summary.tables import HEAD
from workbook_tools.template.workbook import workbook_bytes

pytest.importorskip("rapidfuzz", reason="pip install workbook_tools[compare]")

LAST, THIS = EXAMPLES / "guangzhou_12345_2021.xlsx", EXAMPLES / "guangzhou_department_2023.xlsx"


def drawing(unit: str, project: str, year: int = 2023, code: str = "") -> str:
    head = f"项目名称 | {project} | < | 实施单位 | {unit}" + (f" | 项目编码 | {code} | <" if code else " | < | < | <")
    return CORRECT.replace("项目名称 | 公共服务项目 | < | < | < | < | < | <", head).replace("2023年度", f"{year}年度")


def write(path: Path, drawn: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(drawn_book(drawn))
    return path


def form(path: Path, unit: str, project: str, **more: str | int) -> ComparedForm:
    (kept,) = compared_file(write(path, drawing(unit, project, **more)))  # type: ignore[arg-type]
    return kept


def said(path: Path) -> dict[str, str]:
    """Code → what is found, of the last finding of that code."""
    return {str(row["代码"]): f"{row['单元格'] or ''} {row['发现']}" for row in records(path, "问题")}


def answer(path: Path, answers: dict[str, str]) -> None:
    """Types answers beside the names of this year's indicators or projects."""
    book = load_workbook(path)
    sheet = book["待确认配对"]
    heading = [cell.value for cell in sheet[HEAD]]
    for row in sheet.iter_rows(min_row=HEAD + 1):
        words = dict(zip(heading, row, strict=True))
        name = str(words["今年指标"].value or words["今年单位、项目"].value)
        if name in answers:
            words["是不是同一个"].value = answers[name]
    book.save(path)


def test_the_hotline_asks_for_less_than_it_reached(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "对比.xlsx"
    assert main(["compare", str(LAST), str(THIS), "-o", str(out)]) == 1
    printed_words = capsys.readouterr().out
    assert "3 对名称相近的要人确认" in printed_words
    found = said(out)
    assert found["C102"] == (
        "E23 “咨询事项一次性解答率”今年指标值 ≥85%，2021年指标值 ≥80%，完成 98.79%；请核对是不是定低了"
    )
    assert "“月度话务接通率”2021年没有完成" in found["C105"]
    assert found.keys() == {"C102", "C105", "C107"}
    asked = records(out, "待确认配对")
    assert [(row["上年指标"], row["今年指标"]) for row in asked] == [
        ("月度话务接通率", "话务接通率"),
        ("对群众对办理结果不满意的回访率", "不满意回访率"),
        ("话务服务市民满意度", "受理服务满意率"),
    ]


@pytest.mark.slow
def test_what_a_person_answers_is_taken_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "对比.xlsx"
    main(["compare", str(LAST), str(THIS), "-o", str(out)])
    answer(out, {"受理服务满意率": "是", "不满意回访率": " 是 ", "话务接通率": "否"})
    capsys.readouterr()
    assert main(["compare", str(LAST), str(THIS), "-o", str(out), "--pairs", str(out)]) == 0
    assert "采用了“待确认配对”里写好的 3 个“是”或“否”" in capsys.readouterr().out
    found = said(out)
    assert found["C117"] == "E25 “受理服务满意率”≥95%，2021年完成 97.52%"
    assert found["C104"] == " “月度话务接通率”2021年没有完成（指标值 ≥95%，完成 94.07%），今年的表上没有这个指标"
    renamed = [str(row["发现"]) for row in records(out, "问题") if row["代码"] == "C106"]
    assert renamed[0] == "2021年叫“话务服务市民满意度”，今年叫“受理服务满意率”"
    assert [row["是不是同一个"] for row in records(out, "待确认配对")] == ["否", "是", "是"]
    assert main(["compare", str(LAST), str(THIS), "-o", str(out)]) == 0  # typed into the file that is written again
    assert [row["是不是同一个"] for row in records(out, "待确认配对")] == ["否", "是", "是"]


@pytest.mark.parametrize(("typed", "words"), [("也许", "写的是“也许”；请写“是”或“否”"), ("是是", "请写“是”或“否”")])
def test_another_answer_is_told(typed: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "对比.xlsx"
    main(["compare", str(LAST), str(THIS), "-o", str(out)])
    answer(out, {"话务接通率": typed})
    before = out.read_bytes()
    assert main(["compare", str(LAST), str(THIS), "-o", str(out)]) == 2
    assert words in capsys.readouterr().out
    assert out.read_bytes() == before


def pairs_of(last: list[ComparedForm], this: list[ComparedForm]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The pairs that are taken and those that are asked about, by the names of their files."""
    found = paired(last, this)
    taken = [(Path(one.last.file).stem, Path(one.this.file).stem) for one in found.pairs]
    asked = [(Path(one.last.file).stem, Path(one.this.file).stem) for one in found.asked if one.what == PROJECT]
    return taken, asked


# Last year's forms and this year's: unit, project, code; which are taken, which are asked about.
PAIRED = {
    "same but for the year": (
        [("甲局", "2022年夜校培训项目", "")],
        [("甲局", "夜校培训项目（2023年度）", "")],
        [(0, 0)],
        [],
    ),
    "the code tells": ([("甲局", "夜校培训项目", "A1")], [("甲局", "技能提升行动", "A1")], [(0, 0)], []),
    "one code in two units": ([("甲局", "夜校培训项目", "A1")], [("乙馆", "技能提升行动", "A1")], [], []),
    "a similar name": (
        [("甲局", "夜校培训项目", ""), ("甲局", "道路养护", "")],
        [("甲局", "夜校技能培训项目", ""), ("甲局", "图书采购", "")],
        [],
        [(0, 0)],
    ),
    "the only one that is left": ([("甲局", "夜校培训项目", "")], [("甲局", "道路养护", "")], [], [(0, 0)]),
    "another unit": ([("甲局", "夜校技能培训项目", "")], [("乙馆", "夜校技能培训项目", "")], [], [(0, 0)]),
    "a general name of another unit": ([("甲局", "专项工作经费", "")], [("乙馆", "专项工作经费", "")], [], []),
    "a renamed unit": (
        [("青山县政务服务数据管理局", "夜校培训项目", "")],
        [("青山县政务服务和数据管理局", "夜校培训项目", "")],
        [(0, 0)],
        [],
    ),
    "nothing in common": (
        [("甲局", "夜校培训项目", ""), ("甲局", "图书采购", "")],
        [("甲局", "道路养护", ""), ("丙站", "水渠清淤", "")],
        [],
        [],
    ),
    "twice the same": (
        [("甲局", "夜校培训项目", ""), ("甲局", "夜校培训项目", "")],
        [("甲局", "夜校培训项目", "")],
        [],
        [(0, 0), (1, 0)],
    ),
}


@pytest.mark.parametrize("name", PAIRED)
def test_certain_pairs_are_taken_and_doubtful_ones_asked(name: str, tmp_path: Path) -> None:
    before, now, taken, asked = PAIRED[name]
    last = [form(tmp_path / "2022" / f"{n}.xlsx", u, p, code=c, year=2022) for n, (u, p, c) in enumerate(before)]
    this = [form(tmp_path / "2023" / f"{n}.xlsx", u, p, code=c) for n, (u, p, c) in enumerate(now)]
    assert pairs_of(last, this) == ([(f"{a}", f"{b}") for a, b in taken], [(f"{a}", f"{b}") for a, b in asked])


# Two files that a person named: unit and project of last year and of this year, and why it is asked.
NAMED = {
    "another project of the unit": (("甲局", "夜校培训项目"), ("甲局", "道路养护"), ""),
    "the project went to another unit": (("甲局", "夜校培训项目"), ("丙站", "夜校培训项目"), ""),
    "both were renamed": (
        ("青山县政务服务数据管理局", "夜校技能培训项目"),
        ("青山县政务服务和数据管理局", "夜校培训项目"),
        "",
    ),
    "both are others": (("甲局", "夜校培训项目"), ("丙站", "水渠清淤"), "单位和项目都不一样"),
    "a name that any unit has": (
        ("甲局", "专项工作经费"),
        ("丙站", "专项工作经费"),
        "单位不一样，没有别的能看出是同一个",
    ),
    "a unit that is not written": (("", "夜校培训项目"), ("丙站", "水渠清淤"), "项目不一样，没有别的能看出是同一个"),
    "nothing is written": (("", ""), ("丙站", "水渠清淤"), ""),
}


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("name", NAMED)
def test_two_named_files_with_nothing_in_common_are_asked_about_before_they_are_compared(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, now, why = NAMED[name]
    last, this = (
        write(tmp_path / f"{year}.xlsx", drawing(*said, year)) for said, year in ((before, 2022), (now, 2023))
    )
    out = tmp_path / "对比.xlsx"
    arguments = ["compare", str(last), str(this), "-o", str(out)]
    code = main(arguments)
    told = capsys.readouterr().out
    assert (code, f"还没有比（{why}）：请在“待确认配对”里写“是”或“否”" in told) == ((1, True) if why else (0, False))
    assert len(records(out, "指标对比")) == (0 if why else 7)
    assert ("发现 " in told) == (not why)
    if why:
        answer(out, {"\n".join(now): "是"})
        assert main(arguments) == 0
        assert len(records(out, "指标对比")) == 7


def test_two_named_files_that_a_person_calls_different_are_not_compared(tmp_path: Path) -> None:
    last = write(tmp_path / "2022.xlsx", drawing("甲局", "夜校培训项目", 2022))
    this = write(tmp_path / "2023.xlsx", drawing("丙站", "水渠清淤"))
    out = tmp_path / "对比.xlsx"
    arguments = ["compare", str(last), str(this), "-o", str(out)]
    main(arguments)
    answer(out, {"丙站\n水渠清淤": "否"})
    assert main(arguments) == 0
    assert [(row["哪一年"], row["项目"]) for row in records(out, "没有配对")] == [
        ("上年有，今年没有", "夜校培训项目"),
        ("今年有，上年没有", "水渠清淤"),
    ]
    assert records(out, "指标对比") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2021年12345热线项目", "12345热线项目"),
        ("12345热线（2021-2022年）", "12345热线"),
        ("二〇二一年度热线", "热线"),
        ("工单转派的及时率", "工单转派及时率"),
        ("指标1：群众满意度", "满意率"),
    ],
)
def test_years_and_little_words_do_not_count(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("一期工程", "二期工程"), ("2000人培训", "3000人培训"), ("合格率", "不合格率"), ("1号路", "2号路")],
)
def test_other_words_and_figures_count(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.slow
def test_folders_are_compared_and_answers_join_projects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "去年" / "甲.xlsx", drawing("甲局", "夜校培训项目", 2022))
    write(tmp_path / "去年" / "乙.xlsx", drawing("乙局", "道路养护", 2022))
    write(tmp_path / "今年" / "甲.xlsx", drawing("甲局", "夜校技能培训项目"))
    write(tmp_path / "今年" / "丙.xlsx", drawing("丙局", "图书采购"))
    out = tmp_path / "对比.xlsx"
    arguments = ["compare", str(tmp_path / "去年"), str(tmp_path / "今年"), "-o", str(out)]
    assert main(arguments) == 1
    assert "配对 0 个项目" in capsys.readouterr().out
    assert [(row["哪一年"], row["项目"]) for row in records(out, "没有配对")] == [
        ("上年有，今年没有", "道路养护"),
        ("上年的，待确认配对", "夜校培训项目"),
        ("今年有，上年没有", "图书采购"),
        ("今年的，待确认配对", "夜校技能培训项目"),
    ]
    answer(out, {"甲局\n夜校技能培训项目": "是"})
    assert main(arguments) == 0
    assert "配对 1 个项目" in capsys.readouterr().out
    assert [row["项目"] for row in records(out, "项目对比")] == ["夜校技能培训项目"]
    assert [row["项目"] for row in records(out, "没有配对")] == ["道路养护", "图书采购"]
    assert len(records(out, "指标对比")) == 7


def test_a_file_without_rapidfuzz_is_compared_by_what_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in ("workbook_tools.summary.pairs", "workbook_tools.summary.likeness"):
        monkeypatch.setattr(f"{module}.can_compare_names", lambda: False)
    out = tmp_path / "对比.xlsx"
    main(["compare", str(LAST), str(THIS), "-o", str(out)])
    assert "没有安装 rapidfuzz" in capsys.readouterr().out
    assert said(out).keys() == {"C102", "C105", "C107"}


GOAL = "按季度组织设备检查，分批完成线路改造，逐项核对档案资料，年底前通过验收并建立回访制度"
COPIES = (
    GOAL,
    GOAL.replace("年底前", "十二月底前"),
    "利用假期开展演出巡查，协调场地和人员，公布节目名单，收集观众意见，调整下一季的安排",
)


def texts(folder: Path, words: tuple[str, ...]) -> list[ComparedForm]:
    kept = [form(folder / f"{n}.xlsx", f"第{n}中学", f"项目{n}号工程") for n in range(len(words))]
    pairs = zip(kept, words, strict=True)
    return [replace(one, texts=(ComparedText("texts.goal", "goal", text),)) for one, text in pairs]


@pytest.mark.slow
@pytest.mark.parametrize("many", [1, 1_000])
def test_texts_that_are_nearly_the_same_are_found_by_either_way(
    many: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if many == 1:
        pytest.importorskip("datasketch", reason="pip install workbook_tools[compare]")
    monkeypatch.setattr(likeness, "MANY", many)
    found = likeness.folder_of(texts(tmp_path, COPIES))
    assert [(one.form.unit, one.other.unit, one.percent) for one in found.alike] == [
        ("第0中学", "第1中学", 95),
        ("第1中学", "第0中学", 95),
    ]


def test_a_text_of_its_own_unit_s_name_is_still_the_same(tmp_path: Path) -> None:
    words = tuple(f"第{n}中学在202{n}年{GOAL}" for n in range(2))
    assert [one.percent for one in likeness.folder_of(texts(tmp_path, words)).alike] == [100, 100]


def published() -> list[Path]:
    return [path for path in sorted(EXAMPLES.glob("*.xlsx")) if not path.stem.endswith("_targets")]


@pytest.fixture(scope="module")
def every_form(tmp_path_factory: pytest.TempPathFactory) -> list[ComparedForm]:
    """All published forms, and the examples that are others, as the forms of one folder."""
    folder = tmp_path_factory.mktemp("printed")
    paths = [folder / f"{name}.xlsx" for name in printed.NAMES]
    for path in paths:
        path.write_bytes(workbook_bytes(printed.drawn(path.stem).sheet.workbook()))
    return compared_files([*paths, *published()], jobs=1)[0]  # pages that are cut have no form


def hints(found: Comparison) -> list[str]:
    return [f"{one.check.code} {Path(one.form.file).stem}" for one in found.differences if one.level == HINT]


@pytest.mark.slow
def test_no_published_form_is_accused_beside_the_others(every_form: list[ComparedForm]) -> None:
    found = compared(every_form)
    assert hints(found) == []
    assert {one.check.code for one in found.differences} == {"C123", "C124", "C125"}


@pytest.mark.slow
def test_a_form_is_not_held_against_one_of_its_own_year(every_form: list[ComparedForm]) -> None:
    dated = [one for one in every_form if one.year]
    assert len(dated) > 20
    for one in dated:
        assert [found.check.code for found in compared([one], [one], named=True).differences] == ["C101"]


def test_words_are_no_formulas_and_links_are_relative(tmp_path: Path) -> None:
    for year, folder in ((2022, "去年 表"), (2023, "今年 表")):
        write(tmp_path / folder / "甲 1#.xlsx", drawing("=1+1", "@SUM(A1)项目", year).replace("66%", f"{year}%"))
    out = tmp_path / "对比.xlsx"
    main(["compare", str(tmp_path / "去年 表"), str(tmp_path / "今年 表"), "-o", str(out)])
    cells = [cell for sheet in load_workbook(out) for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    links = {cell.hyperlink.target or "" for cell in cells if cell.hyperlink}
    assert {unquote(link) for link in links} == {"今年 表/甲 1#.xlsx", "去年 表/甲 1#.xlsx"}
    assert all("%20" in link and "%23" in link for link in links)
    assert {cell.hyperlink.location for cell in cells if cell.hyperlink} >= {"'自评表'!D14"}


@pytest.mark.parametrize(("own", "gap"), [(None, None), (97, 7)])
def test_a_total_that_nobody_has_typed_is_not_held_against_the_review(
    tmp_path: Path, own: int | None, gap: float | None
) -> None:
    book = load_workbook(EXAMPLES / "zhongshan_12345_2022.xlsx")
    [checked] = assess_file(EXAMPLES / "zhongshan_12345_2022.xlsx").forms
    cells = checked.placement.cells
    book.worksheets[0].cell(*cells["review.score"], 90)
    book.worksheets[0].cell(*cells["total"], own)
    (tmp_path / "今年").mkdir()
    book.save(tmp_path / "今年" / "甲.xlsx")
    write(tmp_path / "今年" / "乙.xlsx", drawing("乙局", "乙项目"))
    main(["compare", str(tmp_path / "今年"), "-o", str(tmp_path / "对比.xlsx")])
    listed = rows(load_workbook(tmp_path / "对比.xlsx")["单位"], "单位")
    assert listed["中山市12345投诉举报平台管理中心"]["自评减审核"] == gap


def test_what_a_form_documents_as_an_exception_is_left_out(tmp_path: Path) -> None:
    book = PaperSheet(drawing("甲局", "夜校培训项目").replace("| ≥60% | 66% |", "| ≥60% | 61% |")).workbook()
    for row in (("代码", "位置", "理由", "姓名"), ("C102", "D14", "上级下达的指标", "张三")):
        (book["校验"] if "校验" in book.sheetnames else book.create_sheet("校验")).append(row)
    (tmp_path / "今年.xlsx").write_bytes(workbook_bytes(book))
    last = compared_file(write(tmp_path / "去年.xlsx", drawing("甲局", "夜校培训项目", 2022).replace("66%", "99%")))
    this = compared_file(tmp_path / "今年.xlsx")
    found = compared(this, last, named=True)
    assert (found.waived, "C102" in {one.check.code for one in found.differences}) == (1, False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["一", "二", "三", "-o", "对比.xlsx"], "请只给两个"),
        (["一", "一", "-o", "对比.xlsx"], "上年和今年是同一个"),
        (["一", "二", "-o", "对比.xls"], "要以 .xlsx 结尾"),
        (["一", ".", "-o", "对比.xlsx"], "上年、今年里都有"),
        (["一", "二", "-o", "一/表.xlsx"], "不是能读的对比表，没有覆盖"),
        (["一", "二", "-o", "对比.xlsx", "--pairs", "一/表.xlsx"], "没有“待确认配对”这张工作表"),
    ],
)
def test_wrong_usage_is_told(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("一", "二"):
        write(tmp_path / folder / "表.xlsx", drawing("甲局", "夜校培训项目"))
        shutil.copy(tmp_path / folder / "表.xlsx", tmp_path / folder / "表2.xlsx")
    assert main(["compare", *arguments]) == 2
    assert words in capsys.readouterr().out
    assert not Path("对比.xlsx").exists()


@pytest.mark.parametrize("code", ["C101", "c126"])
def test_explain_prints_the_page(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", code]) == 0
    assert capsys.readouterr().out.startswith(f"{code.upper()}（")


@pytest.mark.slow
@needs_libreoffice
def test_libreoffice_prints_the_comparison(tmp_path: Path) -> None:
    out = tmp_path / "对比.xlsx"
    main(["compare", str(LAST), str(THIS), "-o", str(out)])
    assert convert([out], tmp_path / "office", "pdf")["对比"].stat().st_size > 10_000


def test_forms_elsewhere_are_compared_as_those_here(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("upath")
    import fsspec

    for folder, year in (("上年", 2022), ("今年", 2023)):
        path = write(tmp_path / folder / "表.xlsx", drawing("甲局", "夜校培训项目", year))
        fsspec.filesystem("memory").pipe(f"/compared/{folder}/表.xlsx", path.read_bytes())
    said = []
    for number, place in enumerate((str(tmp_path), "memory://compared")):
        main(["compare", f"{place}/上年", f"{place}/今年", "-o", str(tmp_path / f"{number}.xlsx")])
        said.append(capsys.readouterr().out.splitlines()[:-1])
    assert said[0] == said[1]
    assert said[0][0] == "上年 1 张表，今年 1 张；配对 1 个项目"
