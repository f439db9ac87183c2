"""Checks of a form: each is one function and its page, in groups.

F reading · B budget · W weights · T targets and actual values · S scores · R reasons and texts · A the review of the
supervising department · M monitoring. A code is never reused.
A check reads the form, its computed scores and the scheme; it never scores.
"""

from __future__ import annotations

from workbook_tools.checks import (
    account,
    audit,
    book,
    budget,
    coverage,
    grades,
    monitoring,
    prose,
    prose_points,
    prose_statistics,
    reading,
    reasons,
    scores,
    since_monitoring,
    splits,
    statistics,
    targets,
    weights,
)
from workbook_tools.checks.registry import CHECKS, ERROR, HINT, UNCHECKED, Check, Finding, Level, run_checks

__all__ = [
    "CHECKS",
    "ERROR",
    "HINT",
    "UNCHECKED",
    "Check",
    "Finding",
    "Level",
    "account",
    "audit",
    "book",
    "budget",
    "coverage",
    "grades",
    "monitoring",
    "prose",
    "prose_points",
    "prose_statistics",
    "reading",
    "reasons",
    "run_checks",
    "scores",
    "since_monitoring",
    "splits",
    "statistics",
    "targets",
    "weights",
]
