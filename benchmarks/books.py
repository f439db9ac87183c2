"""The workbooks that are measured: what bureaus really have, in several variants with other money and other words."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from workbook_tools.excel import Book
from workbook_tools.excel.libreoffice import converted
from workbook_tools.forms.placing import place
from workbook_tools.forms.recognition import forms_of
from workbook_tools.template.drawing import draw_form
from workbook_tools.template.workbook import workbook_bytes

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "zhongshan_12345_2022.xlsx"
TEMPLATE = ROOT / "templates" / "self_eval_form.xlsx"
FORM = "自评表"
VARIANTS, LARGE_VARIANTS = 12, 2
INDICATORS, GROUPS = 200, 9  # and the kinds of them that the example has
SHEETS, CELLS = 19, 200_000  # beside the form: twenty sheets in all
COLUMNS = 12
LETTERS = 361  # of the longest text of an entry, so that the file has its size
_PLACES = ("东区", "西区", "石岐", "小榄", "古镇", "三乡", "坦洲", "黄圃", "南头", "东凤", "沙溪", "大涌")
_THINGS = (
    "工单办理",
    "设备采购",
    "场地租赁",
    "人员培训",
    "系统运维",
    "宣传物料",
    "走访慰问",
    "档案整理",
    "话务外包",
    "安全测评",
)
_HEADINGS = ("序号", "日期", "单位", "事项", "经办人", "供应商", "凭证号", "摘要", "金额", "税额", "累计", "备注")
_PEOPLE = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"


@cache
def example() -> list[bytes]:
    """The example of 12 KB as different units fill it in."""
    return [_example(number) for number in range(VARIANTS)]


@cache
def template() -> list[bytes]:
    """The empty template."""
    return [TEMPLATE.read_bytes()]


@cache
def typed() -> list[bytes]:
    """The template with the money and the indicators typed in, so that every computed cell is written."""
    return [_typed(number) for number in range(VARIANTS)]


@cache
def libreoffice() -> list[bytes]:
    """The example as LibreOffice saves it: shared strings, many styles, more parts."""
    return [converted(data, "xlsx") for data in example()[:4]]


@cache
def long() -> list[bytes]:
    """A form with two hundred indicators, every text another one."""
    return [_long(number) for number in range(4)]


@cache
def large() -> list[bytes]:
    """The example in a workbook of 5.5 MB: nineteen sheets of data with 200,000 cells beside it."""
    return [_large(number) for number in range(LARGE_VARIANTS)]


BOOKS: dict[str, Callable[[], list[bytes]]] = {
    "example, 12 KB": example,
    "empty template": template,
    "template with inputs": typed,
    "saved by LibreOffice": libreoffice,
    "200 indicators": long,
    "5.5 MB, 20 sheets": large,
}


def _example(number: int) -> bytes:
    workbook = load_workbook(EXAMPLE)
    for row in workbook[FORM].iter_rows():
        for cell in row:
            if cell.value == 17160289.87:
                cell.value = 17000000 + number
            elif isinstance(cell.value, str) and "12345" in cell.value and not cell.value.startswith("="):
                cell.value = f"{cell.value}（{number}）"
    return workbook_bytes(workbook)


def _inputs(number: int) -> dict[str, str | float]:
    """What a unit types into the template."""
    given: dict[str, str | float] = {"budget.initial": 1000 + number, "budget.adjusted": 200, "budget.spent": 1190}
    for row in range(1, 21):
        given |= {
            f"indicators.{row}.name": f"{_PLACES[number]}{_THINGS[row % 10]}完成率",
            f"indicators.{row}.target": "≥95%",
            f"indicators.{row}.actual": f"{90 + row / 10 + number / 100:.2f}%",
        }
    return given


def _typed(number: int) -> bytes:
    [form] = forms_of(Book(TEMPLATE.read_bytes()))
    cells = place(form.sheet, form.scheme, form.printed).cells
    workbook = load_workbook(TEMPLATE)
    for field, said in _inputs(number).items():
        workbook[FORM].cell(*cells[field]).value = said
    return workbook_bytes(workbook)


def _long(number: int) -> bytes:
    """The example with the rows of its tables repeated, each with words of its own; its computed cells are blank."""
    choose = random.Random(number)
    lines: list[str] = []
    groups = 0
    for line in EXAMPLE.with_suffix(".txt").read_text("utf-8").splitlines():
        cells = line.split(" | ")
        if len(cells) == 10 and cells[5] == "{0.00}":
            groups += 1
            for row in range(INDICATORS // GROUPS + (groups <= INDICATORS % GROUPS)):
                target = choose.randint(80, 95)
                said = (
                    f"{choose.choice(_PLACES)}{choose.choice(_THINGS)}第{row + 1}批按期完成{choose.randint(1, 9999)}项"
                )
                first = cells[0] if not row else "^"
                again = [
                    first,
                    cells[1],
                    said,
                    *cells[3:6],
                    f"≥{target}%",
                    f"{target + choose.randint(-300, 400) / 100}%",
                ]
                lines.append(" | ".join([*again, *cells[8:]]))
        else:
            lines.append(line)
    return _with_shared_strings(draw_form(lines))


def _large(number: int) -> bytes:
    choose = random.Random(number)
    workbook = load_workbook(io.BytesIO(example()[number]))
    for page in range(SHEETS):
        _data(workbook, f"台账{page + 1}", choose)
    return _with_shared_strings(workbook)


_INLINE = re.compile(rb'(<c [^>]*)t="inlineStr"([^>]*>)<is>(<t[ >].*?</t>)</is>', re.DOTALL)
_CODE = re.compile(rb"&#(\d{3,});")
_STRINGS = "xl/sharedStrings.xml"
_MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
_RELATION = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"


def _with_shared_strings(workbook: Workbook) -> bytes:
    """The workbook as Excel saves it, all texts in one table; openpyxl writes each into its cell."""
    stream, saved = io.BytesIO(), io.BytesIO()
    workbook.save(stream)
    numbers: dict[bytes, int] = {}

    def shared(found: re.Match[bytes]) -> bytes:
        text = _CODE.sub(lambda code: chr(int(code[1])).encode(), found[3])
        return b'%st="s"%s<v>%d</v>' % (found[1], found[2], numbers.setdefault(text, len(numbers)))

    with zipfile.ZipFile(stream) as read, zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as written:
        parts = {name: read.read(name) for name in read.namelist()}
        sheets = {
            name: _INLINE.sub(shared, data) for name, data in parts.items() if name.startswith("xl/worksheets/sheet")
        }
        strings = b"".join(b"<si>%s</si>" % text for text in numbers)
        parts |= sheets | {_STRINGS: b'<sst xmlns="%s">%s</sst>' % (_MAIN, strings)}
        kind = b'<Override PartName="/%s" ContentType="%s"/>' % (_STRINGS.encode(), _TYPE)
        link = b'<Relationship Id="texts" Type="%s" Target="sharedStrings.xml"/>' % _RELATION
        for name, end, new in (
            ("[Content_Types].xml", b"</Types>", kind),
            ("xl/_rels/workbook.xml.rels", b"</Relationships>", link),
        ):
            parts[name] = parts[name].replace(end, new + end)
        for name, data in parts.items():
            written.writestr(name, data)
    return saved.getvalue()


def _data(workbook: Workbook, name: str, choose: random.Random) -> None:
    sheet = workbook.create_sheet(name)
    sheet.append(list(_HEADINGS))
    for row in range(CELLS // SHEETS // COLUMNS):
        sheet.append(_entry(row, choose))


def _entry(row: int, choose: random.Random) -> list[Any]:
    person = choose.choice(_PEOPLE) + choose.choice(_PEOPLE)
    place, thing = choose.choice(_PLACES), choose.choice(_THINGS)
    amount = choose.randint(100, 10_000_000) / 100
    return [
        row + 1,
        f"2022-{choose.randint(1, 12):02}-{choose.randint(1, 28):02}",
        f"{place}{choose.choice(_PLACES)}服务中心{choose.randint(1, 99)}",
        f"{thing}第{choose.randint(1, 9999)}号",
        person,
        f"中山市{choose.choice(_PEOPLE)}{choose.choice(_PEOPLE)}{choose.choice(_PLACES)}有限公司",
        f"{choose.randrange(16**12):012X}",
        f"{place}{thing}，{choose.randint(1, 999)}件，{person}经办，合同{choose.randrange(16**LETTERS):0{LETTERS}X}",
        amount,
        round(amount * 0.06, 2),
        choose.randint(1, 10**9) / 100,
        f"见附件{choose.randrange(16**6):06X}",
    ]
