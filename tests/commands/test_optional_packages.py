"""A command without the package that it alone needs says in one sentence what to install; the others go on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FORM = str(Path(__file__).parents[2] / "examples" / "zhongshan_12345_2022.xlsx")
LACKING = """import sys
sys.modules.update(dict.fromkeys(sys.argv[1].split(","), None))  # importing such a module is an ImportError
from workbook_tools.commands.main import main
sys.exit(main(sys.argv[2:]))"""
# What is run → the package that is not there, and the extra that brings it.
NEEDED = {
    "report form -o out.docx": ("docxtpl", "report"),
    "report --new-template -o out.docx": ("docxtpl", "report"),
    "review new --new-template -o out.docx": ("docxtpl", "report"),
    "send form --to a@example.cn --report --dry-run": ("docxtpl", "report"),
    "check form --on tcp://127.0.0.1:1": ("distributed", "cluster"),
    "summary form -o out.xlsx --on tcp://127.0.0.1:1": ("distributed", "cluster"),
    "summary form -o out.xlsx --parquet": ("pyarrow", "cluster"),
    "check s3://bucket/folder": ("upath", "cluster"),
    "summary s3://bucket/folder -o out.xlsx": ("upath", "cluster"),
    "serve": ("starlette", "web"),
    "addin build --to .": ("pyopenvba", "addin"),
}
ALL = ",".join(dict.fromkeys(package for package, _ in NEEDED.values())) + ",docx,fsspec,rapidfuzz,datasketch,uvicorn"


def ran(folder: Path, packages: str, words: str) -> subprocess.CompletedProcess[str]:
    given = [FORM if one == "form" else one for one in words.split()]
    return subprocess.run(
        [sys.executable, "-c", LACKING, packages, *given], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("words", NEEDED)
def test_one_sentence_says_what_to_install_and_nothing_is_written(tmp_path: Path, words: str) -> None:
    package, extra = NEEDED[words]
    ended = ran(tmp_path, package, words)
    (sentence,) = (line for line in (ended.stdout + ended.stderr).splitlines() if "pip install" in line)
    assert f'请运行 pip install "workbook_tools[{extra}]"' in sentence
    assert (ended.returncode, [*tmp_path.iterdir()]) == (2, [])


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(
    "words",
    [
        "check form",
        "check form --html out.html",
        "summary form -o out.xlsx",
        "review new form -o out.xlsx",
        "export form",
        "new --scheme national_2020 -o out.xlsx",
        "compare form form2.xlsx -o out.xlsx",
    ],
)
def test_the_other_commands_need_none_of_them(tmp_path: Path, words: str) -> None:
    (tmp_path / "form2.xlsx").write_bytes(Path(FORM).read_bytes())
    ended = ran(tmp_path, ALL, words)
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    assert "程序出错" not in ended.stdout + ended.stderr
