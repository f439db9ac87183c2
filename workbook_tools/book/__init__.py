"""The saved workbook: guard, read, write only the named cells, save in one atomic step."""

from workbook_tools.book.container import Refused, refused_by_system
from workbook_tools.book.saving import BACKUPS, save, undo
from workbook_tools.book.sheet import SavedSheet
from workbook_tools.book.workbook import Book, read_file

__all__ = ["BACKUPS", "Book", "Refused", "SavedSheet", "read_file", "refused_by_system", "save", "undo"]
