"""Where three programs that calculate formulas differ: over the examples, the empty forms, a list of functions."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import formulas as formulas_package
from openpyxl import Workbook

from benchmarks.measuring import ROOT, spent, table
from benchmarks.ways import FOLDER
from workbook_tools.recalc import Recalculation, same_figure
from workbook_tools.schemes.loading import form_names, load_scheme
from workbook_tools.template.workbook import form_workbook, workbook_bytes

PROGRAMS = ("ironcalc", "formulas", "libreoffice")
SHEET = "试"
GIVEN = ("=0.1+0.2", 2.5, 17160289.87, "良好", "≥95%", None, "2023-04-28", -3, 0.985, 60)  # A1 to A10
FORMULAS = (
    *("ROUND(A2,0)", "ROUND(2.675,2)", "ROUND(1.005,2)", "ROUND(-2.5,0)", "ROUNDUP(A9*100,1)", "ROUNDDOWN(A3,-2)"),
    *("SUM(A1:A10)", "AVERAGE(A1:A10)", "COUNT(A1:A10)", "COUNTA(A1:A10)", "COUNTBLANK(A1:A10)", "MAX(A1:A10)"),
    *('COUNTIF(A1:A10,">0")', 'COUNTIF(A4:A4,"良*")', 'SUMIF(A1:A10,"<0")', "SUMPRODUCT((A8:A10>0)*A8:A10)"),
    *('SUMIFS(A8:A10,A8:A10,">0",A8:A10,"<10")', 'AVERAGEIF(A8:A10,">0")', "LARGE(A8:A10,1)", "RANK(A10,A8:A10)"),
    *('IF(A6="","空",A6)', "IFERROR(1/A6,0)", "1/A6", "A4+1", "A6&A4", 'IF(A4>A10,"是","否")', "A6=0", "ISNUMBER(A6)"),
    *('IFS(A10>=90,"优",A10>=60,"中")', 'SWITCH(A10,60,"六",0)', "CHOOSE(2,A8,A10)", "XOR(A8>0,A10>0)", "NOT(A6)"),
    *('VALUE("95%")', 'VALUE(MID(A5,2,20))', "LEN(A4)", "LENB(A4)", 'FIND("好",A4)', 'SUBSTITUTE(A4,"好","")'),
    *('TEXT(A9,"0.00%")', 'TEXT(A3,"#,##0.00")', 'TEXT(A10,"[>=90]优;[>=60]中;差")', 'FIXED(A3,1)', "TRIM(\" a  b \")"),
    *("MOD(A8,2)", "INT(A8/2)", "CEILING(A9*100,5)", "FLOOR(A10,7)", "MROUND(A10,7)", "ABS(A8)", "POWER(A10,0.5)"),
    *('VLOOKUP(60,A9:A10,1,FALSE)', 'MATCH(60,A1:A10,0)', "INDEX(A1:A10,10)", 'LOOKUP(70,{0,60,80},{"差","中","良"})'),
    *('INDIRECT("A"&10)', "OFFSET(A9,1,0)", "ROW(A10)", 'DATEVALUE("2023-04-28")', "YEAR(DATE(2023,4,28))"),
    *('DATEDIF(DATE(2022,1,1),DATE(2023,4,28),"m")', "EDATE(DATE(2023,1,31),1)", "WEEKDAY(DATE(2023,4,28),2)"),
    *("STDEV(A8:A10)", "MEDIAN(A8:A10)", 'TEXTJOIN("、",TRUE,A4:A6)', 'XLOOKUP(60,A9:A10,A9:A10)', "T(A10)"),
    *('NUMBERVALUE("1,5",",")',),
    *("CONCATENATE(A4,A6,A10)", "PRODUCT(A8:A10)", "SUBTOTAL(9,A8:A10)", 'HYPERLINK("http://a","甲")', "N(A4)"),
)  # fmt: skip


def functions_book() -> bytes:
    """A workbook with a formula of each function."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = SHEET
    for row, value in enumerate(GIVEN, 1):
        sheet.cell(row, 1).value = value
    for row, words in enumerate(FORMULAS, 1):
        sheet.cell(row, 3).value = f"={words}"
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def alone(words: str) -> bytes:
    """A workbook with one of the formulas, so that one that a program does not know spoils no other."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = SHEET
    for row, value in enumerate(GIVEN, 1):
        sheet.cell(row, 1).value = value
    sheet["C1"] = f"={words}"
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def by_formulas(data: bytes) -> object:
    """What `formulas` gives by itself in C1, None where it cannot."""
    path = FOLDER / "book.xlsx"
    path.write_bytes(data)
    try:
        solution = formulas_package.ExcelModel().loads(str(path)).finish().calculate()
        value = solution[f"'[book.xlsx]{SHEET}'!C1"].value[0, 0]
    except Exception:  # it raises whatever a function leads to that it does not know
        return None
    return value.item() if hasattr(value, "item") else value


def said(value: object) -> str:
    """A result as the table shows it."""
    if value is None:
        return "not calculated"
    return "blank" if value == "" else str(value).replace("|", "\\|")


def functions() -> str:
    """The functions of which two programs give something else."""
    office = Recalculation("libreoffice").values(functions_book())
    quick = Recalculation("ironcalc")
    rows, same = [], 0
    for row, words in enumerate(FORMULAS, 1):
        book = alone(words)
        first = quick.values(book).get((SHEET, "C1"))
        other = by_formulas(book)
        third = office.get((SHEET, f"C{row}"))
        if same_figure(first, third) and same_figure(other, third) and None not in (first, other):
            same += 1
        else:
            rows.append([f"`{words}`".replace("|", "\\|"), said(first), said(other), said(third)])
    told = f"{same} of {len(FORMULAS)} formulas give the same in all three; the others:\n\n"
    return told + table(["formula", *PROGRAMS], rows)


def forms() -> str:
    """How many formulas of the project's own workbooks two programs calculate otherwise, and what they take."""
    books: dict[str, bytes] = {path.stem: path.read_bytes() for path in sorted((ROOT / "examples").glob("*.xlsx"))}
    books |= {f"empty form {name}": workbook_bytes(form_workbook(load_scheme(name), 2022)) for name in form_names()}
    programs = {name: Recalculation(name) for name in PROGRAMS}
    rows = []
    for name, data in books.items():
        first = programs["ironcalc"].values(data)
        if not first:
            continue
        office, other = programs["libreoffice"].values(data), programs["formulas"].values(data)
        rows.append([name, str(len(first)), str(differing(first, office)), str(differing(other, office))])
    return table(["workbook", "formulas", "ironcalc ≠ LibreOffice", "formulas ≠ LibreOffice"], rows)


def differing(one: Mapping[tuple[str, str], object], other: Mapping[tuple[str, str], object]) -> int:
    """How many results are not the same."""
    return sum(not same_figure(value, other.get(key)) for key, value in one.items())


def times(path: Path) -> str:
    """Milliseconds for the first workbook and for each later one with the same formulas."""
    rows = []
    for name in PROGRAMS:
        program, taken = Recalculation(name), list[float]()
        for _ in range(4):
            start = spent()
            program.values(path.read_bytes())
            taken.append((spent() - start) * 1000)
        rows.append([name, f"{taken[0]:.0f}", f"{min(taken[1:]):.0f}"])
    return table(["recalculation of the template", "ms, the first", "ms, each later one"], rows)
