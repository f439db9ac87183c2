"""The add-in of WPS: its types held against the vendor's, its callbacks run in node on workbooks and with the real command.

WPS itself is played by tests/wps/peer.js, which is checked against the same typings.
"""

from __future__ import annotations

import email.policy
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from office import convert, needs_libreoffice
from ooxml import errors, needs_validator
from places import ROOT, TESTS
from workbook_tools.claims.report_file import read_report
from workbook_tools.commands import ribbon as cli_ribbon
from workbook_tools.excel import Book
from workbook_tools.forms.recognition import NO_FORM
from workbook_tools.ribbon import actions, addin, wps
from workbook_tools.ribbon import macro_calls as calls

SOURCES = ROOT / "macros"
SCRIPTS = {name: (SOURCES / "wps" / name).read_text("utf-8") for name in wps.SOURCES if name.endswith(".js")}
CODE = "\n".join(SCRIPTS.values())
ZHONGSHAN = ROOT / "examples" / "zhongshan_12345_2022.xlsx"
NODE = shutil.which("node")
NPM = Path(os.environ.get("WPS_NPM", TESTS.parent / "node_modules"))
PACKAGES = ("typescript", "et-jsapi-declare", "@types/node")
TEXTS = addin.wps_texts(SOURCES)

# In CI their absence is a failure, on a user's machine a skip.
needs_node = pytest.mark.skipif(NODE is None and not os.environ.get("CI"), reason="node is not installed")
needs_typings = pytest.mark.skipif(
    (NODE is None or not all((NPM / name).is_dir() for name in PACKAGES)) and not os.environ.get("CI"),
    reason=f"npm install {' '.join(PACKAGES)}, and WPS_NPM=the folder node_modules",
)


def typescript(folder: Path, *files: Path) -> str:
    """What the checker of types says of the scripts, held against the vendor's typings."""
    in_node = files[0].name == "peer.js"  # the add-in runs in the browser that WPS has, which may be years old
    of_node = {"types": ["node"], "target": "es2022", "lib": ["es2022", "dom"]} if in_node else {}
    config = {
        "extends": str(TESTS / "wps" / "tsconfig.json"),
        "compilerOptions": {"typeRoots": [str(NPM / "@types")], **of_node},
        "files": [str(NPM / "et-jsapi-declare" / "index.d.ts"), *map(str, files)],
    }
    (folder / "tsconfig.json").write_text(json.dumps(config), "utf-8")
    command = [str(NODE), str(NPM / "typescript" / "bin" / "tsc"), "-p", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300).stdout


def the_add_in() -> list[Path]:
    return [SOURCES / "wps" / name for name in ("globals.d.ts", *SCRIPTS)]


@needs_typings
@pytest.mark.slow
def test_the_add_in_uses_the_object_model_as_the_vendor_declares_it(tmp_path: Path) -> None:
    assert typescript(tmp_path, *the_add_in()) == ""


@needs_typings
@pytest.mark.slow
def test_the_stand_in_offers_what_the_vendor_declares(tmp_path: Path) -> None:
    assert typescript(tmp_path, TESTS / "wps" / "peer.js") == ""


@needs_typings
@pytest.mark.slow
@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ("book.SaveCopyAs(copy)", "book.SaveCopy(copy)"),
        ("SE_Say(SE_Text(name, value))", "SE_Say(SE_Text(name, 5))"),
        ("none.concat(...sheets.map(SE_Ours))", "sheets.flatMap(SE_Ours)"),  # newer than the browser may be
    ],
)
def test_a_call_that_the_vendor_does_not_declare_is_seen(there: str, instead: str, tmp_path: Path) -> None:
    files = [Path(shutil.copy(path, tmp_path)) for path in the_add_in()]
    (wrong,) = (path for path in files if path.name == "bridge.js")
    assert there in wrong.read_text("utf-8")
    wrong.write_text(wrong.read_text("utf-8").replace(there, instead), "utf-8")
    assert "error TS" in typescript(tmp_path, *files)


def test_every_callback_of_the_ribbon_is_a_function_of_the_scripts() -> None:
    ribbon = ElementTree.fromstring(addin.ribbon(SOURCES)).iter()
    callbacks = {one.attrib[key] for one in ribbon for key in ("onAction", "getLabel", "onLoad") if key in one.attrib}
    assert callbacks <= set(re.findall(r"^function (\w+)\(", SCRIPTS["ribbon.js"], re.MULTILINE))


