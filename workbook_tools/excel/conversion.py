"""An .xls, .et, .ods or .xlsb file as .xlsx, made by LibreOffice and held against the original cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from workbook_tools.errors import FileRejected, NoOffice
from workbook_tools.excel.intake import other_kind, read_book
from workbook_tools.excel.saved_book import Book
from workbook_tools.excel.saving import same_file
from workbook_tools.text import regex

if TYPE_CHECKING:
    from workbook_tools.excel.facts import BookFacts
    from workbook_tools.excel.values_book import ValuesBook

SAVE_AS = "请用 Excel 或 WPS 打开这个文件，另存为 .xlsx 再填"
MOST_NAMED = 5  # cells in one sentence
_PICTURE = regex(rb"<(?:[\w.-]+:)?pic\b")


class Converted(NamedTuple):
    """A workbook as .xlsx: its bytes, where they are to be saved, and sentences on what was not brought along."""

    data: bytes
    path: Path
    lost: list[str]


def as_xlsx(path: Path, data: bytes, out: Path | None = None) -> Converted | None:
    """The workbook of a file as .xlsx, to be saved beside it or as `out`; None where it is one. Nothing is written.

    Raises `FileRejected` where that name is taken or the conversion changes a cell, and `NoOffice`.
    """
    if other_kind(data) is None or isinstance(original := read_book(data), Book):
        return None
    target = out or path.with_suffix(".xlsx")
    if target.suffix.lower() != ".xlsx":
        raise FileRejected("E_KIND", f"{path.suffix} 文件要转成 .xlsx 再填，“{target.name}”的扩展名请写成 .xlsx")
    if out is None and same_file(path, target):
        raise FileRejected("E_KIND", f"扩展名是 .xlsx，内容却是旧格式，没有填；{SAVE_AS}")
    if out is None and target.exists():
        raise FileRejected("E_EXISTS", f"旁边已经有“{target.name}”，没有转换；请直接填它，或用 -o 另写一个文件名")
    from workbook_tools.excel.libreoffice import converted

    try:
        made = converted(data, "xlsx", ending=original.kind)
    except NoOffice as fault:
        raise NoOffice(f"{fault}，没有转成 .xlsx；{SAVE_AS}") from None
    book = Book(made)
    recalculated: list[str] = []
    if changed := list(_differences(original, book, recalculated)):
        raise FileRejected("E_CONVERTED", f"转成 .xlsx 以后和原来不一样，没有填：{_named(changed)}；{SAVE_AS}")
    lost = list(_lost(original.facts))
    if recalculated:
        said = f"有 {len(recalculated)} 个公式转换时重新算过，和保存的结果不一样"
        lost.append(f"{said}（{_named(recalculated)}）")
    return Converted(made, target, lost)


def _named(sentences: Sequence[str]) -> str:
    more = f"；等 {len(sentences)} 处" if len(sentences) > MOST_NAMED else ""
    return "；".join(sentences[:MOST_NAMED]) + more


def _differences(original: ValuesBook, made: Book, recalculated: list[str]) -> Iterator[str]:
    """What the conversion changed: sheets, words, formulas, merged areas, pictures.

    Formulas that gave something else than was saved beside them go to `recalculated`.
    """
    names = [info.name for info in original.sheets]
    if [info.name for info in made.sheets] != names:
        yield f"工作表原来是{'、'.join(names)}，转后是{'、'.join(info.name for info in made.sheets)}"
        return
    for before, after in zip(original.sheets, made.sheets, strict=True):
        if before.hidden != after.hidden:
            yield f"工作表“{before.name}”原来{'' if before.hidden else '没有'}隐藏"
        old, new = original.sheet(before), made.sheet(after)
        for cell in sorted({*old.filled(), *new.filled()}):
            where = old.address(cell)
            was, now = old.text(cell), new.text(cell)
            if was != now and old.formula(cell) and new.formula(cell) and not now.startswith("#"):
                recalculated.append(f"{where} 从“{was}”到“{now}”")
            elif was != now:
                yield f"{where} 原来是“{was}”，转后是“{now}”"
            elif old.formula(cell) != new.formula(cell) and cell not in old.facts.words:  # TRUE becomes =TRUE()
                yield f"{where} 原来{'' if old.formula(cell) else '不'}是公式"
            elif old.hidden(cell) != new.hidden(cell):
                yield f"{where} 原来{'' if old.hidden(cell) else '没有'}隐藏"
        rows, columns = (range(1, last + 1) for last in old.size)
        for cell in product(rows, columns):
            if old.anchor(cell) != new.anchor(cell):
                yield f"{old.address(cell)} 的合并单元格不一样"
                break
    pictures = sum(sheet.pictures for sheet in original.facts.sheets)
    drawn = (made.part(name) for name in made.parts if name.startswith("xl/drawings/") and name.endswith(".xml"))
    kept = sum(len(_PICTURE.findall(part)) for part in drawn)
    if kept < pictures:
        yield f"原来有 {pictures} 张图片（可能有印章），转后只有 {kept} 张"


def _lost(facts: BookFacts) -> Iterator[str]:
    if facts.macros:
        yield "宏没有带过来"
    if facts.signed:
        yield "数字签名没有带过来"
    if controls := sum(sheet.controls for sheet in facts.sheets):
        yield f"原来有 {controls} 个按钮、下拉框一类的控件，转后可能没有或不能用"
