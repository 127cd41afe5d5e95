"""Output of the commands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["help_of", "output_of"]

ROOT = Path(__file__).parents[2]


def help_of(*subcommand: str, program: str = "codegen") -> str:
    """Return the help of a subcommand of a program, as a Markdown block."""
    return output_of(*subcommand, "--help", program=program)


def output_of(*arguments: str, program: str = "codegen") -> str:
    """Return the output of a program for the schemas of the demo, as a Markdown block."""
    env = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    command = [sys.executable, "-m", program, *arguments]
    text = subprocess.run(command, capture_output=True, text=True, check=True, env=env, cwd=ROOT).stdout
    return f"```text\n{text.rstrip()}\n```"
