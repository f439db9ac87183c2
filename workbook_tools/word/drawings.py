"""Charts in a document: each below the table that it is of, found again by its name and given its new figures."""

from __future__ import annotations

from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm

from workbook_tools.word.marks import marks_of

_CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TBL = qn("w:tbl")
WIDTH, HEIGHT = Mm(150), Mm(65)


def put_chart(word: Any, key: str, title: str, chart: bytes, workbook: bytes) -> bool:
    """Puts a chart behind the table whose title has the mark `key`; one that is there gets its new figures.

    False where there is no such table, or the chart there says this already.
    """
    name = f"fx_chart_{key}"
    found = next((one for one in word.element.body.iter(qn("wp:docPr")) if one.get("name") == name), None)
    if found is not None:
        return _renew(word, found, chart, workbook)
    mark = next((mark for mark in marks_of(word.element.body) if mark.key == f"{key}_title"), None)
    table = next((one for one in mark.paragraph.itersiblings() if one.tag == _TBL), None) if mark else None
    if table is None:
        return False
    package = word.part.package
    part = Part(package.next_partname("/word/charts/chart%d.xml"), _CHART, b"", package)
    part._blob = _with_workbook(part, chart, workbook)
    relation = word.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    number = 1 + max((int(one.get("id") or 0) for one in word.element.body.iter(qn("wp:docPr"))), default=0)
    table.addnext(_paragraph(relation, number, name, title))
    return True


def _renew(word: Any, properties: Any, chart: bytes, workbook: bytes) -> bool:
    reference = next((one for one in properties.getparent().iter(f"{{{_C}}}chart")), None)
    if reference is None:
        return False
    part = word.part.related_parts[reference.get(f"{{{_R}}}id")]
    before = part.blob
    part._blob = _with_workbook(part, chart, workbook)
    return bool(part.blob != before)


def _with_workbook(part: Any, chart: bytes, workbook: bytes) -> bytes:
    """The chart with a reference to the workbook behind it, which becomes a part of its own."""
    held = next((rel for rel in part.rels.values() if rel.reltype == RELATIONSHIP_TYPE.PACKAGE), None)
    if held is None:
        place = part.package.next_partname("/word/embeddings/Microsoft_Excel_Sheet%d.xlsx")
        book = Part(place, _WORKBOOK, workbook, part.package)
        relation = part.relate_to(book, RELATIONSHIP_TYPE.PACKAGE)
    else:
        held.target_part._blob, relation = workbook, held.rId
    outside = (
        f'<c:externalData xmlns:c="{_C}" xmlns:r="{_R}" r:id="{relation}"><c:autoUpdate val="0"/></c:externalData>'
    )
    root = parse_xml(chart)
    root.append(parse_xml(outside))
    return bytes(serialize_part_xml(root))


def _paragraph(relation: str, number: int, name: str, title: str) -> Any:
    wp = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    made = parse_xml(
        f'<w:p xmlns:w="{w}" xmlns:wp="{wp}" xmlns:a="{a}"><w:pPr>'
        f'<w:spacing w:before="200" w:line="240" w:lineRule="auto"/>'
        f'<w:ind w:firstLineChars="0" w:firstLine="0"/><w:jc w:val="center"/></w:pPr><w:r><w:drawing>'
        f'<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{WIDTH}" cy="{HEIGHT}"/>'
        f'<wp:docPr id="{number}" name="{name}" descr=""/><wp:cNvGraphicFramePr/><a:graphic><a:graphicData uri="{_C}">'
        f'<c:chart xmlns:c="{_C}" xmlns:r="{_R}" r:id="{relation}"/></a:graphicData></a:graphic></wp:inline>'
        f"</w:drawing></w:r></w:p>"
    )
    next(made.iter(qn("wp:docPr"))).set("descr", title)
    return made
