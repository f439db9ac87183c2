"""整改通知: one Word document a unit, from a template that the bureau edits in Word.

No printed 整改通知 was found; the wording of the template is ours and is meant to be changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from workbook_tools.review.issue_book import Listed
from workbook_tools.review.issues import NO_CELL, digest
from workbook_tools.review.rows import NOTICES
from workbook_tools.review.rules import is_only_blank, is_to_be_mended
from workbook_tools.text import file_name, regex
from workbook_tools.word.official import OfficialDocument
from workbook_tools.word.package import opened, packed, save_document
from workbook_tools.word.template import rendered

NO_UNIT = "（没有写单位）"
TO_WRITE = "【请填写："
_ISSUES = (("编号", 20), ("位置", 34), ("表上写的", 28), ("问题", 56), ("要求", 38))
_WRITTEN = "问题清单"  # in the keywords of a notice, before what tells its issues from others
_NUMBERS = regex(r"\d{1,9}(?:、 ?\d{1,9})*")


@cache
def new_template() -> bytes:
    """The template of the package, for the bureau to edit."""
    document = OfficialDocument("关于绩效自评复核问题整改的通知")
    document.paragraph("{{ 单位 }}：", indent=False)
    document.paragraph(
        "经复核，你单位 {{ 项目数 }} 个项目的绩效自评表有 {{ 问题数 }} 个问题"
        "（应当改正 {{ 应改数 }} 个，请核对 {{ 核对数 }} 个），现通知如下。"
    )
    document.heading("一、问题")
    document.paragraph("{%p for 项目 in 项目组 %}")
    document.heading("（{{ 项目.序号 }}）{{ 项目.名称 }}", 2)
    for named, words in (("应改", "应当改正："), ("核对", "请核对，没有问题的书面说明：")):
        document.paragraph(f"{{%p if 项目.{named} %}}")
        document.paragraph(words)
        cells = [f"{{{{ 题.{name} }}}}" for name, _ in _ISSUES]
        blank = [""] * (len(_ISSUES) - 1)
        rows = [[f"{{%tr for 题 in 项目.{named} %}}", *blank], cells, ["{%tr endfor %}", *blank]]
        document.table([name for name, _ in _ISSUES], rows, [share for _, share in _ISSUES])
        document.paragraph("{%p endif %}")
    document.paragraph("{%p endfor %}")
    document.heading("二、要求")
    document.paragraph(
        "请于{{ 时限 }}前改正自评表，连同整改情况一并报送。整改情况逐条写明：问题编号、整改措施、改正后的内容。"
    )
    document.paragraph("编号是复核问题清单上的编号，请不要改动。对问题有不同意见的，请书面说明。")
    document.paragraph("{{ 发文单位 }}", right=True)
    document.paragraph("{{ 日期 }}", right=True)
    return document.data


def notice(template: bytes, unit: str, lines: Sequence[Listed], deadline: date | None) -> bytes:
    """The notice for one unit with its open issues; raises `FileRejected` or `BadTemplate`."""
    projects: dict[str, list[Listed]] = {}
    for line in lines:
        projects.setdefault(line.words["对象"], []).append(line)
    must = [line for line in lines if is_to_be_mended(line.words["等级"])]
    values: dict[str, Any] = {
        "单位": unit or NO_UNIT,
        "项目数": str(len(projects)),
        "问题数": str(len(lines)),
        "应改数": str(len(must)),
        "核对数": str(len(lines) - len(must)),
        "时限": _day(deadline) if deadline else f"{TO_WRITE}时限】",
        "发文单位": f"{TO_WRITE}发文单位】",
        "日期": f"{TO_WRITE}日期】",
        "项目组": [
            {"序号": _chinese(number), "名称": name or "（没有写项目）", **_parts(listed)}
            for number, (name, listed) in enumerate(projects.items(), 1)
        ],
    }
    word = rendered(template, values)
    word.core_properties.keywords = _issues_in(lines)
    return packed(word)


def _parts(lines: Iterable[Listed]) -> Mapping[str, list[dict[str, str]]]:
    parts: dict[str, list[dict[str, str]]] = {"应改": [], "核对": []}
    blank: dict[str, list[Listed]] = {}  # what is asked → the cells that are only to be filled in
    for line in lines:
        if line.identity and is_only_blank(line.identity.code) and line.words["位置"] != NO_CELL:
            blank.setdefault(line.words["建议"], []).append(line)
            continue
        words = line.words
        part = parts["应改" if is_to_be_mended(words["等级"]) else "核对"]
        named = {"编号": words["编号"], "位置": words["位置"], "表上写的": line.known.get("text", "")}
        part.append({**named, "问题": _problem(words), "要求": words["建议"]})
    for asked, listed in blank.items():
        numbers, places = (
            "、 ".join(line.words[name] for line in listed) for name in ("编号", "位置")
        )  # breaks at the spaces
        said = f"{len(listed)} 处没有填" if len(listed) > 1 else _problem(listed[0].words)
        parts["应改"].append({"编号": numbers, "位置": places, "表上写的": "空白", "问题": said, "要求": asked})
    return parts


def _problem(words: Mapping[str, str]) -> str:
    """What is there and should be, else what is wrong."""
    return words["事实及判定"] or words["发现"]


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _chinese(number: int) -> str:
    """One to ninety-nine as headings count; beyond that in digits."""
    digits = "零一二三四五六七八九十"
    if number <= 10:
        return digits[number]
    tens, ones = divmod(number, 10)
    if tens > 9:
        return str(number)
    return f"{digits[tens] if tens > 1 else ''}十{digits[ones] if ones else ''}"


def notice_path(folder: Path, unit: str) -> Path:
    """Where the notice of a unit lies."""
    return folder / file_name(f"{NOTICES} {unit or NO_UNIT}", ".docx")


def write_notices(
    by_unit: Mapping[str, Sequence[Listed]], folder: Path, template: bytes, deadline: date | None
) -> tuple[list[Path], list[Path]]:
    """Writes one notice a unit; gives what was written, and what was there already and stays as it is.

    Raises `FileRejected` or `BadTemplate`.
    """
    written, kept = [], []
    for lines in by_unit.values():
        unit = lines[0].words["单位"]
        path = notice_path(folder, unit)
        if path.exists():  # the bureau may have edited it
            kept.append(path)
            continue
        data = notice(template, unit, lines, deadline)
        folder.mkdir(parents=True, exist_ok=True)
        save_document(path, data, seen=None)
        written.append(path)
    return written, kept


def words_of_notice(data: bytes) -> str:
    """All words of a notice, the same however often it was saved; raises `FileRejected`."""
    word = opened(data)
    return "\n".join((*(one.text for one in word.paragraphs), *_cells(word)))


class Outdated(NamedTuple):
    """In what a notice differs from the list, by number: open issues that it lacks, and others that it has."""

    missing: Sequence[str]
    settled: Sequence[str]


def outdated(data: bytes, lines: Iterable[Listed]) -> Outdated:
    """In what a notice differs from the open issues of its unit, if these are others than when it was written.

    Nothing for a document that was not written here; raises `FileRejected`.
    """
    word, lines = opened(data), list(lines)
    mark = word.core_properties.keywords
    if not mark.startswith(_WRITTEN) or mark == _issues_in(lines):
        return Outdated((), ())
    now = [line.words["编号"] for line in lines]
    stand = [number for cell in _cells(word) if _NUMBERS.fullmatch(cell) for number in cell.replace("、", " ").split()]
    return Outdated([one for one in now if one not in stand], [one for one in stand if one not in now])


def _issues_in(lines: Iterable[Listed]) -> str:
    return f"{_WRITTEN} {digest(' '.join(sorted(line.words['编号'] for line in lines)))}"


def _cells(word: Any) -> Iterator[str]:
    return (cell.text for table in word.tables for row in table.rows for cell in row.cells)
