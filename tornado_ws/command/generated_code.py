"""Warning about generated code that is older than its schemas, for development."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

from ..loggers import SERVER

__all__ = ["warn_if_stale"]

CODEGEN: Final = Path(__file__).parents[2] / "codegen" / "__main__.py"
"""Module of codegen, if it is installed; a package of the application may have the same name."""
DELAY_SECONDS: Final = 1.0
"""Seconds until the check begins, so that it delays no start, and ``codegen --watch`` has written all files."""
TIMEOUT_SECONDS: Final = 60.0


def warn_if_stale() -> None:
    """Compare generated modules with their schemas in a thread, by codegen in a process of its own.

    Nothing is compared without codegen, or in a folder without settings or schemas.
    """
    if CODEGEN.is_file() and (Path("pyproject.toml").is_file() or Path("schemas").is_dir()):
        threading.Thread(target=_check, daemon=True).start()


def _check() -> None:
    time.sleep(DELAY_SECONDS)
    command = (sys.executable, "-P", "-m", "codegen", "--check", "--json")
    try:
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_SECONDS)
        found = json.loads(ended.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return
    if _is_stale(found):
        SERVER.warning("generated code is not up to date: run python -m codegen")


def _is_stale(found: Any) -> bool:  # Any: text of another program
    """Return True if a module differs, is left over, or is missing in a package that exists.

    Pages are built elsewhere, and a missing package may have another name on the command line of codegen.
    """
    if not isinstance(found, dict):
        return False
    changed, missing, left_over = (
        [path for path in found.get(name, ()) if path.endswith(".py")] for name in ("stale", "missing", "leftOver")
    )
    return bool(changed or missing or left_over) and not any(path.endswith("__init__.py") for path in missing)
