"""Deliveries of servers per second of processor time, for messages to 1,000 connections."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import report
from .load.fanout import COMPRESSED, FanoutResult, fan_out
from .load.paced import PacedResult, pace
from .peers import PEERS
from .server import Server

__all__ = ["SCENARIOS", "Scenario", "measure", "run"]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Load of a server."""

    in_flight: int
    compressed: bool = False

    def __str__(self) -> str:
        return f"1 kB, compressed, {self.in_flight} in flight" if self.compressed else f"{self.in_flight} in flight"


ONE, EIGHT = Scenario(in_flight=1), Scenario(in_flight=8)
DEFLATED = Scenario(in_flight=1, compressed=True)
SCENARIOS = (ONE, EIGHT, DEFLATED)
NAMES = ("ours", "tornado", "tornado-asyncio", "socketio", "socket.io")
STOPPED = ("ours", "tornado", "socket.io")
"""Servers that are also measured with a stopped reader."""

Figures = Mapping[tuple[str, Scenario], Sequence[FanoutResult]]


def measure(names: Sequence[str], *, connections: int, rounds: int, seconds: float) -> Figures:
    """Measure peers in turns."""
    figures: dict[tuple[str, Scenario], list[FanoutResult]] = {}
    for number in range(rounds):
        for scenario in SCENARIOS:
            for name in names:
                if scenario.compressed and name.startswith("socket"):
                    continue  # compression is off by default in Socket.IO, and cannot be enabled in python-socketio
                result = _window(name, scenario, connections, seconds)
                figures.setdefault((name, scenario), []).append(result)
                print(
                    f"round {number + 1}  {scenario!s:30}  {PEERS[name].label:52} {result.per_cpu_second:8.0f}"
                    " deliveries per second of processor time",
                    flush=True,
                )
    return figures


def _window(name: str, scenario: Scenario, connections: int, seconds: float) -> FanoutResult:
    peer = PEERS[name]
    with Server(peer, arguments=("compressed",) if scenario.compressed else ()) as server:
        return fan_out(
            server.port,
            server.pid,
            peer.protocol,
            connections=connections,
            in_flight=scenario.in_flight,
            seconds=seconds,
            size=1000 if scenario.compressed else 80,
            headers=COMPRESSED if scenario.compressed else "",
        )


def stop_one(name: str, *, readers: int, seconds: float) -> PacedResult:
    """Send 20 messages of 10 kB per second to all connections, while one does not read."""
    peer = PEERS[name]
    with Server(peer) as server:
        return pace(
            server.port, server.pid, peer.protocol, readers=readers, stopped=1, rate=20, seconds=seconds, size=10_000
        )


def run(*, quick: bool = False) -> str:
    """Measure, and return the tables."""
    connections = 100 if quick else 1000
    figures = measure(NAMES, connections=connections, rounds=1 if quick else 5, seconds=0.3 if quick else 1.0)
    medians = {key: statistics.median(result.per_cpu_second for result in windows) for key, windows in figures.items()}
    stopped = {name: stop_one(name, readers=connections, seconds=2 if quick else 10) for name in STOPPED}
    rows = [
        [PEERS[name].label, report.versions(PEERS[name].packages)]
        + [f"{medians[name, scenario]:,.0f}" if (name, scenario) in medians else "" for scenario in SCENARIOS]
        for name in NAMES
    ]
    latencies = [
        [
            PEERS[name].label,
            f"{paced.latency(50) * 1000:.1f} ms",
            f"{paced.latency(99) * 1000:.1f} ms",
            _delivered(paced),
        ]
        for name, paced in stopped.items()
    ]
    return "\n\n".join(
        (
            f"One message of 80 bytes to {connections:,} connections, deliveries per second of processor time:",
            report.table(("server", "versions", *map(str, SCENARIOS)), rows),
            f"One of {connections + 1:,} connections does not read. 20 messages of 10 kB per second to the others:",
            report.table(("server", "median latency", "99th percentile", "delivered"), latencies),
            _targets(figures, medians, stopped["ours"]),
        )
    )


def _delivered(paced: PacedResult) -> str:
    return f"{paced.delivered / paced.expected:.1%}"


def _targets(figures: Figures, medians: Mapping[tuple[str, Scenario], float], stopped: PacedResult) -> str:
    ours = PEERS["ours"].label
    lines = []
    for scenario, others, target, limit in (
        (ONE, ("tornado", "tornado-asyncio"), "at least 5", 5.0),
        (EIGHT, ("tornado", "tornado-asyncio"), "at least 15", 15.0),
        (ONE, ("socket.io",), "more than 1", 1.0),
        (ONE, ("socketio",), "more than 1", 1.0),
        (DEFLATED, ("tornado", "tornado-asyncio"), "more than 1", 1.0),
    ):
        best = max(others, key=lambda name: medians[name, scenario])
        ratio = report.ratio(
            *([result.per_cpu_second for result in figures[name, scenario]] for name in ("ours", best))
        )
        lines.append((f"{ours}, relative to {PEERS[best].label}, {scenario}", target, f"{ratio:.2f}", ratio >= limit))
    latency = stopped.latency(99) * 1000
    lines.append(("99th percentile with a stopped reader", "under 50 ms", f"{latency:.1f} ms", latency < 50))
    return report.targets(lines)
