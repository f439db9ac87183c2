"""vbaProject.bin of the add-in: pyOpenVBA writes it; what its output has against the two specifications is put right.

[MS-OVBA] wants no performance cache (it belongs to one build of Excel, which runs it instead of the source), and
[MS-CFB] a red-black tree of directory entries. pyOpenVBA 6.5 keeps the caches and the colours of its own template.
"""

from __future__ import annotations

import struct
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from workbook_tools.errors import NotInstalled, how_to_install

PART = "xl/vbaProject.bin"
_NO_CACHE = bytes.fromhex("cc61ffff000000")  # [MS-OVBA] 2.3.4.1: version 0xFFFF, nothing behind it
_COOKIES = (0x13, 0x2C)  # PROJECTCOOKIE, MODULECOOKIE: 0xFFFF on write
_STREAM_NAME, _OFFSET, _VERSION, _TERMINATOR = 0x1A, 0x31, 0x09, 0x10
_HEADER, _SECTOR, _ENTRY = 512, 512, 128  # bytes
_FIRST_DIRECTORY_SECTOR = 48  # its place in the header
_TYPE, _COLOUR, _LINKS, _START = 66, 67, 68, 116  # places in a directory entry
_RED, _BLACK = 0, 1
_FREE, _STORAGE, _ROOT = 0, 1, 5
_NOTHING = 0xFFFFFFFF


def project(modules: Mapping[str, str]) -> bytes:
    """A VBA project with those modules; raises `NotInstalled` without the package that writes it."""
    try:
        from pyopenvba import ExcelFile
    except ImportError:
        raise NotInstalled(f"构建插件要另外安装 pyOpenVBA；{how_to_install('addin')}") from None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "project.xlam"
        with ExcelFile.create_new(path) as book:
            made = book.vba_project()
            made.delete_module("Module1")
            for name, source in modules.items():
                made.add_module(name, source)
            book.save()
        with zipfile.ZipFile(path) as package:
            return as_specified(package.read(PART))


def as_specified(data: bytes) -> bytes:
    """The project as pyOpenVBA writes it, without caches, and with the directory that [MS-CFB] 2.6 asks for."""
    from pyopenvba.cfb import CFB
    from pyopenvba.vba import compress, decompress

    file = CFB.from_bytes(data)
    records = bytearray(decompress(file.get_stream_in_storage("VBA", "dir")))
    stream = ""
    for kind, at, size in list(_records(records)):
        if kind == _STREAM_NAME:
            stream = records[at : at + size].decode("ascii")
        elif kind in _COOKIES:
            struct.pack_into("<H", records, at, 0xFFFF)
        elif kind == _OFFSET:
            (cached,) = struct.unpack_from("<I", records, at)
            source = file.get_stream_in_storage("VBA", stream)[cached:]
            file.write_stream_in_storage("VBA", stream, source)
            struct.pack_into("<I", records, at, 0)
        elif kind == _TERMINATOR:
            del records[at:]  # four bytes more stand behind it
    file.write_stream_in_storage("VBA", "dir", compress(bytes(records)))
    file.write_stream_in_storage("VBA", "_VBA_PROJECT", _NO_CACHE)
    return _with_directory(file.to_bytes())


def _records(dir_stream: bytearray) -> Iterator[tuple[int, int, int]]:
    """Kind, place and size of each record's content."""
    at = 0
    while at + 6 <= len(dir_stream):
        kind, size = struct.unpack_from("<HI", dir_stream, at)
        size = 6 if kind == _VERSION else size  # its size field is a reserved 4, two bytes too few
        yield kind, at + 6, size
        at += 6 + size


def _with_directory(data: bytes) -> bytes:
    """The file with the colours of a red-black tree, and entries of nothing and of storages that say nothing more.

    pyOpenVBA writes the directory in one run of sectors and builds each tree from its middle, so that only the lowest
    level is not full: red there and black elsewhere, every way down has as many black entries.
    """
    made = bytearray(data)
    (sector,) = struct.unpack_from("<I", made, _FIRST_DIRECTORY_SECTOR)
    first = _HEADER + sector * _SECTOR
    entries = {}
    for number in range(_sectors(made, sector) * _SECTOR // _ENTRY):
        at = first + number * _ENTRY
        entries[number] = at
        if made[at + _TYPE] == _FREE:
            made[at : at + _ENTRY] = bytes(_LINKS) + b"\xff" * 12 + bytes(_ENTRY - _LINKS - 12)
        elif made[at + _TYPE] == _STORAGE:
            struct.pack_into("<I", made, at + _START, 0)
        made[at + _COLOUR] = _BLACK if made[at + _TYPE] else _RED
    for at in entries.values():
        if made[at + _TYPE] in (_STORAGE, _ROOT):
            (child,) = struct.unpack_from("<I", made, at + _LINKS + 8)
            levels = list(_levels(made, entries, child))
            if levels and len(levels[-1]) < 2 ** (len(levels) - 1):
                for lowest in levels[-1]:
                    made[lowest + _COLOUR] = _RED
    return bytes(made)


def _sectors(data: bytearray, sector: int) -> int:
    """How many sectors the chain from a sector on has; the FAT is one sector in a file as small as this."""
    (fat,) = struct.unpack_from("<I", data, 76)
    count = 0
    while sector < _NOTHING - 1:
        (sector,) = struct.unpack_from("<I", data, _HEADER + fat * _SECTOR + sector * 4)
        count += 1
    return count


def _levels(data: bytearray, entries: Mapping[int, int], root: int) -> Iterator[list[int]]:
    """The places of the entries of a tree, level by level."""
    level = [root] if root != _NOTHING else []
    while level:
        places = [entries[number] for number in level]
        yield places
        linked = [number for at in places for number in struct.unpack_from("<2I", data, at + _LINKS)]
        level = [number for number in linked if number != _NOTHING]