def test_the_page_loads_every_script_and_the_settings_first() -> None:
    page = (SOURCES / "wps" / "index.html").read_text("utf-8")
    assert re.findall(r'src="\./(\w+\.js)"', page) == [wps.SETTINGS, *SCRIPTS]


def test_the_scripts_do_every_kind_of_row() -> None:
    for kind in typing.get_args(calls.Kind):
        assert f'"{kind}"' in SCRIPTS["bridge.js"] or f"{kind}:" in SCRIPTS["bridge.js"], kind


def test_the_scripts_show_only_texts_that_there_are_and_all_that_are_theirs() -> None:
    used = {*re.findall(r'SE_(?:Text|Tell)\("(\w+)"', CODE), *re.findall(r'return (?:mail \? )?"(\w+)"', CODE)}
    used |= set(re.findall(r': "(no_\w+|nothing_\w+)"', CODE))
    assert used - {"not_started"} <= TEXTS.keys()
    assert {name for name in TEXTS if f'"{name}"' in CODE} >= addin._table(SOURCES)["wps"].keys()


def test_every_action_that_the_scripts_start_is_known() -> None:
    assert set(re.findall(r'SE_Run\("(\w+)"', CODE)) == set(cli_ribbon.ACTIONS)


def test_the_texts_of_wps_do_not_send_people_to_excel() -> None:
    used = {name: words for name, words in TEXTS.items() if f'"{name}"' in CODE}
    assert not [name for name, words in used.items() if "Excel" in words]


def test_the_answer_says_what_the_workbook_says(tmp_path: Path) -> None:
    rows = actions.fill(Book(ZHONGSHAN.read_bytes()), "表.xlsx")
    answer = tmp_path / "answer.xlsx"
    answer.write_bytes(calls.answer_workbook(rows))
    table = [tuple("" if one is None else one for one in row) for row in load_workbook(answer).worksheets[0].values]
    read = json.loads(calls.answer_json(rows).decode("ascii"))
    assert [(one["kind"], one["sheet"], one["cell"], one.get("text", one.get("number"))) for one in read] == [
        (kind, sheet, cell, value if isinstance(value, str) else f"{row.value:f}")
        for row, (kind, sheet, cell, value) in zip(rows, table, strict=True)
    ]
    assert {"number", "text"} <= {key for one in read for key in one}


class Wps:
    """WPS with the add-in installed. Each step is noted, and `run` walks all of them in a WPS of its own."""

    def __init__(self, folder: Path, start: tuple[str, str] | None = None) -> None:
        self.folder, self.temp = folder, folder / "临时 文件"
        self.temp.mkdir()
        self.installed = wps.install(folder / "jsaddons", start or (sys.executable, "-P -m workbook_tools"))

    def run(self, *steps: dict[str, Any], **environment: str) -> list[Any]:
        """What each step gave."""
        scenario = self.folder / "scenario.json"
        told = {"addin": str(self.installed.path), "temp": str(self.temp), "python": sys.executable, "steps": steps}
        scenario.write_text(json.dumps(told), "utf-8")
        paths = os.environ | {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(self.folder / "state"), **environment}
        command = [str(NODE), str(TESTS / "wps" / "peer.js"), str(scenario)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, env=paths)
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout))


def step(what: str, **how: Any) -> dict[str, Any]:
    return {"do": what, **how}


def click(button: str, **how: Any) -> dict[str, Any]:
    return step("click", id=button, **how)


def look(*cells: str) -> dict[str, Any]:
    return step("look", cells=cells)


def values(looked: dict[str, Any]) -> list[Any]:
    return [cell["value"] for cell in looked["cells"].values()]


@pytest.fixture
def office(tmp_path: Path) -> Wps:
    return Wps(tmp_path)


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return Path(shutil.copy(ZHONGSHAN, tmp_path / "自评 表 a=b 100%.xlsx"))


def fake(folder: Path, code: str) -> tuple[str, str]:
    """A program that does this with `request`, the path of the request, and `answer`."""
    head = "import json, sys, pathlib\nrequest = pathlib.Path(sys.argv[-1])\nwords = json.loads(request.read_text('ascii'))\n"
    answer = "answer = next(pathlib.Path(w[9:]) for w in words if w.startswith('--answer='))\n"
    path = folder / "fake.py"
    path.write_text(f"{head}{answer}{code}\n", "utf-8")
    return sys.executable, f'"{path}"'


