"""The ZIP container of a workbook: guarded before anything reads it, rewritten with every other part as its raw bytes.

Nothing is extracted to disk. The limits are far above the size of any form and far below what would exhaust memory.
"""

from __future__ import annotations

import errno
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from workbook_tools.errors import FileRejected
from workbook_tools.text import visible

MOST_PARTS = 2_000
LONGEST_NAME = 260  # characters of a part's name
MOST_BYTES_A_PART = 200 * 2**20
MOST_BYTES = 400 * 2**20
MOST_RATIO = 100
RATIO_COUNTS_FROM = 16 * 2**20  # what is smaller costs little, however it is packed: Excel repeats long texts
MOST_HELD = 64 * 2**20  # bytes of unpacked parts that are kept

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_EXTRA = struct.Struct("<2H")
_STORED, _DEFLATED = 0, 8
_UNICODE_NAME = 0x7075  # kind of an extra field: version, checksum, the name in UTF-8
_ENCRYPTED, _DESCRIPTOR, _UTF8 = 0x1, 0x8, 0x800


_TROUBLES = {
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EFBIG: "文件太大，磁盘不接受",
    errno.EROFS: "磁盘是只读的",
    errno.ENAMETOOLONG: "文件名或路径太长",
    errno.EIO: "磁盘读写出错",
    errno.EEXIST: "有同名的文件挡住了",
    errno.ENOTDIR: "路径中间有一段不是文件夹",
    errno.ELOOP: "链接绕成了圈",
}


def refused_by_system(fault: OSError, doing: str) -> FileRejected:
    """What the operating system's refusal means to a clerk; `doing` is what was being done: 读取, 写入, 还原."""
    if isinstance(fault, FileNotFoundError):
        return FileRejected("E_MISSING", "找不到这个文件，请检查路径和文件名")
    if isinstance(fault, PermissionError):
        return FileRejected("E_LOCKED", f"没有权限{doing}，或文件正在其他程序中打开，请关闭后重试；原文件没有改动")
    trouble = _TROUBLES.get(fault.errno or 0, f"系统错误 {fault.errno}")
    return FileRejected("E_SYSTEM", f"无法{doing}：{trouble}；原文件没有改动")


ASK_FOR_IT = "请向提供的人要 .xlsx 的原表"
COPY_IT = "请把里面的表格复制到 Excel 里，另存为 .xlsx，或者向提供的人要 .xlsx 的原表"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SAVE_AGAIN = "请核对是不是自评表，是的话用 Excel 打开另存一次再试"


def damaged(detail: str) -> FileRejected:
    """The refusal of a file that is not whole."""
    return FileRejected("E_DAMAGED", f"文件不完整或已损坏（{visible(detail[:80])}），请重新取得这个文件")


@dataclass(slots=True, kw_only=True)
class _Entry:
    """Where one part stands in the file.

    Attributes:
        record: its record of the central directory, as it stands.
        name: its name.
        flags: its flags.
        method: how it is packed.
        crc: its checksum.
        packed: its bytes, packed.
        size: its bytes, unpacked.
        start: where its local header begins.
        data: where its packed bytes begin.
        end: the end of everything that belongs to it: where the next entry starts; 0 until that is known.
    """

    record: bytes
    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    start: int
    data: int
    end: int = 0


