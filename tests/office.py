"""LibreOffice as a peer: it opens, recalculates and converts what we wrote, each run in a profile of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from functools import cache, wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ParamSpec, TypeVar

import pytest

P = ParamSpec("P")
T = TypeVar("T")
SOFFICE = shutil.which("soffice")

# In CI its absence is a failure, on a user's machine a skip.
needs_libreoffice = pytest.mark.skipif(
    SOFFICE is None and not os.environ.get("CI"), reason="LibreOffice (soffice) is not installed"
)


def convert(files: Iterable[Path], folder: Path, to: str = "xlsx") -> dict[str, Path]:
    """The files as LibreOffice saves them after loading and recalculating, by stem."""
    assert SOFFICE is not None, "CI installs LibreOffice"
    folder.mkdir(parents=True, exist_ok=True)
    profile = folder / "profile"
    names = [str(file) for file in files]
    command = [SOFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", to]
    for _ in range(2):  # the first start of a new profile may end early
        subprocess.run([*command, "--outdir", str(folder), *names], check=False, capture_output=True, timeout=300)
        made = {Path(name).stem: folder / f"{Path(name).stem}.{to}" for name in names}
        if all(path.exists() for path in made.values()):
            return made
    raise AssertionError(f"LibreOffice did not convert {[name for name, path in made.items() if not path.exists()]}")


def needs_writer(test: Callable[P, T]) -> Callable[P, T]:
    """Skips a test where LibreOffice has no Writer, but not in CI: asked when it runs, for that takes a while."""

    @wraps(test)
    def asked(*given: P.args, **named: P.kwargs) -> T:
        _require_writer()
        return test(*given, **named)

    return asked


def _require_writer() -> None:
    if not os.environ.get("CI") and (SOFFICE is None or not _writer()):
        pytest.skip("LibreOffice Writer is not installed")


@cache
def _writer() -> bool:
    """Whether LibreOffice opens documents: Writer is a package of its own."""
    with TemporaryDirectory() as name:
        path = Path(name) / "text.rtf"
        path.write_text(r"{\rtf1 a}", "utf-8")
        try:
            convert([path], Path(name) / "saved", "docx")
        except AssertionError:
            return False
    return True


def save_in_writer(path: Path) -> Path:
    """Has LibreOffice open and save a Word document in its place; skips where it has no Writer, but not in CI."""
    _require_writer()
    shutil.copy(convert([path], path.parent / "saved", "docx")[path.stem], path)
    return path
