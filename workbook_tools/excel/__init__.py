"""The saved workbook: guard, read, write only the named cells, save in one atomic step."""

from workbook_tools.excel.addresses import column_letters, position
from workbook_tools.excel.container import refused_by_system
from workbook_tools.excel.formats import NumberFormat, as_formatted, number_format
from workbook_tools.excel.intake import other_kind, read_book
from workbook_tools.excel.saved_book import Book, SheetInfo, named_cell, read_file, verified
from workbook_tools.excel.saved_sheet import FIFTEEN, SavedSheet
from workbook_tools.excel.saving import BACKUPS, as_it_came, backed_up_name, backups, same_file, save, saved_where, undo

__all__ = [
    "BACKUPS",
    "FIFTEEN",
    "Book",
    "NumberFormat",
    "SavedSheet",
    "SheetInfo",
    "as_formatted",
    "as_it_came",
    "backed_up_name",
    "backups",
    "column_letters",
    "named_cell",
    "number_format",
    "other_kind",
    "position",
    "read_book",
    "read_file",
    "refused_by_system",
    "same_file",
    "save",
    "saved_where",
    "undo",
    "verified",
]
