"""Time of validation: what a message costs to receive and to send, beside the decoder alone and beside peers."""

from __future__ import annotations

import subprocess

from .server import HERE, PYTHON, environment

__all__ = ["run"]


def run(*, quick: bool = False) -> str:
    """Measure in the peers' environment; return the tables.

    Args:
        quick: few rounds.
    """
    command = [PYTHON, "-P", "-m", "bench.verdicts", *(["--quick"] if quick else [])]
    made = subprocess.run(command, cwd=HERE, env=environment(), check=True, stdout=subprocess.PIPE, text=True)
    return made.stdout.strip()
