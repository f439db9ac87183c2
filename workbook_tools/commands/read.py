"""The commands `workbook_tools read` and `recognise`: how a form was read, and why it is of its scheme."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook_tools.commands.console import SCHEMES, ExitCode, naming, scheme_options
from workbook_tools.commands.files import is_one_of
from workbook_tools.errors import WorkbookToolsError
from workbook_tools.excel import read_book, read_file, save, saved_where
from workbook_tools.terminal import columns

if TYPE_CHECKING:
    from workbook_tools.forms.fitting import Comparison
    from workbook_tools.forms.recognition import ReadForm
    from workbook_tools.reports.account import Account, Entry

LONGEST, LONGEST_LABEL = 40, 26  # characters of a cell and of a label that are shown
MOST_RULED_OUT = 2  # official forms that are shown because of the title alone
MOST_WORDS = 8  # words of headings that are shown


def add_commands(commands: Any) -> None:
    """Adds both commands to the parser's."""
    read = commands.add_parser("read", help="列出自评表每一格读成了什么，没有读到的标出来", add_help=False)
    read.add_argument("-h", "--help", action="help", help="显示这段说明")
    read.add_argument("file", metavar="文件", help="自评表")
    scheme_options(read)
    read.add_argument("--format", choices=["text", "json", "csv"], default="text", help="输出格式（默认 text）")
    read.add_argument("--review", metavar="副本", help="另外写一份副本（.xlsx），每一格按读成什么涂颜色，原文件不变")
    recognise = commands.add_parser("recognise", help="说明一份表认成哪一种自评表、有多像、为什么", add_help=False)
    recognise.add_argument("-h", "--help", action="help", help="显示这段说明")
    recognise.add_argument("files", nargs="+", metavar="文件", help="自评表，一个或几个")
    recognise.add_argument("--schemes", metavar="文件夹", help=SCHEMES)


def read(options: argparse.Namespace) -> int:
    """Shows what every cell of the forms was read as."""
    from workbook_tools.forms.recognition import every_form, looked_at
    from workbook_tools.reports.account import account, as_csv, as_json, coloured_copy

    path = Path(options.file)
    if options.review and (Path(options.review).suffix.lower() != ".xlsx" or is_one_of(Path(options.review), [path])):
        print("--review 要写到另一个 .xlsx 文件")
        return ExitCode.USAGE
    with naming(path):
        book = read_book(read_file(path))
        found, _, _ = looked_at(book, options.scheme)
        accounts = [account(one) for one in found or every_form(book, options.scheme)]
    if options.format != "text":
        print((as_json if options.format == "json" else as_csv)(accounts))
    else:
        for one in accounts:
            print("\n".join(_told(path, one)), end="\n\n")
    if options.review:
        copy = Path(options.review)
        backup = save(copy, coloured_copy(path, accounts), seen=None)
        print(f"已写到 {copy}（涂了颜色的副本；原文件没有改动）{saved_where(backup)}")
    return ExitCode.DONE if all(one.read.scheme for one in accounts) else ExitCode.UNREADABLE


def _told(path: Path, one: Account) -> Iterator[str]:
    """The account of a form for a terminal."""
    from workbook_tools.reports.account import FIELD, HEADING, LABEL, NOTE, TITLE, UNREAD, UNUSED

    printed = one.read.printed
    yield f"{path}  {one.name}"
    yield f"  表题：{' '.join(printed.title.split()) or '（没有读到）'}；年度：{printed.year or '（没有读到）'}"
    if one.read.scheme:
        yield f"  评分办法：{one.scheme.title}（{one.scheme.name}）"
    else:
        yield f"  没有认作自评表：{one.read.reason}"
    counts = [
        f"{len(cells)} 格{kind}" for kind in (FIELD, HEADING, LABEL, TITLE, NOTE, UNUSED) if (cells := one.of(kind))
    ]
    yield f"  读到 {'、'.join(counts) or '0 格'}；{len(one.of(UNREAD))} 格没有读到"
    yield from _table("栏目", one.of(FIELD))
    for kind in (HEADING, LABEL, TITLE, NOTE, UNUSED):
        if cells := one.of(kind):
            yield f"  {kind}："
            yield from (f"    {line}" for line in columns([(_cell(e), _cut(e.words)) for e in cells], None))
    if unread := one.of(UNREAD):
        yield f"  {UNREAD}（没有核对）："
        rows = [(_cell(e), _cut(e.words), "数" if e.is_number else "") for e in unread]
        yield from (f"    {line}" for line in columns(rows))


