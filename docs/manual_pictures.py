"""Draws docs/filled.png, which docs/manual_test.md shows: the example as it is filled, by LibreOffice and poppler.

python docs/manual_pictures.py
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from workbook_tools import fill_file

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "zhongshan_12345_2022.xlsx"
PICTURE = ROOT / "docs" / "filled.png"


def draw() -> None:
    """The first page of the filled example."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        filled = folder / "filled.xlsx"
        fill_file(EXAMPLE, out=filled)
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        office = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", name, str(filled)]
        for _ in range(2):  # the first start of a new profile may end early
            subprocess.run(office, check=False, capture_output=True)
        pages = ["pdftoppm", "-r", "64", "-png", "-singlefile", str(filled.with_suffix(".pdf")), str(folder / "page")]
        subprocess.run(pages, check=True)
        PICTURE.write_bytes((folder / "page.png").read_bytes())


if __name__ == "__main__":
    draw()
    print(PICTURE)
