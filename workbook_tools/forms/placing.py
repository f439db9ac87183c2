"""Where the fields of a form stand: by the words of its layout, else as the form is printed."""

from __future__ import annotations

from workbook_tools.errors import FormNotRecognised
from workbook_tools.excel.sheet import Sheet
from workbook_tools.forms.by_layout import placed_by_layout
from workbook_tools.forms.layout import Layout, Placement, SheetText


def place(sheet: Sheet, layout: Layout, page: SheetText | None = None) -> Placement:
    """The cells of all fields; raises `FormNotRecognised` naming the words that are missing.

    A form whose headings are printed otherwise than the layout says is read without it, and must then surely be its.
    """
    try:
        return placed_by_layout(sheet, layout, page)
    except FormNotRecognised:
        from workbook_tools.forms.fitting import fits  # most forms need neither
        from workbook_tools.forms.placement import placed

        match = fits(sheet, layout)
        if match is None:
            raise
        return placed(match.form, sheet, match.scheme, layout)
