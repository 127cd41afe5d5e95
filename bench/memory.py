"""What a connection that does nothing costs, and what is left of those that are gone."""

from __future__ import annotations

import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from . import report
from .cpu import LOAD_CORE, pinned, resident
from .load.crowd import UGLY, come_and_go, crowd
from .peers import PEERS
from .server import Server

__all__ = ["Left", "churn", "idle", "run"]

NAMES = ("ours", "ours-tornado", "tornado")
KIBIBYTE, MEBIBYTE = 1 << 10, 1 << 20
PATIENCE = 20.0
"""Seconds that a server has to notice that all are gone."""


@dataclass(frozen=True, kw_only=True)
class Left:
    """What a server holds when nobody is there."""

    memory: int
    """In bytes."""
    descriptors: int
    handlers: int
    """Handler objects, those that only the garbage collector would find included."""


def idle(name: str, *, connections: int, compressed: bool) -> float:
    """Return the bytes that a server grows by with each connection."""
    with Server(PEERS[name], arguments=("compressed",) if compressed else ()) as server, pinned(LOAD_CORE):
        with crowd(server.port, 100, compressed=compressed):
            pass
        time.sleep(0.5)
        before = resident(server.pid)
        with crowd(server.port, connections, compressed=compressed):
            time.sleep(0.5)
            return (resident(server.pid) - before) / connections


def churn(*, rounds: int, connections: int) -> list[Left]:
    """Return what our server holds after each round of connections that come and go, and before the first one."""
    with Server(PEERS["ours"]) as server, pinned(LOAD_CORE):
        come_and_go(server.port, len(UGLY))
        left = [_left(server)]
        for number in range(rounds):
            come_and_go(server.port, connections)
            left.append(_left(server))
            print(f"round {number + 1}  {left[-1]}", flush=True)
        return left


def _left(server: Server) -> Left:
    deadline = time.monotonic() + PATIENCE
    while (handlers := _handlers(server)) and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(0.5)
    return Left(
        memory=resident(server.pid),
        descriptors=len(list(Path(f"/proc/{server.pid}/fd").iterdir())),
        handlers=handlers,
    )


def _handlers(server: Server) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/objects", timeout=PATIENCE) as answer:
        return int(answer.read())


def run(*, quick: bool = False) -> str:
    """Measure; return the tables."""
    connections = 200 if quick else 5000
    costs = {}
    for name in NAMES:
        for compressed in (False, True):
            costs[name, compressed] = idle(name, connections=connections, compressed=compressed) / KIBIBYTE
            print(f"{PEERS[name].label:52} compressed={compressed!s:5} {costs[name, compressed]:7.1f} KiB", flush=True)
    left = churn(rounds=2 if quick else 6, connections=100 if quick else 2000)
    rows = [(PEERS[name].label, f"{costs[name, False]:.1f} KiB", f"{costs[name, True]:.1f} KiB") for name in NAMES]
    history = [
        (
            str(number) if number else "before",
            f"{now.memory / MEBIBYTE:.1f} MiB",
            str(now.descriptors),
            str(now.handlers),
        )
        for number, now in enumerate(left)
    ]
    return "\n\n".join(
        (
            f"Memory of the server per connection, of {connections:,} that have exchanged one message and are idle:",
            report.table(("server", "plain", "compressed"), rows),
            "What is left after each round of connections that come and go, all but a tenth of them without good-bye:",
            report.table(("round", "memory", "descriptors", "handlers"), history),
            _bars(costs["ours", False], costs["ours", True], left),
        )
    )


def _bars(plain: float, compressed: float, left: list[Left]) -> str:
    half, last = left[len(left) // 2], left[-1]  # until then the allocator takes what it needs
    growth = (last.memory - half.memory) / MEBIBYTE
    return report.bars(
        (
            ("an idle connection", "at most 16 KiB", f"{plain:.1f} KiB", plain <= 16),
            ("an idle connection, compressed", "at most 64 KiB", f"{compressed:.1f} KiB", compressed <= 64),
            ("growth in the second half of the rounds", "under 1 MiB", f"{growth:.1f} MiB", growth < 1),
            (
                "descriptors more than before",
                "0",
                str(last.descriptors - left[0].descriptors),
                last.descriptors <= left[0].descriptors,
            ),
            ("handlers left", "0", str(last.handlers), last.handlers == 0),
        )
    )
