"""An official document by GB/T 9704: its page, its styles, its page numbers, and the paragraphs and tables in it.

The standard gives A4, a type area of 156 × 225 mm that begins 37 mm from the top and 28 mm from the binding edge, 22
lines of 28 characters in 仿宋 16 pt, 黑体 and 楷体 headings, and page numbers — 1 — in 14 pt, odd ones on the right.
Each font is named with the one that takes its place where it is not installed: 方正小标宋 is seldom there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from workbook_tools.text import visible
from workbook_tools.word.package import packed

PAGE = (Mm(210), Mm(297))
TOP, BOTTOM, LEFT, RIGHT = Mm(37), Mm(35), Mm(28), Mm(26)
LATIN = "Times New Roman"
TITLE_FONT, BODY_FONT, FIRST_FONT, SECOND_FONT = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
# What stands in for a font that is not installed.
SUBSTITUTES = {TITLE_FONT: "宋体", BODY_FONT: "仿宋", FIRST_FONT: "SimHei", SECOND_FONT: "楷体"}
BODY, LINE = Pt(16), Pt(29)
TITLE, CAPTION, CELL, NUMBER = "Title", "Caption", "表格文字", Pt(14)
Level = Literal[1, 2, 3]
_HEADINGS = ((FIRST_FONT, False), (SECOND_FONT, False), (BODY_FONT, True))  # 一、 （一） 1.
ANNEX = "附件："  # how the line below the text begins that names the annex
_ABOVE_FOOT = Mm(25)  # so that the dash of the number stands 7 mm below the type area


class OfficialDocument:
    """A document that is written from top to bottom; `data` is its file.

    All words are shown as they are: nothing in them is read as markup.
    """

    def __init__(self, title: str = "") -> None:
        self.word = Document()
        for block in list(self.word.element.body)[:-1]:
            self.word.element.body.remove(block)
        _set_page(self.word)
        _set_styles(self.word)
        _set_numbers(self.word)
        _name_fonts(self.word)
        if title:
            self.word.core_properties.title = visible(title)
            self.title(title)

    def title(self, words: str) -> None:
        """The title: centred, 22 pt."""
        self.word.add_paragraph(visible(words), style=TITLE)

    def heading(self, words: str, level: Level = 1) -> None:
        """A heading; its number (一、 （一） 1.) is part of the words."""
        self.word.add_paragraph(visible(words), style=f"Heading {level}")

    def paragraph(self, words: str, *, indent: bool = True, right: bool = False) -> None:
        """A paragraph of the text; on the right for the unit and the date below it."""
        before = self._end_of_text() if right else []
        paragraph = self.word.add_paragraph(visible(words))
        if not indent or right:
            no_indent(paragraph)
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            for one in before:  # no page holds nothing but the unit and the date
                one.paragraph_format.keep_with_next = True

    def _end_of_text(self) -> list[Any]:
        """The last paragraph of the text and what stands below it: empty lines, the name of an annex."""
        paragraphs = self.word.paragraphs
        text = [n for n, one in enumerate(paragraphs) if one.text.strip() and not one.text.startswith(ANNEX)]
        return list(paragraphs[text[-1] :]) if text else []

    def to_write(self, what: str, *, right: bool = False) -> None:
        """A marked place for what only a person can write: 【请填写：背景】."""
        self.paragraph("", right=right)
        run = self.word.paragraphs[-1].add_run(f"【请填写：{visible(what)}】")
        run.font.highlight_color = WD_COLOR_INDEX.YELLOW

    def annex(self, words: str) -> None:
        """附件 on the first line of its page, at the edge, in 黑体; one line is left free below it."""
        self.paragraph(words, indent=False)
        self.paragraph("")
        first, free = self.word.paragraphs[-2:]
        for run in first.runs:
            run.font.name = LATIN
            run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FIRST_FONT)
        for one in (first, free):
            one.paragraph_format.keep_with_next = True

    def caption(self, words: str) -> None:
        """The title of a table, above it."""
        self.word.add_paragraph(visible(words), style=CAPTION)

    def table(self, heading: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int] = ()) -> None:
        """A table with a heading that is repeated on every page; `widths` are the shares of its columns."""
        table = self.word.add_table(rows=0, cols=len(heading), style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        shares = widths or [1] * len(heading)
        section: Any = self.word.sections[-1]
        room = section.page_width - section.left_margin - section.right_margin
        lengths = [int(room * share / sum(shares)) for share in shares]
        centred = [share < max(shares) or len(set(shares)) == 1 for share in shares]
        for number, words in enumerate([heading, *rows]):
            row = table.add_row()
            _keep_whole(row, heading=number == 0)
            for cell, said, length, middle in zip(row.cells, words, lengths, centred, strict=True):
                cell.width, cell.vertical_alignment = length, WD_ALIGN_VERTICAL.CENTER
                paragraph = cell.paragraphs[0]
                paragraph.style = CELL
                paragraph.add_run(visible(said, "\n")).bold = number == 0
                paragraph.paragraph_format.keep_with_next = True if number == 0 else None
                if number == 0 or middle:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for column, length in zip(table.columns, lengths, strict=True):
            column.width = length
        after = self.word.add_paragraph(style=CELL)  # Word needs one; so low that it never makes a page of its own
        after.paragraph_format.line_spacing = Pt(8)

    def page(self, *, wide: bool = False) -> None:
        """What follows begins on a new page, a wide one for a table with many columns."""
        section = self.word.add_section(WD_SECTION.NEW_PAGE)
        if wide:
            section.orientation = WD_ORIENT.LANDSCAPE
            section.page_width, section.page_height = PAGE[1], PAGE[0]
            section.top_margin, section.bottom_margin = LEFT, RIGHT
            section.left_margin, section.right_margin = TOP, BOTTOM

    @property
    def data(self) -> bytes:
        """The file: the same bytes for the same words."""
        return packed(self.word)


def no_indent(paragraph: Any) -> None:
    """The paragraph without the two characters before its first line."""
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "0")
    indent.set(qn("w:firstLine"), "0")


def _set_page(word: Any) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = PAGE
    section.top_margin, section.bottom_margin = TOP, BOTTOM
    section.left_margin, section.right_margin = LEFT, RIGHT
    section.header_distance, section.footer_distance = Mm(15), _ABOVE_FOOT


def _set_styles(word: Any) -> None:
    styles = word.styles
    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    _font(styles["Normal"], BODY_FONT, BODY)
    _spacing(styles["Normal"], LINE)
    _indent(styles["Normal"], characters=2)
    styles["Normal"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    for level, (name, bold) in enumerate(_HEADINGS, 1):
        style = styles[f"Heading {level}"]
        _font(style, name, BODY, bold=bold)
        _spacing(style, LINE)
        style.paragraph_format.keep_with_next = True
    title = styles[TITLE]
    _font(title, TITLE_FONT, Pt(22))
    _spacing(title, Pt(35), after=LINE)
    _indent(title, characters=0)
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.keep_with_next = True
    border = title.element.pPr.find(qn("w:pBdr"))
    if border is not None:
        title.element.pPr.remove(border)
    caption = styles[CAPTION]
    _font(caption, FIRST_FONT, NUMBER)
    _spacing(caption, LINE)
    _indent(caption, characters=0)
    caption.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    caption.paragraph_format.keep_with_next = True
    cell = styles.add_style(CELL, WD_STYLE_TYPE.PARAGRAPH)
    cell.base_style = styles["Normal"]
    _font(cell, BODY_FONT, Pt(12))
    _spacing(cell, Pt(16))
    _indent(cell, characters=0)
    cell.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    _font(styles["Footer"], "宋体", NUMBER)
    _indent(styles["Footer"], characters=0)


def _font(style: Any, name: str, size: Any, *, bold: bool = False) -> None:
    """The font of a style: Chinese in `name`, digits and letters in Times New Roman."""
    style.font.name, style.font.size, style.font.bold, style.font.italic = LATIN, size, bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), name)
    fonts.set(qn("w:hint"), "eastAsia")  # quotation marks are Chinese ones
    for extra in ("w:spacing", "w:kern"):
        for found in style.element.rPr.findall(qn(extra)):
            style.element.rPr.remove(found)


def _spacing(style: Any, line: Any, after: Any = None) -> None:
    shape = style.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, line
    shape.space_before, shape.space_after = Pt(0), after or Pt(0)


def _indent(style: Any, characters: int) -> None:
    """The first line goes in by characters, whatever their size."""
    indent = style.element.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), str(characters * 100))
    indent.set(qn("w:firstLine"), str(characters * 320))


def _set_numbers(word: Any) -> None:
    """Page numbers — 1 —: odd ones on the right, even ones on the left, one character from the edge."""
    word.settings.odd_and_even_pages_header_footer = True
    section = word.sections[0]
    for footer, side, edge in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT, "right"),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, "left"),
    ):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style, paragraph.alignment = word.styles["Footer"], side
        indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
        indent.set(qn(f"w:{edge}Chars"), "100")
        indent.set(qn(f"w:{edge}"), "280")
        paragraph.add_run("— ")
        _field(paragraph, "PAGE")
        paragraph.add_run(" —")


def _field(paragraph: Any, name: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), f" {name} ")
    shown = parse_xml(f"<w:r {nsdecls('w')}><w:t>1</w:t></w:r>")
    field.append(shown)
    paragraph._p.append(field)


def _keep_whole(row: Any, *, heading: bool) -> None:
    """A row is not torn apart by the end of a page; the heading comes again on the next."""
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if heading:
        properties.append(OxmlElement("w:tblHeader"))


def _name_fonts(word: Any) -> None:
    """The fonts of the document with their substitutes, in its table of fonts."""
    part = next(part for part in word.part.package.iter_parts() if part.partname == "/word/fontTable.xml")
    fonts = [
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in SUBSTITUTES.items()
    ]
    part._blob = f"<w:fonts {nsdecls('w')}>{''.join(fonts)}</w:fonts>".encode()
