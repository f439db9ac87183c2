"""What the macros start in the LibreOffice tests: the tool's own command, with LibreOffice behind xlwings.

The last argument, --done=FILE, gets the exit code: LibreOffice's Shell does not wait.
"""

import os
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent)]


def command() -> None:
    """Runs the command, and leaves its exit code."""
    from workbook_tools.commands.main import main

    *words, done = sys.argv[1:]
    code = 99
    try:
        if words[0] == "live":
            import uno_engine

            uno_engine.register(os.environ["WT_PIPE"])
        code = main(words)
    finally:
        path = Path(done.removeprefix("--done="))
        path.with_suffix(".tmp").write_text(str(code), "ascii")
        path.with_suffix(".tmp").rename(path)


if __name__ == "__main__":
    command()
