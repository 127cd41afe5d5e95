"""What ``python -m codegen`` prints."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["help_of", "output_of"]

ROOT = Path(__file__).parents[2]


def help_of(*command: str) -> str:
    """Return the help of a subcommand of codegen, as a block of text."""
    return output_of(*command, "--help")


def output_of(*arguments: str) -> str:
    """Return what codegen prints about the schemas of the demo, as a block of text."""
    env = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    asked = [sys.executable, "-m", "codegen", *arguments]
    text = subprocess.run(asked, capture_output=True, text=True, check=True, env=env, cwd=ROOT).stdout
    return f"```text\n{text.rstrip()}\n```"