def answering(folder: Path, *rows: calls.Row) -> tuple[str, str]:
    """A program that answers so, whatever it is asked."""
    return fake(folder, f"answer.write_bytes({calls.answer_json(rows)!r})")


@needs_node
@pytest.mark.slow
def test_fill_writes_the_scores_into_the_open_book(office: Wps, form: Path) -> None:
    before = form.read_bytes()
    opened, done, looked, labels = office.run(
        step("open", path=str(form)), click("seFill"), look("J18", "J30", "J36", "H14", "H15"), step("labels")
    )
    (said,) = done["said"]
    assert opened is None
    assert said.startswith("总分 94.66，等级 优\n填了 30 格。")
    assert values(looked) == [13.33, 94.66, "自评绩效等级:优", pytest.approx(0.99997, abs=1e-5), 0]
    assert labels == [form.name, "94.66 优", "0 处要处理，7 处需核对"]
    assert done["status"] == [TEXTS["working"], "", ""]
    assert (done["events"], done["quiet"], done["left"]) == (0, True, [])
    assert form.read_bytes() == before
    [(program, *words)] = done["started"]
    assert (program, words[:4]) == (sys.executable, ["-P", "-m", "workbook_tools", "request"])


@needs_node
@needs_libreoffice
def test_what_stands_in_the_open_book_is_what_the_command_fills(office: Wps, form: Path, tmp_path: Path) -> None:
    out = tmp_path / "存.xlsx"
    office.run(step("open", path=str(form)), click("seFill"), step("save", path=str(out)))
    from workbook_tools.commands.main import fill_form

    other = tmp_path / "填.xlsx"
    assert fill_form([str(form), "-o", str(other), "-q"]) in (0, 1)
    shown = convert([out, other], tmp_path / "LibreOffice", "csv")
    assert shown["存"].read_bytes() == shown["填"].read_bytes()
    assert b"94.66" in shown["存"].read_bytes()


@needs_node
@pytest.mark.slow
def test_check_next_and_clear(office: Wps, form: Path) -> None:
    theirs = step("set", of="cell", cell="A1", to={"comment": "请补充"})
    steps = [step("open", path=str(form)), theirs, click("seFill"), click("seCheckForm"), look("E10")]
    steps += [one for _ in range(8) for one in (click("seNext"), look("E10"))]
    steps += [click("seCheckForm"), click("seClear"), look("E10", "A1"), click("seClear"), click("seNext")]
    _, _, _, checked, marked, *rest = office.run(*steps)
    *walked, _again, cleared, after, nothing, none = rest
    assert "7 格加了批注，点“定位下一处”逐个看。" in checked["said"][0]
    assert sorted(marked["notes"]) == ["A1", "C18", "C19", "C20", "C25", "C28", "E10", "H10"]
    assert marked["cells"]["E10"]["comment"].startswith(f"{actions.MARK}\n错误 R102：写了 277 字")
    assert marked["selected"] == "E10"
    seen = [one["selected"] for one in walked[1::2]]
    assert seen == ["H10", "C18", "C19", "C20", "C25", "C28", "E10", "H10"]
    assert cleared["said"] == ["已删掉校验加的 7 处批注。"]
    assert after["notes"] == ["A1"]
    assert nothing["said"] == [TEXTS["nothing_cleared"]]
    assert none["said"] == [TEXTS["none_marked"]]


@needs_node
@pytest.mark.slow
def test_another_s_comment_stays_and_is_told(office: Wps, form: Path) -> None:
    theirs = step("set", of="cell", cell="E10", to={"comment": "领导：太长"})
    _, _, done, looked = office.run(step("open", path=str(form)), theirs, click("seCheckForm"), look("E10"))
    assert done["said"][0].endswith(f"{TEXTS['unmarked']} E10")
    assert looked["cells"]["E10"]["comment"] == "领导：太长"


@needs_node
@pytest.mark.slow
@pytest.mark.parametrize(("agree", "after"), [(False, [12, None]), (True, [13.33, 94.66])])
def test_a_typed_figure_that_differs_is_replaced_only_when_asked(
    office: Wps, form: Path, *, agree: bool, after: list[float | None]
) -> None:
    _, _, done, looked = office.run(
        step("open", path=str(form)),
        step("type", cell="J18", value=12),
        click("seFill", answers=[agree]),
        look("J18", "J30"),
    )
    assert "J18 数量指标 自评分：填的是 12，按办法应为 13.33" in done["said"][0]
    assert len(done["started"]) == 1 + agree
    assert values(looked) == after


