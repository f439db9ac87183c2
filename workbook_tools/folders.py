"""Where this package keeps what a user sets and what is waiting, on each system."""

from __future__ import annotations

import os
import sys
from pathlib import Path

NAME = "workbook_tools"


def settings_folder() -> Path:
    """The folder of settings and of schemes of one's own, whether it exists or not."""
    return _own_folder("APPDATA", "XDG_CONFIG_HOME", ".config")


def state_folder() -> Path:
    """The folder of what is waiting to be sent, whether it exists or not."""
    return _own_folder("LOCALAPPDATA", "XDG_STATE_HOME", ".local/state")


def _own_folder(windows: str, elsewhere: str, usual: str) -> Path:
    named = os.environ.get(windows if sys.platform == "win32" else elsewhere)
    return (Path(named) if named else Path.home() / usual) / NAME
