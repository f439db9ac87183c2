"""Draws docs/filled.png, which docs/manual_test.md shows: the lower half of the example as it is filled.

LibreOffice and poppler draw it, on one page.

python docs/manual_pictures.py
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

from workbook_tools import fill_file

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "zhongshan_12345_2022.xlsx"
PICTURE = ROOT / "docs" / "filled.png"


def draw() -> None:
    """The rows with the scores of the filled example."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        filled = folder / "filled.xlsx"
        fill_file(EXAMPLE, out=filled)
        workbook = load_workbook(filled)
        sheet = workbook.worksheets[0]
        sheet.print_area = "A13:J36"
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.fitToHeight = 1
        sheet.page_margins = PageMargins(0.2, 0.2, 0.2, 0.2, 0.1, 0.1)
        sheet.oddFooter.center.text = ""
        workbook.save(filled)
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        office = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", name, str(filled)]
        for _ in range(2):  # the first start of a new profile may end early
            subprocess.run(office, check=False, capture_output=True)
        pages = ["pdftoppm", "-r", "80", "-png", "-singlefile", str(filled.with_suffix(".pdf")), str(folder / "page")]
        subprocess.run(pages, check=True)
        PICTURE.write_bytes((folder / "page.png").read_bytes())


if __name__ == "__main__":
    draw()
    print(PICTURE)