class Container:
    """The parts of one workbook file in memory; names with backslashes, as some programs write them, have slashes."""

    def __init__(self, data: bytes, *, others: bool = False) -> None:
        """Guards `data`; raises `FileRejected` for anything that is not a sound .xlsx or .xlsm container.

        With `others` one of .ods or .xlsb is sound too.
        """
        check_kind(data)
        self._data = data
        self._tail, self._entries = _directory(data)
        self._read: dict[str, bytes] = {}
        self._held = 0
        kind = self.read("mimetype") if "mimetype" in self._entries else b""
        if b"opendocument" in kind and b"spreadsheet" not in kind:
            raise FileRejected("E_KIND", f"这是 OpenDocument 文档，不是工作簿；{COPY_IT}")
        if b"opendocument" in kind or "xl/workbook.bin" in self._entries:
            if others:
                return
            name = "OpenDocument 表格（.ods）" if kind else "二进制工作簿（.xlsb）"
            raise FileRejected("E_KIND", f"这是{name}，请另存为 .xlsx 后再试")
        for part, name in (("word/document.xml", "Word 文档"), ("ppt/presentation.xml", "演示文稿")):
            if part in self._entries:
                raise FileRejected("E_KIND", f"这是{name}，不是 Excel 工作簿；{COPY_IT}")
        if "[Content_Types].xml" not in self._entries:
            raise FileRejected("E_KIND", "这是压缩文件，不是 Excel 工作簿；请先解压，再打开里面的 .xlsx 文件")

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    @property
    def names(self) -> list[str]:
        """The names of all parts, in the order of the file."""
        return list(self._entries)

    def same_as(self, before: Container) -> set[str]:
        """The parts whose packed bytes are those of a file that was read before; their bytes are taken from there."""
        same = set()
        for name, entry in self._entries.items():
            old = before._entries.get(name)
            if old and self._data[entry.start : entry.end] == before._data[old.start : old.end]:
                same.add(name)
                if name in before._read and name not in self._read:
                    self._read[name] = before._read[name]
                    self._held += len(before._read[name])
        return same

    def read(self, name: str) -> bytes:
        """The unpacked bytes of a part; raises `FileRejected` when they are missing or damaged."""
        content = self._read.get(name)
        if content is None:
            content = self._unpack(name)
            if self._held + len(content) <= MOST_HELD:
                self._read[name] = content
                self._held += len(content)
        return content

    def _unpack(self, name: str) -> bytes:
        entry = self._entries.get(name)
        if entry is None:
            raise damaged(f"缺少 {name}")
        packed = self._data[entry.data : entry.data + entry.packed]
        if entry.method == _STORED:
            content = packed
        else:
            try:
                content = zlib.decompressobj(-15).decompress(packed, entry.size + 1)
            except zlib.error:
                raise damaged(name) from None
        if len(content) != entry.size or zlib.crc32(content) != entry.crc:
            raise damaged(name)
        return content

    def replaced(self, parts: Mapping[str, bytes]) -> bytes:
        """The file with the given parts exchanged and every other byte of every other part as it was."""
        pieces: list[bytes] = []
        directory: list[bytes] = []
        position = 0
        for entry in sorted(self._entries.values(), key=lambda entry: entry.start):
            record, piece = entry.record, self._data[entry.start : entry.end]
            if entry.name in parts:
                record, piece = _packed(entry, parts[entry.name])
            directory.append(record[:42] + struct.pack("<L", position) + record[46:])
            pieces.append(piece)
            position += len(piece)
        central = b"".join(directory)
        end = _END.unpack_from(self._tail)
        pieces += [central, _END.pack(*end[:5], len(central), position, end[7]), self._tail[_END.size :]]
        return b"".join(pieces)


def _packed(entry: _Entry, content: bytes) -> tuple[bytes, bytes]:
    """The record and the local entry of a part with new content."""
    deflate = zlib.compressobj(4, zlib.DEFLATED, -15)  # half the time of level 6, 3 % larger
    packed = deflate.compress(content) + deflate.flush()
    fields = list(_CENTRAL.unpack_from(entry.record))
    name_length, extra_length = fields[10], fields[11]
    name = entry.record[_CENTRAL.size : _CENTRAL.size + name_length]
    comment = entry.record[_CENTRAL.size + name_length + extra_length :]
    flags, crc = entry.flags & ~_DESCRIPTOR, zlib.crc32(content)
    time, date = fields[5], fields[6]
    fields[3:5] = flags, _DEFLATED
    fields[7:10] = crc, len(packed), len(content)
    fields[11] = 0
    record = _CENTRAL.pack(*fields) + name + comment
    header = _LOCAL.pack(b"PK\3\4", 20, flags, _DEFLATED, time, date, crc, len(packed), len(content), name_length, 0)
    return record, header + name + packed


