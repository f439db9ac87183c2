"""Data into a form and out of it: by field path, unchanged both ways, and never over what a person typed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from paper import PaperSheet
from test_checks import CORRECT
from workbook_tools.cli import main
from workbook_tools.fill import FROM_DATA, fill_file
from workbook_tools.inputs import BadData, as_table, exported, read_data
from workbook_tools.scheme_file import load_scheme
from workbook_tools.template import form_workbook, workbook_bytes

EXAMPLES = Path(__file__).parents[1] / "examples"
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
    assert exported(form)[0]["total"] == "99.75"
    fields = exported(form)[0]["fields"]
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
    path.write_bytes(workbook_bytes(PaperSheet(CORRECT).workbook()))
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
    form = {"fields": {"texts.goal": words, "total": ""}, "scores": {"total": {"value": "-5.00", "why": "= 甲"}}}
    path.write_text(as_table(form), "utf-8-sig", newline="")
    assert read_data(path) == {"texts.goal": words.strip()}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [
        cell for row in rows for cell in row if cell[:1] in ("=", "+", "@", "\t") or re.match(r"-(?!\d)|-.*分", cell)
    ] == []
    assert rows[2] == ["total", "", "-5.00", "'= 甲"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_may_be_saved_by_any_excel(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "数据.csv"
    path.write_bytes("字段,内容\r\nindicators.1.name,满意度\r\n".encode(encoding))
    assert read_data(path) == {"indicators.1.name": "满意度"}


def test_an_exported_table_says_what_it_comes_to_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    example = Path(__file__).parents[1] / "examples" / "guangzhou_12345_2021.xlsx"
    assert main(["export", str(example), "--format", "csv"]) == 0
    rows = {row["字段"]: row for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    assert rows["indicators.4.actual"] == {
        "字段": "indicators.4.actual",
        "内容": "94.07%",
        "按办法": "",
        "依据": "",
    }
    assert (rows["total"]["内容"], rows["total"]["按办法"]) == ("", "99.70")
    assert "每下降1%" in rows["indicators.4.score"]["依据"]
    assert rows["groups.output"]["按办法"] == "49.70"


@pytest.mark.parametrize(
    ("name", "code", "begins"), [("表.csv", 0, "\ufeff字段,"), ("表.json", 0, "["), ("表.xlsx", 2, None)]
)
def test_the_ending_of_a_file_says_what_is_written(name: str, code: int, begins: str | None, tmp_path: Path) -> None:
    example = Path(__file__).parents[1] / "examples" / "guangzhou_12345_2021.xlsx"
    assert main(["export", str(example), "-o", str(tmp_path / name)]) == code
    written = (tmp_path / name).read_text("utf-8") if begins else None
    assert (written is None and not (tmp_path / name).exists()) if begins is None else str(written).startswith(begins)


def test_export_tells_scores_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    example = Path(__file__).parents[1] / "examples" / "guangzhou_12345_2021.xlsx"
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
    assert exported(form)[0]["fields"]["indicators.1.name"] == "甲"
    main(["fill", str(form), "--data", str(data), "--overwrite"])
    assert exported(form)[0]["fields"]["indicators.1.name"] == "乙"


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
    fields = exported(form)[0]["fields"]
    assert fields["sources.1.spent"] == "1234.5"
    assert (fields["indicators.1.actual"], fields["indicators.1.name"]) == ("98%", "010")
    assert fields["indicators.1.target"] == "5万元"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("数据.json", '{"没有.这一项": "1"}', "没有“没有.这一项”这一项"),
        ("数据.json", "[1, 2", "读不出来"),
        ("数据.json", '{"total": [1]}', "写法不对"),
        ("数据.json", "[1, 2]", "写法不对"),
        ("数据.toml", "a =", "读不出来"),
        ("数据.csv", "甲,乙\n", "第一行要是 字段、内容 两列"),
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
    fields = exported(example)[0]["fields"]
    back = read_data(written(tmp_path, kind, fields))
    assert back == {field: words.strip() for field, words in fields.items() if words.strip()}
    result = fill_file(example, inputs=back, dry_run=True)
    assert [change for form in result.forms for change in form.changes if change.why == FROM_DATA] == []