@needs_node
@pytest.mark.slow
def test_the_other_buttons(office: Wps, form: Path) -> None:
    idle, _, calculated, helped, _, opened = office.run(
        step("labels"),
        step("open", path=str(form)),
        click("seCalculate"),
        click("seHelp"),
        click("seNew_guangzhou_2021"),
        look("A1", "A2", "A3"),
    )
    assert idle == [TEXTS["idle"], "", ""]
    assert calculated["said"] == [TEXTS["calculated"]]
    assert helped["said"] == [TEXTS["help"] + sys.executable]
    assert opened["name"] == "工作簿1"
    assert "自评表" in str(values(opened))


@needs_node
@pytest.mark.slow
def test_a_mail_is_made_a_draft_that_holds_what_is_open(office: Wps, form: Path) -> None:
    settings = {"WORKBOOK_TOOLS_SETTINGS": str(form.parent / "none.toml")}
    right = [step("type", cell="E10", value="按时办结。"), step("type", cell="H10", value="系统升级，次年一季度达标。")]
    _, stopped, *_, done = office.run(
        step("open", path=str(form)), click("seSend"), *right, click("seFill"), click("seSend"), **settings
    )
    assert re.match(rf"{re.escape(form.name)}：有 \d+ 处错误，没有发送", stopped["said"][0])
    (draft,) = (office.folder / "state").rglob("*.eml")
    assert f"已写到 {draft}：双击用邮件程序打开" in done["said"][0]
    (attached,) = email.message_from_bytes(draft.read_bytes(), policy=email.policy.default).iter_attachments()
    assert attached.get_filename() == form.name
    book = Book(attached.get_content())
    assert book.sheet(book.sheets[0]).text((30, 10)) == "94.66"
    assert done["left"] == []


@needs_node
@pytest.mark.slow
def test_a_report_is_written_beside_the_workbook_from_what_is_open(office: Wps, form: Path) -> None:
    pytest.importorskip("docxtpl", reason="docxtpl is not installed: pip install 'workbook_tools[report]'")
    _, _, done, _, unsaved = office.run(
        step("open", path=str(form)),
        click("seFill"),
        click("seReport"),
        step("open", path=str(form), name="工作簿1"),
        click("seReport"),
    )
    (report,) = form.parent.glob("*_自评报告.docx")
    assert done["said"][0].startswith(f"已写到 {report.name}")
    assert "本项目自评得分94.66分，评定等级为“优”。" in read_report(report).paragraphs.values()
    assert "请先把工作簿保存到电脑的一个文件夹里" in unsaved["said"][0]


@needs_node
@pytest.mark.slow
@pytest.mark.parametrize("button", ["seFill", "seCheckForm", "seReport", "seSend", "seCalculate", "seNext", "seClear"])
def test_without_an_open_workbook_a_button_says_so(button: str, office: Wps) -> None:
    (done,) = office.run(click(button))
    assert (done["said"], done["started"]) == ([TEXTS["no_book"]], [])


@needs_node
@pytest.mark.slow
def test_a_program_that_is_not_there_is_named(tmp_path: Path, form: Path) -> None:
    gone = tmp_path / "没有" / "python"
    _, done = Wps(tmp_path, (str(gone), "")).run(step("open", path=str(form)), click("seFill"))
    assert done["said"] == [TEXTS["no_program"].replace("{}", str(gone))]
    assert done["left"] == []


@needs_node
@pytest.mark.slow
def test_an_older_wps_that_lists_no_folder_leaves_no_copy_behind(office: Wps, form: Path) -> None:
    older = step("set", of="files", to={"readdirSync": None, "mkdirSync": None, "rmdirSync": None})
    _, _, done = office.run(step("open", path=str(form)), older, click("seFill"))
    assert done["said"][0].startswith("总分 94.66")
    assert [list((office.temp / name).iterdir()) for name in done["left"]] == [[]]


