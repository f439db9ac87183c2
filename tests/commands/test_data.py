"""Data into a form and out of it: by field path, unchanged both ways, and never over what a person typed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

import workbook_tools as wt
from correct import CORRECT
from paper import drawn_book
from places import EXAMPLES
from workbook_tools.commands.main import main
from workbook_tools.data_files import ExportedForm, ExportedLine, as_table, exported, read_data
from workbook_tools.errors import BadData, FormNotRecognised
from workbook_tools.fill import fill_file
from workbook_tools.schemes.loading import form_names, load_scheme
from workbook_tools.template.data import form_for_data
from workbook_tools.template.workbook import form_workbook, workbook_bytes
from workbook_tools.values import UNCALCULATED, read_quantity

pytestmark = pytest.mark.slow  # every scheme or example, many times over

FORMS = [path for path in sorted(EXAMPLES.glob("*.xlsx")) if not path.stem.endswith("_targets")]
DATA = {"sources.1.revised": "100", "sources.1.spent": "97.5", "indicators.1.name": "培训人数"}
DATA |= {"indicators.1.target": "≥200人", "indicators.1.actual": "210人", "indicators.1.weight": "60"}
DATA |= {"indicators.14.name": "=满意度", "indicators.14.weight": "30"}
DATA |= {"indicators.14.target": "≥90%", "indicators.14.actual": "95%"}


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(form_workbook(load_scheme("national_2020"))))
    return path


def written(folder: Path, kind: str, data: Mapping[str, str] = DATA) -> Path:
    """The data in a file of a kind."""
    path = folder / f"数据.{kind}"
    if kind == "toml":
        lines = (f"{json.dumps(field)} = {json.dumps(words, ensure_ascii=False)}\n" for field, words in data.items())
        path.write_text("".join(lines), "utf-8")
    elif kind == "json":
        path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    elif kind == "csv":
        out = io.StringIO()
        csv.writer(out).writerows([("字段", "内容"), *data.items()])
        path.write_text(out.getvalue(), "utf-8-sig")
    else:
        workbook = Workbook()
        sheet = workbook.active
        assert sheet is not None
        for number, pair in enumerate([("字段", "内容"), *data.items()], 1):
            for column, words in enumerate(pair, 1):
                sheet.cell(number, column).value = words
                sheet.cell(number, column).data_type = "s"
        path.write_bytes(workbook_bytes(workbook))
    return path


@pytest.mark.parametrize("kind", ["toml", "json", "csv", "xlsx"])
def test_a_form_is_filled_from_data(kind: str, form: Path, tmp_path: Path) -> None:
    data = written(tmp_path, kind)
    assert read_data(data) == DATA
    assert main(["fill", str(form), "--data", str(data)]) == 0
    assert exported(form)[0].total == "99.75"
    fields = exported(form)[0].fields
    assert {field: fields[field] for field in DATA} == DATA
    cells = [cell for row in load_workbook(form)["自评表"].iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" and "满意度" in str(cell.value)]


def test_tables_of_toml_are_field_paths(tmp_path: Path) -> None:
    path = tmp_path / "数据.toml"
    path.write_text('[budget]\nspent = 81.50\n[indicators.1]\nactual = "210人"\nweight = 20\n', "utf-8")
    assert read_data(path) == {"budget.spent": "81.5", "indicators.1.actual": "210人", "indicators.1.weight": "20"}


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_what_goes_out_comes_back_in_unchanged(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "表.xlsx", tmp_path / f"数据.{kind}"
    path.write_bytes(drawn_book(CORRECT))
    assert main(["export", str(path), "--format", kind, "-o", str(out)]) == 0
    before = path.read_bytes()
    assert main(["fill", str(path), "--data", str(out)]) == 0
    assert path.read_bytes() == before
    assert "没有要写的" in capsys.readouterr().out


HOSTILE = (
    "=1+1",
    "-5",
    "+1",
    "@SUM(A1)",
    "'=2",
    "'甲'",
    "—",
    "-",
    "\t=1",
    "=",
    "'",
    "95%",
    "-5分",
    "=，\n换行",
    '"甲"',
)


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_of_an_exported_table_are_a_formula_and_all_come_back(words: str, tmp_path: Path) -> None:
    path = tmp_path / "数据.csv"
    form = ExportedForm(
        **dict.fromkeys(("file", "sheet", "form", "scheme"), ""),
        fields={"texts.goal": words, "total": ""},
        labels={},
        cells={},
        scores={"total": ExportedLine("-5.00", "= 甲")},
        total=None,
        grade=None,
    )
    path.write_text(as_table(form), "utf-8-sig", newline="")
    assert read_data(path) == {"texts.goal": words.strip()}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [
        cell for row in rows for cell in row if cell[:1] in ("=", "+", "@", "\t") or re.match(r"-(?!\d)|-.*分", cell)
    ] == []
    assert rows[2] == ["total", "", "", "", "-5.00", "'= 甲"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_may_be_saved_by_any_excel(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "数据.csv"
    path.write_bytes("字段,内容\r\nindicators.1.name,满意度\r\n".encode(encoding))
    assert read_data(path) == {"indicators.1.name": "满意度"}


def test_an_exported_table_says_what_it_comes_to_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    example = EXAMPLES / "guangzhou_12345_2021.xlsx"
    assert main(["export", str(example), "--format", "csv"]) == 0
    rows = {row["项目"]: row for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    assert rows["indicators.4.actual"] == {
        "项目": "indicators.4.actual",
        "名称": "月度话务接通率 实际完成指标值",
        "单元格": "自评表!F17",
        "内容": "94.07%",
        "按办法": "",
        "依据": "",
    }
    assert (rows["total"]["内容"], rows["total"]["按办法"]) == ("", "99.70")
    assert "每下降1%" in rows["indicators.4.score"]["依据"]
    assert rows["groups.output"]["按办法"] == "49.70"


@pytest.mark.parametrize(
    ("name", "code", "begins"),
    [("表.csv", 0, "\ufeff项目,名称,单元格,内容,"), ("表.json", 0, "["), ("表.xlsx", 2, None)],
)
def test_the_ending_of_a_file_says_what_is_written(name: str, code: int, begins: str | None, tmp_path: Path) -> None:
    example = EXAMPLES / "guangzhou_12345_2021.xlsx"
    assert main(["export", str(example), "-o", str(tmp_path / name)]) == code
    written = (tmp_path / name).read_text("utf-8") if begins else None
    assert (written is None and not (tmp_path / name).exists()) if begins is None else str(written).startswith(begins)


def test_export_tells_scores_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    example = EXAMPLES / "guangzhou_12345_2021.xlsx"
    assert main(["export", str(example)]) == 0
    form = json.loads(capsys.readouterr().out)[0]
    assert form["total"] == "99.70"
    assert form["scores"]["indicators.4.score"]["value"] == "11.70"
    assert "每下降1%" in form["scores"]["indicators.4.score"]["why"]
    assert form["fields"]["indicators.4.actual"] == "94.07%"


def test_what_a_person_typed_stays_unless_asked(form: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "数据.json"
    data.write_text(json.dumps({"indicators.1.name": "甲"}), "utf-8")
    main(["fill", str(form), "--data", str(data)])
    data.write_text(json.dumps({"indicators.1.name": "乙"}), "utf-8")
    capsys.readouterr()
    assert main(["fill", str(form), "--data", str(data)]) == 1
    assert "填的是 甲，数据是 乙" in capsys.readouterr().out
    assert exported(form)[0].fields["indicators.1.name"] == "甲"
    main(["fill", str(form), "--data", str(data), "--overwrite"])
    assert exported(form)[0].fields["indicators.1.name"] == "乙"


def test_a_formula_is_never_filled_over(form: Path) -> None:
    fill_file(form, inputs={"total": "100", "budget.execution": "99%"}, overwrite=True)
    cells = [cell for row in load_workbook(form)["自评表"].iter_rows() for cell in row]
    assert sum(cell.data_type == "f" for cell in cells) == 6
    assert not [cell for cell in cells if cell.value in (100.0, "99%", 0.99) and cell.data_type != "n"]


def test_numbers_go_in_as_numbers_and_codes_as_text(form: Path) -> None:
    inputs = {
        "sources.1.spent": "1,234.50",
        "indicators.1.actual": "98%",
        "indicators.1.name": "010",
        "indicators.1.target": "5万元",
    }
    fill_file(form, inputs=inputs)
    fields = exported(form)[0].fields
    assert fields["sources.1.spent"] == "1234.5"
    assert (fields["indicators.1.actual"], fields["indicators.1.name"]) == ("98%", "010")
    assert fields["indicators.1.target"] == "5万元"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("数据.json", '{"没有.这一项": "1"}', "表上没有“没有.这一项”这一项"),
        ("数据.json", "[1, 2", "无法读取"),
        ("数据.json", '{"total": [1]}', "写法不对"),
        ("数据.json", "[1, 2]", "写法不对"),
        ("数据.toml", "a =", "无法读取"),
        ("数据.csv", "甲,乙\n", "第一行要写列名：项目（或 名称、单元格）和 内容"),
        ("数据.doc", "x", "只认 .toml"),
    ],
)
def test_data_that_cannot_be_used_is_refused_in_one_sentence(
    name: str, text: str, said: str, form: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = form.read_bytes()
    (tmp_path / name).write_text(text, "utf-8")
    assert main(["fill", str(form), "--data", str(tmp_path / name)]) in (2, 3)
    assert said in capsys.readouterr().out
    assert form.read_bytes() == before


def test_missing_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData):
        read_data(tmp_path / "没有.toml")


@pytest.mark.parametrize("kind", ["toml", "json", "csv", "xlsx"])
@pytest.mark.parametrize("example", FORMS, ids=lambda path: path.stem)
def test_what_goes_out_of_an_example_comes_back_in_unchanged(example: Path, kind: str, tmp_path: Path) -> None:
    fields = exported(example)[0].fields
    back = read_data(written(tmp_path, kind, fields))
    assert back == {field: words.strip() for field, words in fields.items() if words.strip()}
    result = fill_file(example, inputs=back, dry_run=True)
    assert [change for form in result.forms for change in form.changes if change.source == "data"] == []


def test_a_table_written_before_it_had_labels_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "数据.csv"
    path.write_text("字段,内容,按办法,依据\nindicators.1.actual,'-5,,\ntotal,,99.70,相加\n", "utf-8-sig")
    assert read_data(path) == {"indicators.1.actual": "-5"}


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("项目,名称,单元格,内容\nindicators.1.actual,出勤率 完成值,F14,98%\n", "indicators.1.actual"),
        ("项目,名称,单元格,内容\n,出勤率 完成值,F14,98%\n", "F14"),
        ("项目,名称,内容\n,出勤率 完成值,98%\n", "出勤率 完成值"),
        ("单元格,内容\nF14,98%\n", "F14"),
        ("指标,内容\n出勤率,98%\n", "出勤率"),
        ("备注,内容,名称\n见表,98%,出勤率\n", "出勤率"),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_names_a_field_by_its_first_column_that_is_filled(
    table: str, key: str, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / f"数据.{kind}"
    rows = list(csv.reader(io.StringIO(table)))
    if kind == "csv":
        path.write_text(table, "utf-8-sig")
    else:
        workbook = Workbook()
        for row in [["完成情况登记表"], *rows]:
            workbook.worksheets[0].append(row)
        path.write_bytes(workbook_bytes(workbook))
    assert read_data(path) == {key: "98%"}


def test_a_field_that_a_table_says_twice_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "数据.csv"
    path.write_text("名称,内容\n出勤率,98%\n出勤率,97%\n", "utf-8")
    with pytest.raises(BadData, match="“出勤率”写了两次，内容不一样；请只留一行"):
        read_data(path)


def test_an_uncalculated_formula_is_no_words_of_an_export() -> None:
    example = next(path for path in FORMS if path.stem == "zhongshan_12345_2022")
    fields = exported(example)[0].fields
    assert fields["budget.adjustment"] == ""
    assert UNCALCULATED not in fields.values()


# ── a form with the rows of data ─────────────────────────


def same(words: str, wanted: str) -> bool:
    """100% is 100.00%: a number says the same however many zeros stand behind it."""
    one, other = read_quantity(words), read_quantity(wanted)
    return words == wanted or (one is not None and one == other)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("example", "kind"),
    [(example, "json") for example in FORMS]
    + [(example, "csv") for example in FORMS if example.stem.startswith(("zhongshan", "hebei"))],
    ids=lambda value: getattr(value, "stem", value),
)
def test_an_exported_example_goes_into_an_empty_form_and_says_the_same(
    example: Path, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, form, filled = tmp_path / f"数据.{kind}", tmp_path / "新表.xlsx", tmp_path / "原表.xlsx"
    fill_file(example, out=filled)
    assert main(["export", str(example), "-o", str(data)]) == 0
    [before] = exported(example)
    assert main(["new", "--scheme", before.scheme, "--data", str(data), "-o", str(form)]) == 0
    assert f"把数据填进去：workbook_tools fill {form} --data {data}" in capsys.readouterr().out
    [result] = fill_file(form, inputs=read_data(data)).forms
    assert [change for change in result.changes if change.source == "data" and change.outcome != "written"] == []
    [after] = exported(form)
    other = {
        field: (words, after.fields.get(field))
        for field, words in before.fields.items()
        if words.strip() and not same(after.fields.get(field, ""), words.strip())
    }
    assert other == {}
    [wanted] = exported(filled)
    # Where weights are not 100 the published form has no total; the new form adds up.
    if wanted.total is None and wanted.fields.get("total") == "":
        after = replace(after, scores={**after.scores, "total": wanted.scores["total"]}, total=None)
    assert (after.scores, after.total, after.grade) == (wanted.scores, wanted.total, wanted.grade)


def drawn(scheme: str, data: Mapping[str, str], tmp_path: Path) -> dict[str, str]:
    """The fields of the form of a scheme that is drawn for the data and filled with it."""
    workbook, left = form_for_data(load_scheme(scheme), data)
    assert left == []
    path = tmp_path / "新表.xlsx"
    path.write_bytes(workbook_bytes(workbook))
    fill_file(path, inputs=data)
    fields = exported(path)[0].fields
    assert {field: fields.get(field) for field in data} == dict(data)
    return dict(fields)


def of_rows(rows: list[tuple[str, str, str]]) -> dict[str, str]:
    """Indicators from their label, kind and name."""
    return {
        f"indicators.{number}.{part}": words
        for number, row in enumerate(rows, 1)
        for part, words in zip(("label", "kind", "name"), row, strict=True)
        if words
    }


OUTPUT, BENEFIT = ("产出指标", "数量指标"), ("效益指标", "社会效益指标")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["national_2020", "transfer", "anhui", "hebei", "sichuan", "yunnan", "fujian"])
@pytest.mark.parametrize("count", [1, 25])
def test_a_form_has_as_many_indicators_as_its_data(scheme: str, count: int, tmp_path: Path) -> None:
    data = of_rows([(*OUTPUT, f"产出{n}") for n in range(count)] + [(*BENEFIT, f"效益{n}") for n in range(count)])
    fields = drawn(scheme, data, tmp_path)
    assert len([field for field in fields if field.endswith(".name") and field.startswith("indicators.")]) == 2 * count


def test_tables_of_two_groups_share_the_rows_of_the_data_by_their_kinds(tmp_path: Path) -> None:
    kinds = ["数量指标", "数量指标", "质量指标", "社会效益指标", "服务对象满意度指标"]
    data = {f"indicators.{n}.kind": kind for n, kind in enumerate(kinds, 1)}
    data |= {f"indicators.{n}.name": f"指标{n}" for n in range(1, 6)}
    fields = drawn("zhongshan_2022", data, tmp_path)
    assert "indicators.6.name" not in fields


def test_a_row_whose_table_nobody_can_tell_is_asked_about() -> None:
    data = {
        "indicators.1.kind": "数量指标",
        "indicators.1.name": "甲",
        "indicators.2.kind": "其他",
        "indicators.2.name": "乙",
    }
    data |= {"indicators.3.kind": "社会效益指标", "indicators.3.name": "丙"}
    with pytest.raises(FormNotRecognised, match=r"无法确定 indicators\.2 在哪一张指标表里；请在数据里写出它的二级指标"):
        form_for_data(load_scheme("zhongshan_2022"), data)


@pytest.mark.slow
def test_sources_evaluators_and_months_are_those_of_the_data(tmp_path: Path) -> None:
    data = {f"sources.{n}.name": f"来源{n}" for n in range(1, 8)} | {f"sources.{n}.spent": f"{n}" for n in range(1, 8)}
    drawn("national_2020", data, tmp_path)
    data = {f"evaluators.1.{n}": f"{n}" for n in range(1, 6)} | {"evaluators.1.name": "立项依据充分性"}
    data |= {"tables.calls.1.month": "上半年", "tables.calls.1.called": "5", "tables.calls.2.month": "下半年"}
    fields = drawn("guangzhou_department_2023", data, tmp_path)
    assert "tables.calls.3.month" not in fields
    assert "tables.orders.12.month" in fields


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", ["甲|乙", "{0.00}", "<", "^", "# 甲", "== 甲", "=1+1", "010", "10.00", "甲\n乙", "@title", "¶"]
)
def test_words_of_data_are_words_on_the_form(words: str, tmp_path: Path) -> None:
    data = of_rows([("产出指标", words, words), ("产出指标", "质量指标", "甲")]) | {"sources.1.name": f"甲{words}"}
    drawn("national_2020", data, tmp_path)


def test_data_that_is_another_figure_than_a_formula_gives_takes_its_place(tmp_path: Path) -> None:
    data = {"sources.1.revised": "100", "sources.1.spent": "50", "budget.revised": "100", "budget.spent": "40"}
    workbook, _ = form_for_data(load_scheme("national_2020"), data)
    sheet = workbook["自评表"]
    at = {
        name: str(defined.attr_text).rpartition("!")[2].replace("$", "")
        for name, defined in workbook.defined_names.items()
    }
    assert str(sheet[at["budget.revised"]].value).startswith("=")
    assert sheet[at["budget.spent"]].value is None
    drawn("national_2020", data, tmp_path)


def test_a_rate_without_its_sign_does_not_become_a_hundred_times_as_much(tmp_path: Path) -> None:
    data = {"budget.revised": "100", "budget.spent": "90", "budget.execution": "99.92"}
    assert drawn("national_2020", data, tmp_path)["budget.execution"] == "99.92"


def test_new_says_which_data_has_no_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(
        tmp_path, "csv", {"indicators.1.name": "甲", "indicators.1.unit": "个", "出勤率": "98%", "总分": "9", "甲": "5"}
    )
    out = tmp_path / "新.xlsx"
    assert main(["new", "--scheme", "national_2020", "--data", str(path), "-o", str(out)]) == 1
    assert (
        "照数据画的表没有位置放这些，请改正（写成 export 写出的项目）或删去：indicators.1.unit、出勤率"
        in capsys.readouterr().out
    )


def test_a_form_with_too_few_rows_says_which_and_what_makes_a_longer_one(
    form: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = {f"indicators.{n}.name": f"指标{n}" for n in range(1, 19)} | {"sources.4.spent": "3", "texts.report.1": "甲"}
    before = form.read_bytes()
    assert main(["fill", str(form), "--data", str(written(tmp_path, "csv", data))]) == 2
    said = capsys.readouterr().out
    assert "表上没有这些行：indicators.16～18、sources.4、texts.report.1；" in said
    assert "workbook_tools new --scheme national_2020 --data 数据文件 -o 新表.xlsx" in said
    assert form.read_bytes() == before


def test_a_text_goes_behind_the_label_that_is_printed_in_its_cell(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(form_workbook(load_scheme("zhongshan_2022"))))
    [form] = fill_file(path, inputs={"texts.goal.1": "实施周期绩效目标：\n热线正常运行"}).forms
    assert [change.outcome for change in form.changes if change.field == "texts.goal.1"] == ["written"]


@pytest.mark.slow
@pytest.mark.parametrize("scheme", form_names())
def test_a_form_made_for_a_scheme_is_one_form_when_the_scheme_is_named(scheme: str, tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(workbook_bytes(form_workbook(load_scheme(scheme))))
    assert len(fill_file(path, scheme, dry_run=True).forms) == 1


@pytest.mark.parametrize("kind", ["csv", "xlsx", "toml", "json"])
@pytest.mark.parametrize("command", ["fill", "new"])
def test_data_that_is_not_there_is_named_once(
    kind: str, command: str, form: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"没有.{kind}"
    given = [str(form)] if command == "fill" else ["--scheme", "hebei", "-o", str(tmp_path / "新.xlsx")]
    assert main([command, *given, "--data", str(path)]) == 2
    assert capsys.readouterr().out == f"{path}：找不到这个文件，请检查路径和文件名\n"


@pytest.mark.parametrize(
    ("typed", "shown"), [("96", "96.00%"), ("96.5", "96.50%"), ("0.96", "96.00%"), ("96%", "96.00%")]
)
def test_a_bare_figure_in_a_cell_that_shows_percent_is_so_many_percent(tmp_path: Path, typed: str, shown: str) -> None:
    """As where a person types it in Excel; it was 9600%."""
    workbook = load_workbook(EXAMPLES / "guangzhou_12345_2021.xlsx")
    cell = workbook.worksheets[0]["F17"]
    cell.value, cell.number_format = None, "0.00%"
    form, filled = tmp_path / "表.xlsx", tmp_path / "填好.xlsx"
    workbook.save(form)
    fill_file(form, out=filled, inputs={"indicators.4.actual": typed})
    assert wt.read_workbook(filled)["自评表"].words["indicators.4.actual"] == shown
    assert load_workbook(filled).worksheets[0]["F17"].value == float(shown.rstrip("%")) / 100
