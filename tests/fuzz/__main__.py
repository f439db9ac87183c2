"""Tries mutants for a time, and ends with 1 where one breaks the program.

    PYTHONPATH=tests python -m fuzz --seconds 120
    PYTHONPATH=tests python -m fuzz --seed 4711 --kind tokens     the one mutant that was reported

A mutant breaks the program by any exception that is not one of ours, by more than ten seconds or two gigabytes, by a
written workbook that openpyxl does not open, by a line that is forged.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fuzz.mutants import KINDS, Kind, mutant
from fuzz.trial import smtp_dialogue, tried

SECONDS, BYTES = 10, 2 * 2**30  # that one mutant may take
MOST_BROKEN = 20  # then it is time to look
DIALOGUES = 500  # after so many mutants one mail dialogue is tried


class TooSlow(BaseException):
    """A mutant that takes more time than any file may."""


def _stop(*_: object) -> None:
    raise TooSlow


def _limit() -> None:
    """Memory and time of the processor, where the system can limit them."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
        signal.signal(signal.SIGVTALRM, _stop)


def _try(seed: int, kind: Kind | None, folder: Path, counts: Counter[str]) -> str:
    """Tries one mutant; what it broke, "" where it did not."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    one = mutant(seed, kind)
    try:
        counts.update(tried(one, folder))
    except (Exception, TooSlow) as fault:
        where = "".join(traceback.format_exception(fault)[-4:])
        return f"--seed {seed} --kind {one.kind}: {fault!r}\n{where}"
    finally:
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        counts[f"kind {one.kind}"] += 1
    return ""


def main() -> int:
    """The command; gives its exit code."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Tries mutants until the time is over.")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--mutants", type=int, default=10**9, help="at most so many")
    parser.add_argument("--start", type=int, default=0, help="the first number; else one of the clock")
    parser.add_argument("--seed", type=int, help="only this mutant")
    parser.add_argument("--kind", choices=KINDS)
    options = parser.parse_args()
    _limit()
    counts, broken = Counter[str](), 0
    first = options.start or time.time_ns() % 10**9 * 1000
    end, began = time.monotonic() + options.seconds, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        number = 0
        seeds = [options.seed] if options.seed is not None else range(first, first + options.mutants)
        for number, seed in enumerate(seeds, 1):
            kinds = [options.kind]
            if smtp_dialogue() and not options.kind and number % DIALOGUES == 0:
                kinds.append("mail")
            for what in filter(None, [_try(seed, kind, Path(name), counts) for kind in kinds]):
                print(what, flush=True)
                broken += 1
            if time.monotonic() > end or broken >= MOST_BROKEN:
                break
    print(f"{number} mutants from {first} in {time.monotonic() - began:.0f} s, {broken} broke the program")
    print(", ".join(f"{what} {count}" for what, count in sorted(counts.items())))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
