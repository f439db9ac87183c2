"""All checks with a page: those of a form, and those of forms against each other, which few commands load."""

from __future__ import annotations

from collections.abc import Mapping

from workbook_tools.checks import CHECKS, Check, units, years, years_whole
from workbook_tools.checks.registry import CROSS_CHECKS, CrossCheck

__all__ = ["CROSS_CHECKS", "EVERY_CHECK", "units", "years", "years_whole"]

EVERY_CHECK: Mapping[str, Check | CrossCheck] = {**CHECKS, **CROSS_CHECKS}
