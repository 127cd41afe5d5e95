"""What ``python -m codegen --help`` prints."""

from __future__ import annotations

import os
import subprocess
import sys

__all__ = ["help_of"]


def help_of(*command: str) -> str:
    """Return the help of a subcommand of codegen, as a block of text."""
    env = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    asked = [sys.executable, "-m", "codegen", *command, "--help"]
    text = subprocess.run(asked, capture_output=True, text=True, check=True, env=env).stdout
    return f"```text\n{text.rstrip()}\n```"