def _table(title: str, entries: Sequence[Entry]) -> Iterator[str]:
    if entries:
        yield f"  {title}："
        rows = [("单元格", "项目", "名称", "内容")]
        rows += [(_cell(e), e.field, _cut(e.label, LONGEST_LABEL), _cut(e.words) or "（空）") for e in entries]
        yield from (f"    {line}" for line in columns(rows))


def _cell(entry: Entry) -> str:
    return entry.address.rpartition("!")[2]


def _cut(words: str, most: int = LONGEST) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"


def recognise(options: argparse.Namespace) -> int:
    """Tells of every form which official form it is, how sure that is, and why; a file that is none costs no other."""
    worst = ExitCode.DONE
    for path in map(Path, options.files):
        try:
            code = _recognised(path)
        except WorkbookToolsError as refused:
            print(refused, end="\n\n")
            code = ExitCode.UNREADABLE
        worst = max(worst, code)
    return worst


def _recognised(path: Path) -> ExitCode:
    from workbook_tools.forms.recognition import every_form, looked_at

    with naming(path):
        book = read_book(read_file(path))
        found, _, reasons = looked_at(book)
        found = found or every_form(book)
    for one in found:
        print("\n".join(_reasons(path, one)), end="\n\n")
    for reason in reasons:
        print(reason)
    return ExitCode.DONE if all(one.scheme for one in found) else ExitCode.UNREADABLE


def _reasons(path: Path, one: ReadForm) -> Iterator[str]:
    """Why a form is of its scheme, or of none."""
    from workbook_tools.forms.fitting import GENERAL, SURE, compared
    from workbook_tools.forms.placing import place
    from workbook_tools.reports.sentences import most_like

    yield f"{path}  {one.name}"
    title = " ".join(one.printed.title.split())
    yield f"  表题：{f'“{title}”' if title else '没有读到'}；年度：{one.printed.year or '没有读到'}"
    if not one.scheme:
        yield f"  不能核对：{one.reason}"
        return
    everyone = compared(one.printed)
    like = place(one.sheet, one.scheme, one.printed).like if one.scheme.name == GENERAL else ()
    if one.scheme.name == GENERAL:
        said = "有两种收录的表都像，分不清" if len(like) > 1 else "和收录的各种表都不够像"
        yield f"  认成：没有收录的自评表（{GENERAL}），按通用办法核对；{said}"
    else:
        (own,) = [comparison for comparison in everyone if comparison.scheme.name == one.scheme.name]
        yield f"  认成：{_titled(own)}"
        yield from _compared(own)
    others = [comparison for comparison in everyone if comparison.scheme.name != one.scheme.name]
    similar = [known.comparison for known in like] or others[:1]
    shown = {other.scheme.name for other in similar}
    by_title = [other for other in others if other.titled or (other.fit >= SURE and _ruled_out(other))]
    for other in [*similar, *[other for other in by_title if other.scheme.name not in shown][:MOST_RULED_OUT]]:
        yield f"  {'不是' if _ruled_out(other) else '像' if one.scheme.name == GENERAL else '其次像'}：{_titled(other)}"
        yield from _compared(other)
    if told := most_like(like):
        yield f"  {told}"


def _ruled_out(one: Comparison) -> bool:
    return bool(one.needed or one.never or one.other_year)


def _titled(one: Comparison) -> str:
    return f"{one.scheme.title}（{one.scheme.name}），表头相同 {one.percent}%"


def _compared(one: Comparison) -> Iterator[str]:
    """What speaks for an official form and what against it."""
    if one.titled:
        yield f"    表题有“{one.titled}”"
    if one.needed:
        yield f"    表题里没有“{'”“'.join(one.needed)}”，所以不是"
    if one.never:
        yield f"    表题里有“{'”“'.join(one.never)}”，所以不是"
    if one.other_year:
        yield f"    年度不同：它是 {one.scheme.year} 年的办法"
    told = (("相同的表头", one.same), ("这张表没有的", one.missing), ("它没有的", one.foreign))
    for label, words in told:
        if words:
            yield f"    {label}（{len(words)}）：{_listed(words)}"
    if one.otherwise:
        pairs = [f"{printed}（它印“{own}”）" for printed, own in one.otherwise]
        yield f"    写法不同的（{len(pairs)}）：{_listed(pairs)}"


def _listed(words: Sequence[str]) -> str:
    said = "、".join(" ".join(word.split()) for word in words[:MOST_WORDS])
    return said if len(words) <= MOST_WORDS else f"{said} 等"
