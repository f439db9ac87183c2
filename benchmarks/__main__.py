"""Measures everything and writes the tables of docs/benchmarks.md: `python -m benchmarks`, or some: `… cold click`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

from benchmarks import claims, click, fill, witnesses
from benchmarks.fidelity import fidelity
from benchmarks.measuring import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
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
}


def main() -> None:
    """Writes each table between its marks as soon as it is measured."""
    for name in sys.argv[1:] or TABLES:
        found = TABLES[name]()
        print(f"{found}\n", flush=True)
        page = PAGE.read_text("utf-8")
        marks = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- end -->)", re.DOTALL)
        PAGE.write_text(marks.sub(lambda _, said=found: f"\n{said}\n\n", page, count=1), "utf-8")  # type: ignore[misc]


if __name__ == "__main__":
    main()
