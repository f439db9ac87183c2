"""Measures everything and writes the tables of docs/benchmarks.md and docs/scale.md.

`python -m benchmarks`, or only some of it: `python -m benchmarks cold click`.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

from benchmarks import batch, claims, click, fill, witnesses
from benchmarks.fidelity import fidelity
from benchmarks.measuring import ROOT

PAGES = (ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "scale.md")
TABLES: dict[str, Callable[[], str]] = {
    "filling": fill.beside_others,
    "fidelity": fidelity,
    "stages": fill.stages,
    "cold": fill.cold,
    "recalculation": lambda: witnesses.times(ROOT / "templates" / "self_eval_form.xlsx"),
    "functions": witnesses.functions,
    "formulas": witnesses.forms,
    "folders": fill.folders,
    "claims": claims.measured,
    "click": click.table,
    "batch": batch.measured,
}


def main() -> None:
    """Writes each table between its marks as soon as it is measured."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("table", nargs="*", help=f"all of them, or some of: {', '.join(TABLES)}")
    names = asked.parse_args().table or list(TABLES)
    if unknown := [name for name in names if name not in TABLES]:
        asked.error(f"no such table: {', '.join(unknown)}; there are {', '.join(TABLES)}")
    for name in names:
        found = TABLES[name]()
        print(f"{found}\n", flush=True)
        marks = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- end -->)", re.DOTALL)
        for page in PAGES:
            words = marks.sub(lambda _, said=found: f"\n{said}\n\n", page.read_text("utf-8"), count=1)  # type: ignore[misc]
            page.write_text(words, "utf-8")


if __name__ == "__main__":
    main()
