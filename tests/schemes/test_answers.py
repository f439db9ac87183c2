"""What a person answered about a form is found again by its title and its columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbook_tools.errors import BadScheme
from workbook_tools.schemes.answers import Answer, answer_for, answers_path, keep_answer

HEADINGS = ("一级指标", "指标值", "完成值", "得分")
ANSWER = Answer("某市2024年度自评表", HEADINGS, "某市", {"本年预算": "revised"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "schemes" / "answers.toml"


def test_an_answer_is_found_by_title_and_columns(file: Path) -> None:
    keep_answer(ANSWER, file)
    found = answer_for("某市 2024年度自评表", reversed(HEADINGS), file)
    assert found is not None
    assert (found.scheme, found.columns) == ("某市", {"本年预算": "revised"})


@pytest.mark.parametrize(
    ("title", "headings"),
    [("某市2025年度自评表", HEADINGS), ("某市2024年度自评表", HEADINGS[:3]), ("", HEADINGS)],
)
def test_another_form_has_no_answer(file: Path, title: str, headings: tuple[str, ...]) -> None:
    keep_answer(ANSWER, file)
    assert answer_for(title, headings, file) is None


def test_without_a_file_there_is_no_answer(file: Path) -> None:
    assert answer_for(ANSWER.title, HEADINGS, file) is None


def test_a_later_answer_takes_the_place_of_an_earlier_one(file: Path) -> None:
    keep_answer(ANSWER, file)
    keep_answer(ANSWER._replace(title="别的表"), file)
    keep_answer(ANSWER._replace(scheme="national_2020", columns={}), file)
    again, other = answer_for(ANSWER.title, HEADINGS, file), answer_for("别的表", HEADINGS, file)
    assert again is not None
    assert other is not None
    assert (again.scheme, again.columns, other.scheme) == ("national_2020", {}, "某市")


def test_words_with_quotes_and_line_breaks_are_kept(file: Path) -> None:
    odd = ANSWER._replace(title='表"一"\\', headings=("指标\n值", '得"分"'))
    keep_answer(odd, file)
    assert answer_for(odd.title, odd.headings, file) is not None


@pytest.mark.parametrize("text", ["[[answer]]\ntitle = 1\n", "answer = 3", "[[answer]]\nwhim = 1\n", "[["])
def test_a_file_at_fault_is_refused_and_named(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text, "utf-8")
    with pytest.raises(BadScheme, match=r"answers\.toml：") as refused:
        answer_for(ANSWER.title, HEADINGS, file)
    assert str(file) in str(refused.value)


def test_answers_lie_in_the_folder_of_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("APPDATA", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    assert answers_path() == tmp_path / "workbook_tools" / "schemes" / "answers.toml"
