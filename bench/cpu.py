"""The processor: what a process used of it, and where it may run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["LOAD_CORE", "SERVER_CORE", "cpu_seconds", "pinned", "resident", "settle"]

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]
"""One core for the server, another for what loads it; the same one on a machine of one core."""


def cpu_seconds(pid: int) -> float:
    """Return the seconds, user and system, that a process and its threads have used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def resident(pid: int) -> int:
    """Return the bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


def settle(core: int) -> None:
    """Bind this process to one core, and go before other sessions there if that is allowed."""
    os.sched_setaffinity(0, {core})
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text("-15")


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Do so for a while."""
    cores = os.sched_getaffinity(0)
    settle(core)
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text("0")
