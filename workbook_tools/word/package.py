"""The file of a Word document: guarded before it is opened, packed the same way every time, saved in one step."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from docx import Document
from docx.oxml.ns import qn

from workbook_tools.errors import BadTemplate, FileRejected
from workbook_tools.excel import save
from workbook_tools.excel.markup import checked

ENDING = ".docx"
MOST_BYTES = 100 * 2**20  # of the unpacked document: no report has so much
MOST_PARTS = 2_000
_CONTENT_TYPES = "[Content_Types].xml"
_MAIN = "word/document.xml"
_TIME = (1980, 1, 1, 0, 0, 0)  # of every part: the same document has the same bytes
_THUMBNAIL = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail"


def opened(data: bytes) -> Any:
    """The document of a file; raises `FileRejected` for one that is no Word document, damaged or too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            entries = file.infolist()
            if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise FileRejected("E_TOO_BIG", "文件太大，没有打开；请核对是不是报告")
            if _MAIN not in file.namelist():
                raise FileRejected("E_KIND", "不是 Word 文档（.docx）；请用 Word 或 WPS 打开，另存为 .docx 再试")
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    checked(file.read(entry), entry.filename)
        return Document(io.BytesIO(data))
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, KeyError, ValueError):
        said = "文件损坏或加了密码，无法读取；请用 Word 或 WPS 打开，另存为 .docx 再试"
        raise FileRejected("E_DAMAGED", said) from None


class Left(NamedTuple):
    """What a document brings along besides its words: how often, and the people named in its properties."""

    changes: int
    comments: int
    hidden: int
    people: tuple[tuple[str, str], ...]


def left_in(data: bytes) -> Left:
    """What is left in a document that its receiver would see or could find; raises `FileRejected`."""
    word = opened(data)
    body, properties = word.element.body, word.core_properties
    changes = sum(1 for _ in body.iter(*(qn(f"w:{name}") for name in ("ins", "del", "moveFrom", "moveTo"))))
    comments = sum(1 for _ in body.iter(qn("w:commentReference")))
    hidden = sum(1 for one in body.iter(qn("w:vanish")) if one.get(qn("w:val")) not in ("0", "false"))
    named = (("作者", properties.author), ("最后修改人", properties.last_modified_by))
    return Left(changes, comments, hidden, tuple((label, name) for label, name in named if name))


def packed(word: Any) -> bytes:
    """The file of a document, without a time and a program's name in it: the same bytes for the same document."""
    _forget(word)
    stream = io.BytesIO()
    word.save(stream)
    out = io.BytesIO()
    with zipfile.ZipFile(stream) as file, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted(file.namelist(), key=lambda name: (name != _CONTENT_TYPES, name)):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0, 0
            made.writestr(entry, file.read(name))
    return out.getvalue()


def patched(data: bytes, word: Any) -> bytes:
    """The file `data` with the text of the open document in it; every other part is the bytes that it was."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as file, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in file.infolist():
            made.writestr(entry, word.part.blob if entry.filename == _MAIN else file.read(entry))
    return out.getvalue()


def _forget(word: Any) -> None:
    """Takes out of a new document what python-docx's own template brings along: its picture, its name, its date."""
    properties = word.core_properties
    if properties.author == "python-docx":
        properties.author, properties.comments = "", ""
        for name in ("dcterms:created", "dcterms:modified"):
            for found in properties._element.findall(qn(name)):
                properties._element.remove(found)
    rels = word.part.package.rels
    for key in [key for key, rel in rels.items() if rel.reltype == _THUMBNAIL]:
        del rels[key]


def save_document(path: Path, data: bytes, *, seen: bytes | None, made_from: Sequence[Path] = ()) -> Path | None:
    """Puts a document in place in one step, after it has been opened once more; gives the backup's path.

    `seen` is what was read from the file; raises `FileRejected`.
    """
    if path.suffix.lower() != ENDING:
        raise BadTemplate(f"{path}：文件名要以 .docx 结尾")
    opened(data)
    return save(path, data, seen=seen, made_from=made_from)