@needs_node
@pytest.mark.slow
def test_a_wps_that_starts_no_program_is_told_after_twenty_seconds(office: Wps, form: Path) -> None:
    _, _, done, looked = office.run(
        step("open", path=str(form)), step("set", of="state", to={"blocked": True}), click("seFill"), look("J30")
    )
    assert done["said"] == [TEXTS["not_started"].replace("{}", sys.executable)]
    assert (values(looked), done["left"]) == ([None], [])


@needs_node
@pytest.mark.slow
@pytest.mark.parametrize(("button", "said"), [("seFill", "no_answer"), ("seSend", "no_answer_send")])
def test_a_program_that_gives_no_answer_in_time_is_told(button: str, said: str, tmp_path: Path, form: Path) -> None:
    silent = Wps(tmp_path, fake(tmp_path, "request.with_suffix('.started').touch()"))
    _, done, looked = silent.run(step("open", path=str(form)), click(button), look("J30"))
    assert done["said"] == [TEXTS[said]]
    assert (values(looked), done["left"]) == ([None], [])


@needs_node
@pytest.mark.slow
@pytest.mark.parametrize("answer", ["", '[{"kind": "plain", "sheet": "自评', '{"kind": "say"}', "[5]"])
def test_a_damaged_answer_is_told_and_nothing_is_written(answer: str, tmp_path: Path, form: Path) -> None:
    broken = Wps(tmp_path, fake(tmp_path, f"answer.write_text({answer!r}, 'utf-8')"))
    _, done, looked = broken.run(step("open", path=str(form)), click("seFill"), look("J30"))
    assert (done["said"], values(looked)) == ([TEXTS["damaged"]], [None])


@needs_node
@pytest.mark.slow
@pytest.mark.parametrize("name", ["工作簿1", "2022.自评表1"])
def test_a_book_that_was_never_saved_is_copied_under_an_ending(name: str, office: Wps, form: Path) -> None:
    _, done, looked, labels = office.run(
        step("open", path=str(form), name=name), click("seFill"), look("J30"), step("labels")
    )
    assert done["said"][0].startswith("总分 94.66")
    assert values(looked) == [94.66]
    assert labels[0] == f"{name}.xlsx"


@needs_node
@pytest.mark.slow
def test_a_wps_that_saves_no_copy_is_told(office: Wps, form: Path) -> None:
    _, _, done = office.run(step("open", path=str(form)), step("set", of="state", to={"noCopy": True}), click("seFill"))
    assert (done["said"], done["started"], done["left"]) == ([TEXTS["no_copy"]], [], [])


@needs_node
@pytest.mark.slow
def test_a_read_only_book_is_asked_about_before_it_is_filled(office: Wps, form: Path) -> None:
    _, refused, agreed = office.run(
        step("open", path=str(form), readOnly=True), click("seFill", answers=[False]), click("seFill", answers=[True])
    )
    assert (refused["said"], refused["started"]) == ([TEXTS["read_only"]], [])
    assert agreed["said"][0] == TEXTS["read_only"]
    assert agreed["said"][1].startswith("总分 94.66")


@needs_node
@pytest.mark.slow
@pytest.mark.parametrize("cell", ["J30", "F18", "L40"])
def test_a_cell_that_was_changed_meanwhile_stops_everything(cell: str, office: Wps, form: Path) -> None:
    _, done, looked, again = office.run(
        step("open", path=str(form)),
        click("seFill", meanwhile=[step("type", cell=cell, value=7)]),
        look("J18", cell),
        click("seFill", answers=[False]),
    )
    assert done["said"] == [TEXTS["changed"].replace("{}", cell)]
    assert values(looked) == [None, 7]
    assert again["said"][0].startswith("总分") or "填的是 7" in again["said"][0]


@needs_node
@pytest.mark.slow
def test_a_change_meanwhile_stops_the_comments_too(office: Wps, form: Path) -> None:
    _, done, looked = office.run(
        step("open", path=str(form)),
        click("seCheckForm", meanwhile=[step("type", cell="E10", value="好")]),
        look("E10"),
    )
    assert done["said"] == [TEXTS["changed"].replace("{}", "E10")]
    assert looked["notes"] == []


@needs_node
@pytest.mark.slow
def test_the_answer_goes_into_the_book_that_was_copied(office: Wps, form: Path, tmp_path: Path) -> None:
    other = Path(shutil.copy(ZHONGSHAN, tmp_path / "别的.xlsx"))
    _, done, looked = office.run(
        step("open", path=str(form)), click("seFill", meanwhile=[step("open", path=str(other))]), look("J30")
    )
    assert done["said"][0].startswith("总分 94.66")
    assert (looked["name"], values(looked)) == (form.name, [94.66])


