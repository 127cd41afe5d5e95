"""Node process that runs the validators of all generated clients of a test run."""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

__all__ = ["run_validators"]

VALIDATE = Path(__file__).parents[2] / "node/validate.mjs"


def run_validators(inputs: Sequence[str]) -> list[Any]:
    """Return the output of Node for each input."""
    process = _process()
    assert process.stdin is not None and process.stdout is not None
    writer = threading.Thread(target=_write, args=(process.stdin, inputs))
    writer.start()
    found = [process.stdout.readline() for _ in inputs]
    writer.join()
    assert "" not in found, "Node ended early; see its output above"
    return [json.loads(line) for line in found]


def _write(stream: IO[str], inputs: Sequence[str]) -> None:
    with contextlib.suppress(BrokenPipeError):  # the reader reports it
        for input_ in inputs:
            stream.write(f"{input_}\n")
        stream.flush()


@functools.cache
def _process() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        ["node", VALIDATE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    atexit.register(process.communicate, timeout=20)
    return process
