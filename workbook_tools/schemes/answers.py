"""What a person answered about a form: which scheme it follows, and what a column is; kept for the next time.

`answers.toml` lies in the folder of a user's own schemes. A form is known by its title and by the words of its columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from workbook_tools.errors import BadScheme
from workbook_tools.schemes.files import own_folder
from workbook_tools.schemes.toml_table import read_toml, write_toml
from workbook_tools.values import normalize

FILE = "answers.toml"
_KEYS = {"title", "headings", "scheme", "columns"}
_HEAD = "# 人工指定过的评分办法和栏目，由 workbook_tools schemes use 写入。表题和各栏的字都一样的表，以后照此识别。\n"


class Answer(NamedTuple):
    """The scheme that was chosen for a form, and column → what it is."""

    title: str
    headings: tuple[str, ...]
    scheme: str
    columns: Mapping[str, str]


def heading_words(words: Iterable[str]) -> tuple[str, ...]:
    """The words of all columns of a form, however they are ordered."""
    return tuple(sorted({normalize(one) for one in words}))


def answers_path() -> Path:
    """The file of the answers, whether it exists or not."""
    return own_folder() / FILE


def answer_for(title: str, headings: Iterable[str], path: Path | None = None) -> Answer | None:
    """What was answered about a form of this title and these columns, None for nothing; raises `BadScheme`."""
    file = path or answers_path()
    if not file.is_file():
        return None
    same = (normalize(title), heading_words(headings))
    return next((one for one in read_answers(file) if (normalize(one.title), one.headings) == same), None)


def read_answers(path: Path) -> list[Answer]:
    """All answers of a file; raises `BadScheme` where it is not as `keep_answer` writes it."""
    try:
        listed = read_toml(path).get("answer", [])
        found = []
        for one in listed:
            if one.keys() - _KEYS:
                raise BadScheme(f"无效的项：{'、'.join(sorted(one.keys() - _KEYS))}")
            columns = {normalize(words): str(idea) for words, idea in one.get("columns", {}).items()}
            found.append(Answer(one["title"], heading_words(one["headings"]), one["scheme"], columns))
    except BadScheme as fault:
        raise BadScheme(f"{path}：{fault}") from fault
    except (KeyError, TypeError, AttributeError) as fault:
        raise BadScheme(f"{path}：[[answer]] 缺少 title、headings 或 scheme，或写法不对") from fault
    return found


def keep_answer(answer: Answer, path: Path | None = None) -> Path:
    """Keeps an answer instead of an earlier one about the same form; gives the file, or raises `FileRejected`."""
    file = path or answers_path()
    before = read_answers(file) if file.is_file() else []
    same = (normalize(answer.title), heading_words(answer.headings))
    kept = [one for one in before if (normalize(one.title), one.headings) != same]
    write_toml(file, _HEAD + "".join(map(_table, [*kept, answer])))
    return file


def _table(answer: Answer) -> str:
    said = {"title": answer.title, "headings": list(heading_words(answer.headings)), "scheme": answer.scheme}
    import json  # only to keep an answer

    lines = ["", "[[answer]]", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in said.items())]
    if answer.columns:
        text = ", ".join(f"{json.dumps(a, ensure_ascii=False)} = {json.dumps(b)}" for a, b in answer.columns.items())
        lines.append(f"columns = {{ {text} }}")
    return "\n".join(lines) + "\n"
