"""vbaProject.bin keeps to [MS-CFB] and [MS-OVBA]; as pyOpenVBA writes it, it does not."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
import xlwings

from places import ROOT
from workbook_tools.ribbon import addin, vba_project

pytest.importorskip("pyopenvba", reason='pyOpenVBA is not installed: pip install ".[test]"')
olevba = pytest.importorskip("oletools.olevba", reason='oletools is not installed: pip install ".[test]"')

from vba_format import BLACK, RED, CompoundFile, ovba_faults  # noqa: E402

SOURCES = ROOT / "macros"


def part(package: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return archive.read(vba_project.PART)


@pytest.fixture(scope="module")
def ours() -> bytes:
    return part((SOURCES / addin.NAME).read_bytes())


@pytest.fixture(scope="module")
def as_the_library_writes() -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vba_project, "as_specified", lambda data: data)
        return part(addin.build(SOURCES))


def test_the_compound_file_is_as_specified(ours: bytes) -> None:
    assert CompoundFile(ours).faults == []


def test_the_streams_are_as_specified(ours: bytes) -> None:
    assert ovba_faults(CompoundFile(ours).streams) == []


def test_the_library_writes_neither_so(as_the_library_writes: bytes) -> None:
    file = CompoundFile(as_the_library_writes)
    assert {
        "VBA: Host is red under a red one",
        "VBA: one way down has more black entries than another",
        "VBA: a storage that begins in a sector",
        "entry 4 of nothing says something",
    } <= set(file.faults)
    said = ovba_faults(file.streams)
    assert "2.3.4.1 _VBA_PROJECT: version b500, a cache of 2537 bytes" in said
    assert [line for line in said if line.startswith("2.3.4.3 ThisWorkbook: a cache of ")]
    assert "2.3.4.2.3.1 PROJECTCOOKIE: a cookie of its own" in said
    assert "2.3.4.2 no terminator" in said  # the last record, but for four bytes behind it


@pytest.mark.parametrize(
    ("there", "instead", "said"),
    [
        (b'ID="{', b'ID="[', "CMG"),  # the key of the three values is made of the ID
        (b'DPB="', b'DPX="', "DPB"),
        (b'GC="', b'GC="00', "GC"),
        (b"Module=Host", b"Module=Hosts", "names"),
    ],
)
def test_the_checker_sees_in_the_project_stream(there: bytes, instead: bytes, said: str, ours: bytes) -> None:
    streams = CompoundFile(ours).streams
    assert streams["PROJECT",].count(there) == 1
    broken = {**streams, ("PROJECT",): streams["PROJECT",].replace(there, instead)}
    assert any(said in fault for fault in ovba_faults(broken))


def modules(data: bytes) -> dict[str, str]:
    parser = olevba.VBA_Parser("vbaProject.bin", data=data)
    read = {str(name): str(code) for _, _, name, code in parser.extract_macros()}
    parser.close()
    return read


def test_nothing_else_changes(ours: bytes, as_the_library_writes: bytes) -> None:
    assert modules(ours) == modules(as_the_library_writes)
    assert len(modules(ours)) == len(addin.MODULES) + 2
    before, after = CompoundFile(as_the_library_writes).streams, CompoundFile(ours).streams
    assert before.keys() == after.keys()
    changed = {path[-1] for path in after if before[path] != after[path]}
    assert changed == {"dir", "_VBA_PROJECT", "ThisWorkbook", "Sheet1"}


# What is broken, and the words by which the checker tells it.
BROKEN = {
    "a red entry under a red one": "is red under a red one",
    "a tree of unequal heights": "more black entries",
    "two names in the wrong order": "not in order",
    "a chain that runs in a circle": "sector",
    "a stream that is longer than its chain": "not as long as it says",
    "a sector that belongs to nothing": "belong to nothing",
    "another version in the header": "the header says",
}


@pytest.mark.parametrize("fault", BROKEN)
def test_the_checker_sees(fault: str, ours: bytes) -> None:
    data = bytearray(ours)
    directory = 512 * (1 + struct.unpack_from("<I", data, 48)[0])
    fat = 512 * (1 + struct.unpack_from("<I", data, 76)[0])
    entry = {name: ours.index(f"{name}\0".encode("utf-16-le"), directory) for name in ("Host", "dir", "Bridge")}
    if fault.startswith("a red"):
        data[entry["Host"] + 67] = data[entry["dir"] + 67] = 0
    elif fault.startswith("a tree"):
        data[entry["Bridge"] + 67] = 0
    elif fault.startswith("two names"):
        data[entry["dir"] : entry["dir"] + 6] = "zzz".encode("utf-16-le")
        data[entry["Host"] : entry["Host"] + 8] = "Hzzz".encode("utf-16-le")
        data[entry["Host"] + 64 : entry["Host"] + 66] = struct.pack("<H", 6)
        data[entry["Host"] + 4 : entry["Host"] + 8] = bytes(4)
    elif fault.startswith("a chain"):
        (start,) = struct.unpack_from("<I", data, entry["Bridge"] + 116)
        struct.pack_into("<I", data, fat + 4 * (start + 1), start)
    elif fault.startswith("a stream"):
        struct.pack_into("<I", data, entry["Bridge"] + 120, 60_000)
    elif fault.startswith("a sector"):
        free = next(
            number for number in range(128) if struct.unpack_from("<I", data, fat + 4 * number)[0] == 0xFFFFFFFF
        )
        struct.pack_into("<I", data, fat + 4 * free, 0xFFFFFFFE)
    else:
        struct.pack_into("<H", data, 26, 4)
    assert any(BROKEN[fault] in said for said in CompoundFile(bytes(data)).faults)


@pytest.mark.parametrize("count", range(1, 12))
def test_the_tree_is_right_for_any_number_of_modules(count: int) -> None:
    made = vba_project.project({f"M{number}" * (1 + number % 3): "Option Explicit\r\n" for number in range(count)})
    file = CompoundFile(made)
    assert file.faults == []
    assert ovba_faults(file.streams) == []


def test_a_compound_file_that_excel_wrote_has_no_faults() -> None:
    path = Path(xlwings.__file__).with_name("quickstart.xlsm")
    file = CompoundFile(part(path.read_bytes()))
    assert file.faults == []
    assert {entry.colour for entry in file.directory} == {RED, BLACK}
