"""Cost of presence: users who enter a room of 10,000, compared with a broadcast for each of them."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Literal

from . import report
from .load.arrivals import ArrivalResult, arrive
from .peers import PEERS
from .server import Server

__all__ = ["measure", "run"]

KINDS: Mapping[Literal["enter", "announce"], str] = {"enter": "presence", "announce": "a broadcast for each user"}
WATCHERS = 100


def measure(
    *, members: int, watchers: int, rounds: int
) -> Mapping[Literal["enter", "announce"], Sequence[ArrivalResult]]:
    """Measure presence and broadcasts in turns."""
    figures: dict[Literal["enter", "announce"], list[ArrivalResult]] = {kind: [] for kind in KINDS}
    for number in range(rounds):
        for kind, label in KINDS.items():
            with Server(PEERS["ours"]) as server:
                result = arrive(server.port, server.pid, kind, members=members, watchers=watchers)
            figures[kind].append(result)
            print(f"round {number + 1}  {label:28} {result.microseconds:8.1f} µs for each user", flush=True)
    return figures


def run(*, quick: bool = False) -> str:
    """Measure, and return the tables."""
    members, watchers = (500, 20) if quick else (10_000, WATCHERS)
    figures = measure(members=members, watchers=watchers, rounds=1 if quick else 5)
    rows = []
    for kind, label in KINDS.items():
        results = figures[kind]
        microseconds = statistics.median(result.microseconds for result in results)
        per_second = statistics.median(result.members / result.seconds for result in results)
        size = statistics.median(result.received / result.members for result in results)
        seconds = statistics.median(result.seconds for result in results)
        rows.append([label, f"{per_second:,.0f}", f"{microseconds:.1f} µs", f"{size:.0f}", f"{seconds:.2f} s"])
    ratio = report.ratio(*([result.cpu for result in figures[kind]] for kind in KINDS))
    size = max(result.received / result.members for result in figures["enter"])
    lines = (
        ("processor time of presence, relative to a broadcast for each user", "at most 1", f"{ratio:.2f}", ratio <= 1),
        ("bytes per user and receiver", "at most 100", f"{size:.0f}", size <= 100),
    )
    head = ("", "users per second", "processor time per user", "bytes per user and receiver", "all have arrived after")
    return "\n\n".join(
        (
            f"{members:,} connections enter a room without a pause, and {watchers} others in it receive each of them:",
            report.table(head, rows),
            report.targets(lines),
        )
    )