@needs_node
@pytest.mark.slow
@pytest.mark.parametrize("button", ["seFill", "seCheckForm", "seClear", "seCalculate"])
def test_a_click_while_the_program_works_says_so_and_starts_nothing(button: str, tmp_path: Path, form: Path) -> None:
    answered = Wps(tmp_path, answering(tmp_path, calls.Row("say", "好了")))
    _, done, after = answered.run(
        step("open", path=str(form)), click("seFill", meanwhile=[click(button)]), click("seFill")
    )
    assert (done["said"], len(done["started"])) == ([TEXTS["busy"], "好了"], 1)
    assert (after["said"], len(after["started"])) == (["好了"], 1)


@needs_node
@pytest.mark.slow
def test_nothing_is_written_into_a_protected_sheet(office: Wps, form: Path) -> None:
    _, _, done, looked = office.run(
        step("open", path=str(form)),
        step("set", of="sheet", to={"ProtectContents": True}),
        click("seFill"),
        look("J18", "J30"),
    )
    assert done["said"][0].startswith(TEXTS["protected"])
    assert values(looked) == [None, None]


@needs_node
@pytest.mark.slow
def test_comments_that_a_protected_sheet_keeps_are_told(office: Wps, form: Path) -> None:
    _, first, _, done, cleared = office.run(
        step("open", path=str(form)),
        click("seCheckForm"),
        step("set", of="sheet", to={"ProtectContents": True}),
        click("seCheckForm"),
        click("seClear"),
    )
    count = int(re.search(r"(\d+) 格加了批注", first["said"][0])[1])  # type: ignore[index]
    for said in (done["said"][0], cleared["said"][0]):
        assert len(said.rpartition(TEXTS["kept"])[2].split()) == count


@needs_node
@pytest.mark.slow
def test_where_one_cell_is_refused_all_are_put_back(office: Wps, form: Path) -> None:
    _, _, done, looked = office.run(
        step("open", path=str(form)),
        step("set", of="book", to={"refuses": ["J30"]}),
        click("seFill"),
        look("H14", "J18", "J30"),
    )
    assert done["said"] == [f"{TEXTS['failed']}{TEXTS['taken_back']}the cell is refused"]
    assert values(looked) == [None, None, None]
    assert done["quiet"] is True


@needs_node
@pytest.mark.slow
def test_a_text_in_text_format_is_put_back_as_it_was(office: Wps, form: Path) -> None:
    """Typed into the number format that a score wants, 010 would become 10."""
    _, _, _, _, done, looked = office.run(
        step("open", path=str(form)),
        step("set", of="cell", cell="J18", to={"format": "@"}),
        step("type", cell="J18", value="010"),
        step("set", of="book", to={"refuses": ["J30"]}),
        click("seFill", answers=[True]),
        look("J18"),
    )
    assert done["said"][-1] == f"{TEXTS['failed']}{TEXTS['taken_back']}the cell is refused"
    (cell,) = looked["cells"].values()
    assert (cell["value"], cell["format"]) == ("010", "@")


@needs_node
@pytest.mark.slow
def test_a_cell_that_cannot_be_put_back_is_named(tmp_path: Path, form: Path) -> None:
    """The sheet is protected by another program between two cells: the first keeps what was written."""
    rows = [calls.Row("words", "新的字", "自评表", "A2"), calls.Row("words", "字", "自评表", "A3")]
    broken = Wps(tmp_path, answering(tmp_path, *rows))
    _, _, done = broken.run(
        step("open", path=str(form)), step("set", of="book", to={"refuses": ["A3"], "once": ["A2"]}), click("seFill")
    )
    assert done["said"] == [TEXTS["failed"] + TEXTS["not_restored"].replace("{}", "A2") + "the cell is refused"]


