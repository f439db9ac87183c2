"""Figures in prose, held against the form: each is confirmed, refuted, or left open.

The evidence is asymmetric. A figure is refuted only where its subject is made wholly of words that the form knows; a
similar name may confirm and never refutes. Parts, brackets, other years, rules for scoring and lists of several
projects are never refuted. A share of equal parts, a yearly figure by its monthly mean, and words that stand elsewhere
too are only ever confirmed; these three have no check.
"""

from __future__ import annotations

from workbook_tools.claims.decide import Decided, decide
from workbook_tools.claims.facts import Facts, Row, in_a_sentence, name_of

__all__ = ["Decided", "Facts", "Row", "decide", "in_a_sentence", "name_of"]