def is_compound(data: bytes) -> bool:
    """Whether a file is of the kind that Office used before 2007, and that it still uses for encrypted files."""
    return data.startswith(_COMPOUND)


def check_compound(data: bytes) -> None:
    """Raises `FileRejected` when a compound file is an encrypted workbook or a document."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise FileRejected("E_ENCRYPTED", "文件设有打开密码，请先在 Excel 中取消密码（文件→信息→保护工作簿）再试")
    if "WordDocument".encode("utf-16-le") in data:
        raise FileRejected("E_KIND", f"这是旧格式的 Word 文档（.doc），不是 Excel 工作簿；{COPY_IT}")


def check_kind(data: bytes) -> None:
    """Raises `FileRejected` with the exact kind when `data` is no ZIP container."""
    if not data:
        raise FileRejected("E_EMPTY", "文件是空的（0 字节），请重新取得这个文件")
    if data.startswith(b"PK\3\4"):
        return
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if is_compound(data):
        check_compound(data)
        raise FileRejected("E_KIND", "这是旧格式的表格（.xls 或 .et），请用 Excel 或 WPS 另存为 .xlsx 后再试")
    if head.startswith(b"%pdf"):
        raise FileRejected("E_KIND", f"这是 PDF 文件，不是 Excel 工作簿；{ASK_FOR_IT}")
    if data.startswith(_PICTURES):
        raise FileRejected("E_KIND", f"这是图片，不是 Excel 工作簿；{ASK_FOR_IT}")
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        raise FileRejected("E_KIND", "这是 XML 表格（2003 格式），请用 Excel 另存为 .xlsx 后再试")
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<meta")) or b"<html" in head:
        raise FileRejected("E_KIND", "这是网页格式的表格，只是扩展名像工作簿，请用 Excel 另存为 .xlsx 后再试")
    if head.startswith(b"{\\rtf"):
        raise FileRejected("E_KIND", f"这是 RTF 文档，不是 Excel 工作簿；{COPY_IT}")
    if b"\0" not in head and any(separator in head for separator in (b",", b"\t", b";")):
        raise FileRejected("E_KIND", "这是文本文件（如 CSV），不是 Excel 工作簿，请用 Excel 另存为 .xlsx 后再试")
    raise FileRejected("E_KIND", "这不是 Excel 工作簿（.xlsx 或 .xlsm），或文件已损坏；请核对文件，或重新取得这个文件")


def _directory(data: bytes) -> tuple[bytes, dict[str, _Entry]]:
    """The end record and the entries by name; raises `FileRejected` for a container that is damaged or dangerous."""
    at = data.rfind(b"PK\5\6", max(0, len(data) - _END.size - 0xFFFF))
    if at < 0 or at + _END.size > len(data):
        raise damaged("没有结尾，可能没有下载完")
    _, disk, first_disk, here, count, size, offset, _ = _END.unpack_from(data, at)
    if 0xFFFF in (here, count) or 0xFFFFFFFF in (size, offset):
        raise FileRejected("E_KIND", "文件用了少见的压缩格式（ZIP64），请用 Excel 打开后另存一次再试")
    if not count or disk or first_disk or here != count or offset + size != at:
        raise damaged("目录不对")
    if count > MOST_PARTS:
        raise FileRejected("E_BOMB", f"文件里有 {count} 个部件，超过 {MOST_PARTS} 个的上限，没有打开；{SAVE_AGAIN}")
    found: list[_Entry] = []
    position = offset
    for _ in range(count):
        if position + _CENTRAL.size > at or data[position : position + 4] != b"PK\1\2":
            raise damaged("目录不对")
        fields = _CENTRAL.unpack_from(data, position)
        length = _CENTRAL.size + sum(fields[10:13])
        found.append(_entry(data, data[position : position + length], fields))
        position += length
    found.sort(key=lambda entry: entry.start)
    _check(found)
    entries: dict[str, _Entry] = {}
    for entry, end in zip(found, [*(entry.start for entry in found[1:]), offset], strict=True):
        if entry.data + entry.packed > end:
            raise damaged("部件重叠")
        entry.end = end
        entries[entry.name] = entry
    return data[at:], entries


def _entry(data: bytes, record: bytes, fields: tuple[int, ...]) -> _Entry:
    flags, method, crc, packed, size, name_length, extra_length, start = (
        fields[i] for i in (3, 4, 7, 8, 9, 10, 11, 16)
    )
    raw = record[_CENTRAL.size : _CENTRAL.size + name_length]
    try:
        name = raw.decode("utf-8" if flags & _UTF8 else "cp437").replace("\\", "/")
    except UnicodeDecodeError:
        raise damaged("部件名不对") from None
    _check_extra(record[_CENTRAL.size + name_length :][:extra_length], name)
    if flags & _ENCRYPTED:
        raise FileRejected("E_ENCRYPTED", "文件里的部件是加密的，请取消密码后再试")
    if method not in (_STORED, _DEFLATED) or 0xFFFFFFFF in (packed, size, start):
        raise FileRejected("E_KIND", "文件用了少见的压缩格式，请用 Excel 打开后另存一次再试")
    if start + _LOCAL.size > len(data) or data[start : start + 4] != b"PK\3\4":
        raise damaged(name)
    local = _LOCAL.unpack_from(data, start)
    if data[start + _LOCAL.size : start + _LOCAL.size + local[9]] != raw:
        raise damaged(name)
    return _Entry(
        record=record,
        name=name,
        flags=flags,
        method=method,
        crc=crc,
        packed=packed,
        size=size,
        start=start,
        data=start + _LOCAL.size + local[9] + local[10],
    )


def _check_extra(extra: bytes, name: str) -> None:
    """Raises `FileRejected` where the extra field of an entry is cut short, or gives the entry another name."""
    while len(extra) >= _EXTRA.size:
        kind, length = _EXTRA.unpack_from(extra)
        named = extra[_EXTRA.size + 5 : _EXTRA.size + length].replace(b"\\", b"/")
        if _EXTRA.size + length > len(extra) or (kind == _UNICODE_NAME and named != name.encode()):
            raise damaged(f"{name} 的附加信息不对")
        extra = extra[_EXTRA.size + length :]


def _check(entries: list[_Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        odd = entry.name.startswith("/") or ":" in entry.name or len(entry.name) > LONGEST_NAME
        if odd or ".." in entry.name.split("/") or not entry.name or visible(entry.name) != entry.name:
            raise FileRejected("E_PATH", f"文件里有不正常的部件名“{visible(entry.name[:40])}”，没有打开；{SAVE_AGAIN}")
        if entry.name.lower() in seen:
            raise FileRejected("E_DUPLICATE", f"文件里有重复的部件“{entry.name}”，没有打开；{SAVE_AGAIN}")
        seen.add(entry.name.lower())
        swollen = entry.size > RATIO_COUNTS_FROM and entry.size > MOST_RATIO * max(entry.packed, 1)
        if entry.size > MOST_BYTES_A_PART or swollen:
            raise FileRejected(
                "E_BOMB", f"文件里的“{entry.name}”解压后有 {entry.size:,} 字节，不正常，没有打开；{SAVE_AGAIN}"
            )
    if sum(entry.size for entry in entries) > MOST_BYTES:
        raise FileRejected("E_BOMB", f"文件解压后太大，没有打开；{SAVE_AGAIN}")
