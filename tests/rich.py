"""A form in a workbook with everything that a careless save loses: pictures, controls, comments, macros, custom parts."""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path

import xlsxwriter

from paper import ZHONGSHAN, PaperSheet

CUSTOM_UI = """<customUI xmlns="http://schemas.microsoft.com/office/2009/07/customui"><ribbon><tabs>
<tab id="t" label="绩效"/></tabs></ribbon></customUI>"""
X14 = """<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"
 xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:dataValidations count="1"
 xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidation type="list" allowBlank="1">
<x14:formula1><xm:f>选项!$A$1:$A$3</xm:f></x14:formula1><xm:sqref>B4</xm:sqref></x14:dataValidation>
</x14:dataValidations></ext></extLst>"""


def png() -> bytes:
    """A red square, as a seal would be."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))

    rows = (b"\0" + b"\xff\0\0" * 64) * 64
    header = struct.pack(">2L5B", 64, 64, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def rich_workbook(*, macros: bool) -> bytes:
    """The drawn Zhongshan form with every part that must come back as it was; an .xlsm with `macros`."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet("自评表")
    paper = PaperSheet(ZHONGSHAN)
    frame = book.add_format({"border": 1, "text_wrap": True})
    percent = book.add_format({"num_format": "0.00%", "border": 1})
    ends: dict[tuple[int, int], tuple[int, int]] = {}
    for cell in paper.anchors:
        ends[paper.anchor(cell)] = max(ends.get(paper.anchor(cell), (0, 0)), cell)
    for (row, column), (bottom, right) in ends.items():
        sheet.merge_range(row - 1, column - 1, bottom - 1, right - 1, "", frame)
    for row in range(1, paper.size[0] + 1):
        for column in range(1, paper.size[1] + 1):
            words = paper.text((row, column))
            if (row, column) in paper.anchors or (not words and (row, column) in ends):
                continue
            number = words.replace(",", "")
            if number.replace(".", "", 1).isdecimal():
                sheet.write_number(row - 1, column - 1, float(number), frame)
            elif words:
                sheet.write_string(row - 1, column - 1, words, frame)
            else:
                sheet.write_blank(row - 1, column - 1, None, percent if column == 7 else frame)
    sheet.write_formula("E6", "=IF(C6=0,0,ABS(MIN(D6,0))/C6)", percent, "#DIV/0!")
    sheet.write_formula("G6", "=F6/(C6+D6)", percent, 0)
    sheet.insert_image("J2", "seal.png", {"image_data": io.BytesIO(png())})
    sheet.insert_textbox("J10", "盖章处")
    sheet.insert_button("J20", {"caption": "填表", "macro": "fill"})
    sheet.write_comment("B4", "项目全称")
    sheet.conditional_format("H9:H30", {"type": "cell", "criteria": "<", "value": 0, "format": percent})
    sheet.data_validation("A5", {"validate": "list", "source": ["是", "否"]})
    sheet.write_rich_string("J30", "富", book.add_format({"bold": True}), "文本", book.add_format(), "！")
    options = book.add_worksheet("选项")
    options.write_column("A1", ["是", "否", "=1+1"])
    options.write_formula("B1", "=自评表!G31", None, 0)
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=选项!$A$1:$A$3"})
    options.insert_chart("D2", chart)
    book.set_custom_property("密级", "内部")
    if macros:
        with tempfile.TemporaryDirectory() as folder:
            project = Path(folder) / "vbaProject.bin"
            project.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 16)
            book.add_vba_project(str(project))
            book.close()
    else:
        book.close()
    return _with_custom_parts(stream.getvalue())


def _with_custom_parts(data: bytes) -> bytes:
    """The workbook with a custom XML part, a customUI part and an x14 validation put in by hand."""
    done = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(done, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "_rels/.rels":
                links = (
                    '<Relationship Id="rUI" Target="customUI/customUI14.xml" '
                    'Type="http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"/></Relationships>'
                )
                content = content.replace(b"</Relationships>", links.encode())
            elif entry.filename == "xl/_rels/workbook.xml.rels":
                links = (
                    '<Relationship Id="rCX" Target="../customXml/item1.xml" '
                    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml"/></Relationships>'
                )
                content = content.replace(b"</Relationships>", links.encode())
            elif entry.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</worksheet>", X14.encode() + b"</worksheet>")
            target.writestr(entry, content)
        target.writestr("customXml/item1.xml", "<项目><编号>2022-001</编号></项目>")
        target.writestr("customUI/customUI14.xml", CUSTOM_UI)
    return done.getvalue()
