"""Processor time, memory and processor affinity of processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["LOAD_CORE", "SERVER_CORE", "cpu_seconds", "pinned", "resident_bytes", "pin"]

PAGE = os.sysconf("SC_PAGE_SIZE")
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]
"""Cores of the server and of the load; the same on a machine with one core."""


def cpu_seconds(pid: int) -> float:
    """Return the user and system time of a process and its threads, in seconds."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process, in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


def pin(core: int) -> None:
    """Bind this process to one core, with priority over other sessions if the system permits it."""
    os.sched_setaffinity(0, {core})
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text("-15")


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Bind this process to one core for the duration of the block."""
    cores = os.sched_getaffinity(0)
    pin(core)
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text("0")
