"""Processor time of validation when a message is received, rejected or sent."""

from __future__ import annotations

import subprocess

from .server import HERE, PYTHON, environment

__all__ = ["run"]


def run(*, quick: bool = False) -> str:
    """Measure in the environment of the peers, and return the tables.

    Args:
        quick: Use few rounds.
    """
    command = [PYTHON, "-P", "-m", "bench.validation_timing", *(["--quick"] if quick else [])]
    completed = subprocess.run(command, cwd=HERE, env=environment(), check=True, stdout=subprocess.PIPE, text=True)
    return completed.stdout.strip()
