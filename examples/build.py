"""Draw the example workbooks of this folder: printed forms as a clerk hands them in, computed cells still empty.

`python examples/build.py` writes them again, byte for byte the same. The words of a form stand in the text file of the
same name, drawn as `workbook_tools.template.drawing` describes.
"""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook

from workbook_tools.template.drawing import draw_form
from workbook_tools.template.workbook import workbook_bytes

FOLDER = Path(__file__).parent
EXAMPLES = tuple(sorted(path.stem for path in FOLDER.glob("*.txt")))
FORMS = tuple(name for name in EXAMPLES if not name.endswith("_targets"))


def example(name: str) -> Workbook:
    """The workbook that the text file of that name draws."""
    return draw_form((FOLDER / f"{name}.txt").read_text("utf-8").splitlines())


def main() -> None:
    """Writes each example beside this file."""
    for name in EXAMPLES:
        (FOLDER / f"{name}.xlsx").write_bytes(workbook_bytes(example(name)))


if __name__ == "__main__":
    main()
