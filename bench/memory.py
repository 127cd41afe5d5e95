"""Memory of idle connections, and memory that remains after connections end."""

from __future__ import annotations

import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from . import report
from .cpu import LOAD_CORE, pinned, resident_bytes
from .load.crowd import ENDINGS, connect_and_end, idle_crowd
from .peers import PEERS
from .server import Server

__all__ = ["Remainder", "churn", "idle", "run"]

NAMES = ("ours", "tornado")
KIBIBYTE, MEBIBYTE = 1 << 10, 1 << 20
TIMEOUT = 20.0
"""Maximum time until the server has no handlers, in seconds."""


@dataclass(frozen=True, kw_only=True)
class Remainder:
    """Resources of a server without connections."""

    memory: int
    """Resident memory, in bytes."""
    descriptors: int
    """Number of open file descriptors."""
    handlers: int
    """Number of handler objects after a garbage collection."""


def idle(name: str, *, connections: int, compressed: bool) -> float:
    """Return the memory per connection, in bytes."""
    with Server(PEERS[name], arguments=("compressed",) if compressed else ()) as server, pinned(LOAD_CORE):
        with idle_crowd(server.port, 100, compressed=compressed):
            pass
        time.sleep(0.5)
        before = resident_bytes(server.pid)
        with idle_crowd(server.port, connections, compressed=compressed):
            time.sleep(0.5)
            return (resident_bytes(server.pid) - before) / connections


def churn(*, rounds: int, connections: int) -> list[Remainder]:
    """Return the resources of our server before the first round of short connections, and after each round."""
    with Server(PEERS["ours"]) as server, pinned(LOAD_CORE):
        connect_and_end(server.port, len(ENDINGS))
        remainders = [_remainder(server)]
        for number in range(rounds):
            connect_and_end(server.port, connections)
            remainders.append(_remainder(server))
            print(f"round {number + 1}  {remainders[-1]}", flush=True)
        return remainders


def _remainder(server: Server) -> Remainder:
    deadline = time.monotonic() + TIMEOUT
    while (handlers := _handlers(server)) and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(0.5)
    return Remainder(
        memory=resident_bytes(server.pid),
        descriptors=len(list(Path(f"/proc/{server.pid}/fd").iterdir())),
        handlers=handlers,
    )


def _handlers(server: Server) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/objects", timeout=TIMEOUT) as response:
        return int(response.read())


def run(*, quick: bool = False) -> str:
    """Measure, and return the tables."""
    connections = 200 if quick else 5000
    costs = {}
    for name in NAMES:
        for compressed in (False, True):
            costs[name, compressed] = idle(name, connections=connections, compressed=compressed) / KIBIBYTE
            print(f"{PEERS[name].label:52} compressed={compressed!s:5} {costs[name, compressed]:7.1f} KiB", flush=True)
    remainders = churn(rounds=2 if quick else 6, connections=100 if quick else 2000)
    rows = [(PEERS[name].label, f"{costs[name, False]:.1f} KiB", f"{costs[name, True]:.1f} KiB") for name in NAMES]
    history = [
        (
            str(number) if number else "before",
            f"{now.memory / MEBIBYTE:.1f} MiB",
            str(now.descriptors),
            str(now.handlers),
        )
        for number, now in enumerate(remainders)
    ]
    return "\n\n".join(
        (
            f"Memory of the server per connection, with {connections:,} idle connections after one echo each:",
            report.table(("server", "plain", "compressed"), rows),
            "Resources of the server after each round of connections. Nine in ten end without a close frame:",
            report.table(("round", "memory", "descriptors", "handlers"), history),
            _targets(costs["ours", False], costs["ours", True], remainders),
        )
    )


def _targets(plain: float, compressed: float, remainders: list[Remainder]) -> str:
    half, last = remainders[len(remainders) // 2], remainders[-1]  # the memory allocator grows in the first half
    growth = (last.memory - half.memory) / MEBIBYTE
    return report.targets(
        (
            ("idle connection", "at most 16 KiB", f"{plain:.1f} KiB", plain <= 16),
            ("idle connection, compressed", "at most 64 KiB", f"{compressed:.1f} KiB", compressed <= 64),
            ("growth in the second half of the rounds", "under 1 MiB", f"{growth:.1f} MiB", growth < 1),
            (
                "additional descriptors",
                "0",
                str(last.descriptors - remainders[0].descriptors),
                last.descriptors <= remainders[0].descriptors,
            ),
            ("remaining handlers", "0", str(last.handlers), last.handlers == 0),
        )
    )
