"""What a vbaProject.bin has against its specifications: [MS-CFB], the compound file, and [MS-OVBA], the streams in it.

Written from the specifications alone; only decompression is that of oletools.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from oletools.olevba import decompress_stream

FREE, END, FAT_SECTOR, NOTHING = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5
RED, BLACK = 0, 1
SECTOR, MINI, CUTOFF = 512, 64, 4096


class Entry(NamedTuple):
    """An entry of the directory, [MS-CFB] 2.6.1."""

    name: str
    kind: int
    colour: int
    left: int
    right: int
    child: int
    own: bytes  # class, state and times
    start: int
    size: int

    @property
    def order(self) -> tuple[int, str]:
        """2.6.4: the shorter name is the lesser, then by capitals."""
        return len(self.name), self.name.upper()


class CompoundFile:
    """A compound file of version 3 read by [MS-CFB]; `faults` says what is wrong with it."""

    def __init__(self, data: bytes) -> None:
        self.data, self.faults = data, list[str]()
        self.used: dict[int, str] = {}
        self.header()
        self.fat = self.numbers(*struct.unpack_from("<109I", data, 76))
        for sector in struct.unpack_from("<109I", data, 76):
            if sector != FREE:
                self.used[sector] = "FAT"
                self.want(self.fat[sector] == FAT_SECTOR, f"sector {sector} of the FAT is not marked so")
        self.directory = self.entries(self.chain(self.field(48), "directory"))
        root = self.directory[0]
        self.mini = self.chain(root.start, "mini stream") if root.size else b""
        self.want(len(self.mini) == -(-root.size // SECTOR) * SECTOR, "the mini stream is not as long as it says")
        table = self.chain(self.field(60), "mini FAT") if self.field(60) != END else b""
        self.want(len(table) == self.field(64) * SECTOR, "the mini FAT is not as long as the header says")
        self.mini_fat = struct.unpack(f"<{len(table) // 4}I", table)
        self.mini_used: dict[int, str] = {}
        self.streams: dict[tuple[str, ...], bytes] = {}
        self.reached = {0}
        self.tree(root, ())
        self.leftover()

    def want(self, so: bool, otherwise: str) -> None:
        if not so:
            self.faults.append(otherwise)

    def field(self, at: int) -> int:
        return int(struct.unpack_from("<I", self.data, at)[0])

    def header(self) -> None:
        """2.2: what the header of a file of version 3 says."""
        fixed = self.data[:8] == bytes.fromhex("d0cf11e0a1b11ae1") and not any(self.data[8:24])
        self.want(fixed, "the header begins otherwise")
        said = struct.unpack_from("<HHHHH6sI", self.data, 24)
        self.want(said == (0x3E, 3, 0xFFFE, 9, 6, bytes(6), 0), f"the header says {said}")
        self.want(self.field(52) == 0 and self.field(56) == CUTOFF, "transaction or limit of the mini stream")
        self.want(self.field(68) == END and self.field(72) == 0, "a DIFAT where none is needed")
        self.want(len(self.data) % SECTOR == 0, "the last sector is cut off")

    def sector(self, number: int) -> bytes:
        return self.data[(number + 1) * SECTOR : (number + 2) * SECTOR]

    def numbers(self, *sectors: int) -> tuple[int, ...]:
        listed = [sector for sector in sectors if sector != FREE]
        self.want(len(listed) == self.field(44), "the header counts other sectors of the FAT")
        table = b"".join(map(self.sector, listed))
        return struct.unpack(f"<{len(table) // 4}I", table)

    def chain(self, start: int, owner: str) -> bytes:
        """2.3: the sectors of a chain; none may be of two chains."""
        return self.follow(start, owner, self.fat, self.used, self.sector)

    def follow(
        self, start: int, owner: str, fat: tuple[int, ...], used: dict[int, str], read: Callable[[int], bytes]
    ) -> bytes:
        found = []
        while start != END:
            if start >= len(fat) or start in used:
                self.faults.append(f"{owner}: sector {start} is {used.get(start, 'not there')}")
                break
            used[start] = owner
            found.append(read(start))
            start = fat[start]
        return b"".join(found)

    def entries(self, data: bytes) -> list[Entry]:
        return [self.entry(data[at : at + 128], at // 128) for at in range(0, len(data), 128)]

    def entry(self, raw: bytes, number: int) -> Entry:
        """2.6.1 to 2.6.3: what an entry may say."""
        size, kind, colour, left, right, child = struct.unpack_from("<HBBIII", raw, 64)
        start, length = struct.unpack_from("<IQ", raw, 116)
        name = raw[: max(size - 2, 0)].decode("utf-16-le")
        if kind == 0:
            self.want(raw == bytes(68) + b"\xff" * 12 + bytes(48), f"entry {number} of nothing says something")
        else:
            self.want(not any(raw[max(size - 2, 0) : 64]) and 2 < size <= 64, f"{name}: its name does not end")
            self.want(not set(name) & set("/\\:!"), f"{name}: a name with such a character")
            self.want((kind == ROOT) == (number == 0) and kind in (STORAGE, STREAM, ROOT), f"{name}: kind {kind}")
            self.want(colour in (RED, BLACK), f"{name}: colour {colour}")
        if kind == STREAM:
            self.want(child == NOTHING and not any(raw[80:116]), f"{name}: a stream with a child, class or time")
        if kind == STORAGE:
            self.want((start, length) == (0, 0), f"{name}: a storage that begins in a sector")
        if kind == ROOT:
            self.want(not any(raw[100:108]), f"{name}: a root with a time of creation")
        return Entry(name, kind, colour, left, right, child, raw[80:116], start, length)

    def tree(self, storage: Entry, path: tuple[str, ...]) -> None:
        """2.6.4: the children of a storage are a red-black tree in the order of their names."""
        within = "/".join(path) or storage.name
        if storage.child != NOTHING:
            self.want(self.directory[storage.child].colour == BLACK, f"{within}: the top of its tree is red")
        ordered = list(self.walk(storage.child, within, RED if storage.child == NOTHING else BLACK, [], 0))
        orders = [entry.order for entry in ordered]
        self.want(orders == sorted(set(orders)), f"{within}: its children are not in order")
        for entry in ordered:
            if entry.kind == STORAGE:
                self.tree(entry, (*path, entry.name))
            else:
                self.streams[*path, entry.name] = self.content(entry)

    def walk(self, number: int, within: str, above: int, heights: list[int], height: int) -> Iterator[Entry]:
        if number == NOTHING:
            heights.append(height)
            self.want(height == heights[0], f"{within}: one way down has more black entries than another")
            return
        if number in self.reached or number >= len(self.directory):
            self.faults.append(f"{within}: entry {number} is reached twice, or is not there")
            return
        self.reached.add(number)
        entry = self.directory[number]
        self.want((above, entry.colour) != (RED, RED), f"{within}: {entry.name} is red under a red one")
        height += entry.colour == BLACK
        yield from self.walk(entry.left, within, entry.colour, heights, height)
        yield entry
        yield from self.walk(entry.right, within, entry.colour, heights, height)

    def content(self, entry: Entry) -> bytes:
        def mini_sector(number: int) -> bytes:
            return self.mini[number * MINI : (number + 1) * MINI]

        small, unit = entry.size < CUTOFF, MINI if entry.size < CUTOFF else SECTOR
        if entry.size == 0:
            self.want(entry.start == END, f"{entry.name}: empty, and begins in a sector")
            return b""
        if small:
            found = self.follow(entry.start, entry.name, self.mini_fat, self.mini_used, mini_sector)
        else:
            found = self.chain(entry.start, entry.name)
        self.want(len(found) == -(-entry.size // unit) * unit, f"{entry.name}: not as long as it says")
        return found[: entry.size]

    def leftover(self) -> None:
        """No sector is taken without an owner, and no entry stands outside the trees."""
        for fat, used, what in ((self.fat, self.used, "sector"), (self.mini_fat, self.mini_used, "mini sector")):
            lost = [number for number, following in enumerate(fat) if following != FREE and number not in used]
            self.want(not lost, f"{what}s {lost} belong to nothing")
        outside = [entry.name for at, entry in enumerate(self.directory) if entry.kind and at not in self.reached]
        self.want(not outside, f"entries {outside} stand in no tree")


# The records of the dir stream in their order, [MS-OVBA] 2.3.4.2; a ? may be lacking, + are the references.
HEAD = (
    *("0001", "004A?", "0002", "0014", "0003", "0004", "0005", "0040", "0006", "003D", "0007", "0008", "0009"),
    *("000C", "003C", "references", "000F", "0013"),
)
REFERENCE = ("0016", "003E", "000D")
MODULE = ("0019", "0047", "001A", "0032", "001C", "0048", "0031", "001E", "002C", "kind", "0025?", "0028?", "002B")


def ovba_faults(streams: dict[tuple[str, ...], bytes]) -> list[str]:
    """What is wrong with the streams of a VBA project."""
    faults = []
    if (said := streams.get(("VBA", "_VBA_PROJECT"), b"")) != bytes.fromhex("cc61ffff000000"):
        faults.append(f"2.3.4.1 _VBA_PROJECT: version {said[2:4].hex()}, a cache of {len(said) - 7} bytes")
    listed = list(dir_records(decompress_stream(bytearray(streams["VBA", "dir"]))))
    head, modules = grouped(listed)
    faults += order_faults(head, modules)
    names = [text(module, "0019") for module in modules]
    for module, name in zip(modules, names, strict=True):
        stream = text(module, "001A")
        offset = number(module, "0031")
        if offset:
            faults.append(f"2.3.4.3 {name}: a cache of {offset} bytes")
        source = decompress_stream(bytearray(streams["VBA", stream][offset:])).decode("cp1252")
        if not source.startswith(f'Attribute VB_Name = "{name}"\r\n'):
            faults.append(f"2.3.4.3 {name}: begins otherwise")
        if number(module, "002C") != 0xFFFF:
            faults.append(f"2.3.4.2.3.2.7 {name}: a cookie of its own")
        for short, long in (("0019", "0047"), ("001A", "0032")):
            if dict(module)[long].decode("utf-16-le") != text(module, short):
                faults.append(f"2.3.4.2.3.2 {name}: two names")
    if number(head, "0013") != 0xFFFF:
        faults.append("2.3.4.2.3.1 PROJECTCOOKIE: a cookie of its own")
    if number(head, "000F") != len(modules):
        faults.append("2.3.4.2.3 PROJECTMODULES: another count")
    inside = {path[1] for path in streams if path[0] == "VBA"}
    if inside != {"dir", "_VBA_PROJECT", *(text(module, "001A") for module in modules)}:
        faults.append(f"2.2.1 VBA storage: holds {sorted(inside)}")
    return faults + project_faults(streams, names)


def dir_records(data: bytes) -> Iterator[tuple[str, bytes]]:
    """2.3.4.2: kind and content of each record; the sizes of two kinds are not what they hold."""
    at = 0
    while at + 6 <= len(data):
        kind, size = struct.unpack_from("<HI", data, at)
        size = 6 if kind == 0x09 else size
        yield f"{kind:04X}", data[at + 6 : at + 6 + size]
        at += 6 + size
    if at < len(data):
        yield "more", data[at:]


Record = tuple[str, bytes]


def grouped(listed: list[Record]) -> tuple[list[Record], list[list[Record]]]:
    head: list[Record] = []
    modules: list[list[Record]] = []
    for record in listed:
        if record[0] == "0019":
            modules.append([])
        (modules[-1] if modules else head).append(record)
    return head, modules


def order_faults(head: list[Record], modules: list[list[Record]]) -> list[str]:
    """Records that stand elsewhere than in the specification, or are not in it."""
    found, references = [kind for kind, _ in head], []
    if "0016" in found:
        first = found.index("0016")
        last = found.index("000F")
        references, found = found[first:last], [*found[:first], "references", *found[last:]]
    faults = [] if as_listed(found, HEAD) else [f"2.3.4.2 the records of the project: {found}"]
    if references != [*REFERENCE] * (len(references) // len(REFERENCE)):
        faults.append(f"2.3.4.2.2 references: {references}")
    for at, module in enumerate(modules):
        kinds = ["kind" if kind in ("0021", "0022") else kind for kind, _ in module]
        if at == len(modules) - 1 and kinds[-1:] == ["0010"]:
            kinds.pop()
        elif at == len(modules) - 1:
            faults.append("2.3.4.2 no terminator")
        if not as_listed(kinds, MODULE):
            faults.append(f"2.3.4.2.3.2 the records of a module: {kinds}")
    return faults


def as_listed(found: list[str], wanted: tuple[str, ...]) -> bool:
    return found == [kind.rstrip("?") for kind in wanted if not kind.endswith("?") or kind.rstrip("?") in found]


def text(records: list[Record], kind: str) -> str:
    return dict(records)[kind].decode("cp1252")


def number(records: list[Record], kind: str) -> int:
    return int.from_bytes(dict(records)[kind], "little")


def decrypted(digits: str, project: str) -> bytes | None:
    """2.4.3.3: what an encrypted value of the PROJECT stream says; None where it is none, or of another project."""
    if len(digits) < 8 or len(digits) % 2:
        return None
    seed, *given = bytes.fromhex(digits)
    version, key = (seed ^ byte for byte in given[:2])
    if (version, key) != (2, sum(project.encode("cp1252")) & 0xFF):
        return None
    said, before = bytearray(), key
    for at in range(2, len(given)):
        before = given[at] ^ (given[at - 2] + before) & 0xFF
        said.append(before)
    content = said[(seed & 6) // 2 :]
    length = int.from_bytes(content[:4], "little")
    return bytes(content[4:]) if length == len(content) - 4 else None


# 2.3.1.15 to 2.3.1.17: not protected, no password, visible.
OPEN = {"CMG": bytes(4), "DPB": bytes(1), "GC": b"\xff"}


def project_faults(streams: dict[tuple[str, ...], bytes], names: list[str]) -> list[str]:
    """2.3.1 and 2.3.3: the PROJECT and PROJECTwm streams name the same modules, and the project is open."""
    lines = streams["PROJECT",].decode("cp1252").splitlines()
    said = [line.partition("=")[2].partition("/")[0] for line in lines if line.startswith(("Document=", "Module="))]
    faults = [] if said == names else [f"2.3.1 PROJECT: names {said}"]
    values = {name: words.strip('"') for name, _, words in (line.partition("=") for line in lines)}
    for name, state in OPEN.items():
        if decrypted(values.get(name, ""), values.get("ID", "")) != state:
            faults.append(f"2.3.1 PROJECT: {name} says something else, or belongs to another project")
    both = b"".join(name.encode("cp1252") + b"\0" + name.encode("utf-16-le") + b"\0\0" for name in names)
    return faults if streams["PROJECTwm",] == both + b"\0\0" else [*faults, "2.3.3 PROJECTwm: other names"]
