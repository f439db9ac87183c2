"""The page on schemes of one's own: its commands run as shown, its words are those of the schemes."""

from __future__ import annotations

import doctest
import io
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from places import EXAMPLES, ROOT
from workbook_tools.commands.main import fill_form, main
from workbook_tools.schemes import scheme as words
from workbook_tools.schemes.sentences import stated_in

PAGE = (ROOT / "docs" / "schemes.md").read_text("utf-8")
SESSIONS = re.findall(r"```console\n\$ (.*?)\n(.*?)```", PAGE, re.DOTALL)
ENTRIES = {"fill_form": fill_form, "workbook_tools": main}
CODES = {"schemes draft 空白表.xlsx -o 某市2022": 1, "schemes test 某市2022": 1}


def test_the_commands_run_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in ("APPDATA", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "settings"))
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "templates" / "self_eval_form.xlsx", "空白表.xlsx")
    shutil.copy(EXAMPLES / "zhongshan_12345_2022.xlsx", "自评表.xlsx")
    monkeypatch.setattr("sys.stdin", io.StringIO("是\n" * 14 + "1\n" * 4))
    assert len(SESSIONS) == 6
    for command, shown in SESSIONS:
        name, _, rest = command.partition(" ")
        if rest == "schemes test 某市2022":
            cases()
        assert ENTRIES[name](rest.split()) == CODES.get(rest, 0), command
        said = re.sub(r"(：|\)|）) (\[\d)", r"\1\n\2", capsys.readouterr().out)  # a person ends each line
        said = re.sub(
            r"（不定就直接回车） (?=\[|“)|（是、否，不定就直接回车） (?=\[|“)", lambda end: end[0].rstrip() + "\n", said
        )
        assert doctest.OutputChecker().check_output(shown, said.rstrip("\n") + "\n", doctest.ELLIPSIS), said


def cases() -> None:
    """The case that the page shows, and one that expects another total."""
    folder = Path("某市2022", "cases")
    folder.mkdir()
    (expected,) = (block for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) if block.startswith("[gives]"))
    for name, text in (("热线", expected), ("热线改", '[gives]\ntotal = "95.00"\n')):
        shutil.copy("自评表.xlsx", folder / f"{name}.xlsx")
        (folder / f"{name}.toml").write_text(text, "utf-8")


def test_the_parts_of_a_file_that_are_shown_are_what_is_drafted(tmp_path: Path) -> None:
    shown = [block for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) if "[gives]" not in block]
    form = ROOT / "templates" / "self_eval_form.xlsx"
    assert main(["schemes", "draft", str(form), "-o", str(tmp_path / "某市2022")]) == 1
    written = (tmp_path / "某市2022" / "scheme.toml").read_text("utf-8")
    for block in shown:
        assert tomllib.loads(block)
        lines = [line for line in block.splitlines() if not line.startswith("kinds")]
        assert set(lines) <= set(written.splitlines()), block


@pytest.mark.parametrize(
    "kind", ["WEIGHTS", "BUDGET_PARTS", "BUDGET_SCORES", "RATES", "INVERSES", "STEP_RULES", "SHARES"]
)
def test_every_rule_word_is_explained(kind: str) -> None:
    assert not [word for word in getattr(words, kind) if f"`{word}`" not in PAGE]


def test_every_sentence_that_is_said_to_be_read_is_read() -> None:
    table = PAGE[PAGE.index("| 表上的句子 |") : PAGE.index("一句话自相矛盾的")]
    rows = [line.split("|")[1].strip() for line in table.splitlines()[2:] if line.startswith("|")]
    assert len(rows) == 14
    for row in rows:
        for sentence in re.split(
            "；(?=优（)|；(?=逆向)|；(?=直接)|；(?=正向)|；(?=单位)|；(?=（2022)|、(?=产出指标（50)|、(?=执行率（)", row
        ):
            text = "一票否决项目" + sentence if sentence.startswith("直接降级") else sentence
            text = (
                sentence.replace("……", "80%≤比率<90%的，得2分；比率<80%的，得0分") if "比率≥98%" in sentence else text
            )
            text += "、60≤分数<80分为中、分数<60分为差" if sentence.startswith("分数≥") else ""
            text += "、中（60≤得分<80分）、差（得分<60分）" if sentence.startswith("优（") else ""
            if sentence.startswith("执行率（B/A）"):
                continue  # a heading: its letters name the columns
            assert stated_in(text), sentence
