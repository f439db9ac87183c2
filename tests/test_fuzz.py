"""Every file that ever broke the program is tried again, and some mutants of each kind; `python -m fuzz` tries more."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz.corpus import BROKEN, DATA, NAMES, form
from fuzz.mutants import KINDS, Kind, Mutant, mutant
from fuzz.trial import Broken, Counts, opened, tried

MUTANTS = 40  # of each kind
SLOWLY = 60  # a seed with which a mutant is taken through everything, slow steps too


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_broke_the_program_does_so_no_more(name: str, tmp_path: Path) -> None:
    for seed in (SLOWLY, SLOWLY + 1):
        assert tried(Mutant(seed, "bytes", b"a.xlsx", BROKEN[name]()), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", DATA)
def test_data_that_broke_the_program_do_so_no_more(name: str, tmp_path: Path) -> None:
    ending, content = DATA[name]
    assert tried(Mutant(SLOWLY + 1, "data", b"a" + ending.encode(), content), tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows takes no such names")
@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_broke_the_program_does_so_no_more(name: str, tmp_path: Path) -> None:
    assert tried(Mutant(0, "names", NAMES[name], form()), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "mail"])
def test_mutants_of_each_kind_break_nothing(kind: Kind, tmp_path: Path) -> None:
    counts = Counts()
    for seed in range(MUTANTS):
        counts.update(tried(mutant(seed, kind), tmp_path))
    assert sum(counts.values()) >= MUTANTS


@pytest.mark.slow
@given(st.integers(0, 2**40), st.sampled_from([kind for kind in KINDS if kind not in ("mail", "names")]))
def test_a_number_gives_the_same_mutant_every_time(seed: int, kind: Kind) -> None:
    assert mutant(seed, kind) == mutant(seed, kind)


def test_a_workbook_that_does_not_open_is_told() -> None:
    with pytest.raises(Broken):
        opened(form()[:-30], Counts())


def test_a_fault_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object, **__: object) -> None:
        raise KeyError("ours")

    monkeypatch.setattr("fuzz.trial.fill_file", fault)
    with pytest.raises(KeyError):
        tried(mutant(1, "bytes"), tmp_path)
