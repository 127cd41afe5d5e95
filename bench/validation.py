"""Time of validation: what a message costs to receive and to send, beside the decoder alone and beside peers."""

from __future__ import annotations

import subprocess

from .server import HERE, PYTHON

__all__ = ["run"]


def run(*, quick: bool = False) -> str:
    """Measure in the peers' environment; return the tables.

    Args:
        quick: few rounds.
    """
    command = [PYTHON, "-m", "bench.verdicts", *(["--quick"] if quick else [])]
    return subprocess.run(command, cwd=HERE.parent, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