@needs_node
@pytest.mark.slow
def test_text_is_never_taken_for_a_formula_or_a_number(tmp_path: Path, form: Path) -> None:
    rows = [calls.Row("words", '=HYPERLINK("x")', "自评表", "L1"), calls.Row("words", "010", "自评表", "L2")]
    rows += [calls.Row("plain", "=1+1", "自评表", "L3"), calls.Row("plain", "98.5%", "自评表", "L4")]
    _, _, looked = Wps(tmp_path, answering(tmp_path, *rows)).run(
        step("open", path=str(form)), click("seFill"), look("L1", "L2", "L3", "L4")
    )
    assert values(looked) == ['=HYPERLINK("x")', "010", "=1+1", 0.985]
    assert not [cell for cell in looked["cells"].values() if cell["formula"]]


@needs_node
@pytest.mark.slow
def test_a_number_in_a_cell_of_text_format_is_a_number(office: Wps, form: Path) -> None:
    text = step("set", of="cell", cell="J18", to={"format": "@"})
    also = step("set", of="cell", cell="J36", to={"format": "@"})
    _, _, _, _, looked = office.run(step("open", path=str(form)), text, also, click("seFill"), look("J18", "J36"))
    assert values(looked) == [13.33, "自评绩效等级:优"]
    assert [cell["format"] for cell in looked["cells"].values()] == ["General", "@"]


@needs_node
@pytest.mark.slow
def test_a_file_that_is_no_form_is_told_in_one_sentence(office: Wps, tmp_path: Path) -> None:
    path = tmp_path / "别的.xlsx"
    workbook = load_workbook(ZHONGSHAN)
    workbook.remove(workbook.worksheets[0])
    workbook.create_sheet("名单")["A1"] = "姓名"
    workbook.save(path)
    _, done = office.run(step("open", path=str(path)), click("seFill"))
    assert done["said"] == [NO_FORM]


@needs_node
@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the folder of temporary files is the user's own there")
def test_the_copy_is_nobody_else_s_to_read(tmp_path: Path, form: Path) -> None:
    rights = 'import os; answer.write_text(\'[{"kind": "say", "sheet": "", "cell": "", "text": "\' + oct(os.stat(request.parent).st_mode) + \'"}]\')'
    _, done = Wps(tmp_path, fake(tmp_path, rights)).run(step("open", path=str(form)), click("seFill"))
    assert done["said"] == [oct(stat.S_IFDIR | 0o700)]


def test_the_answer_appears_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """WPS looks for the file while it is made: until it is whole it has another name."""
    from workbook_tools.commands.main import main

    seen: list[Sequence[str]] = []
    replace = os.replace

    def watched(one: Any, other: Any) -> None:
        if Path(other).name == "answer.json":
            seen.append([path.name for path in tmp_path.iterdir()])
            assert isinstance(json.loads(Path(one).read_bytes()), list)
        replace(one, other)

    monkeypatch.setattr(os, "replace", watched)
    request = tmp_path / "request.json"
    request.write_text(json.dumps(["fill", f"--answer={tmp_path / 'answer.json'}", f"--book={ZHONGSHAN}"]), "ascii")
    assert main(["request", str(request)]) == 0
    (before,) = seen
    assert "request.started" in before
    assert "answer.json" not in before
    assert {path.name for path in tmp_path.iterdir()} == {"request.json", "request.started", "answer.json"}


@pytest.mark.slow
def test_the_program_works_without_a_console(tmp_path: Path) -> None:
    """pythonw.exe, which is started on Windows, has no streams at all."""
    request = tmp_path / "request.json"
    request.write_text(json.dumps(["fill", f"--answer={tmp_path / 'answer.json'}", f"--book={ZHONGSHAN}"]), "ascii")
    code = "import sys, runpy; sys.stdin = sys.stdout = sys.stderr = None; runpy.run_module('workbook_tools', run_name='__main__')"
    command = [sys.executable, "-c", code, "request", str(request)]
    assert subprocess.run(command, check=False, cwd=ROOT, timeout=60).returncode == 0
    assert "94.66" in (tmp_path / "answer.json").read_text("ascii")


@needs_validator
def test_the_ribbon_is_valid_for_the_sdk(tmp_path: Path) -> None:
    """The validator reads a ribbon as a part of a workbook: the one that WPS gets, put into Excel's add-in."""
    made = wps.install(tmp_path, ("python", ""))
    ribbon = (made.path / "ribbon.xml").read_bytes()
    path = tmp_path / addin.NAME
    path.write_bytes(addin.build(SOURCES))
    import zipfile

    with zipfile.ZipFile(path) as package:
        assert package.read("customUI/customUI.xml") == ribbon
    assert errors([path]) == {path: set()}
