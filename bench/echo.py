"""Processor time of servers per echo of a validated message."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import report
from .load.echoes import EchoResult, load_echoes
from .peers import PEERS, Peer
from .server import Server

__all__ = ["SCENARIOS", "Scenario", "measure", "run"]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Load of a server."""

    connections: int
    in_flight: int

    def __str__(self) -> str:
        return f"{self.connections} x {self.in_flight}"


SCENARIOS = (Scenario(connections=256, in_flight=1), Scenario(connections=32, in_flight=16))
"""Many connections with one message in flight, and few with several."""

Figures = Mapping[str, Mapping[Scenario, Sequence[EchoResult]]]


def measure(names: Sequence[str], scenarios: Sequence[Scenario], *, rounds: int, seconds: float) -> Figures:
    """Measure peers in turns, so that a change of the machine's speed affects all of them.

    Each round begins with another peer, because the first ones may find the machine in another state.
    """
    figures: dict[str, dict[Scenario, list[EchoResult]]] = {
        name: {scenario: [] for scenario in scenarios} for name in names
    }
    for number in range(rounds):
        for scenario in scenarios:
            first = number % len(names)
            for name in (*names[first:], *names[:first]):
                result = _window(PEERS[name], scenario, seconds)
                figures[name][scenario].append(result)
                print(
                    f"round {number + 1}  {scenario!s:8}  {PEERS[name].label:52} {result.microseconds:7.2f} µs",
                    flush=True,
                )
    return figures


def _window(peer: Peer, scenario: Scenario, seconds: float) -> EchoResult:
    with Server(peer) as server:
        return load_echoes(
            server.port,
            server.pid,
            peer.protocol,
            path=peer.path,
            connections=scenario.connections,
            in_flight=scenario.in_flight,
            seconds=seconds,
        )


def run(*, quick: bool = False) -> str:
    """Measure all peers, and return the tables."""
    names = tuple(name for name, peer in PEERS.items() if not peer.monitored)
    figures = measure(names, SCENARIOS, rounds=1 if quick else 5, seconds=0.3 if quick else 1.0)
    medians = {
        (name, scenario): statistics.median(result.microseconds for result in windows)
        for name, by_scenario in figures.items()
        for scenario, windows in by_scenario.items()
    }
    rows = []
    for name in sorted(figures, key=lambda name: medians[name, SCENARIOS[0]]):
        row = [PEERS[name].label, report.versions(PEERS[name].packages)]
        for scenario in SCENARIOS:
            microseconds = medians[name, scenario]
            row += [f"{microseconds:.1f} µs", f"{microseconds / medians['ours', scenario]:.2f}"]
        rows.append(row)
    head = ["server", "versions"]
    for scenario in SCENARIOS:
        head += [f"{scenario.connections} connections, {scenario.in_flight} in flight", "ratio"]
    return f"{report.table(head, rows)}\n\n{_targets(figures, medians)}"


def _targets(figures: Figures, medians: Mapping[tuple[str, Scenario], float]) -> str:
    many, few = SCENARIOS
    tornado = min(("tornado", "tornado-asyncio"), key=lambda name: medians[name, many])
    lines = []
    for name, other, scenario, target, limit in (
        ("ours-plain", "picows", many, "at most 1.25", 1.25),
        ("ours-plain", tornado, many, "at most 0.33", 1 / 3),
        ("ours-plain", "picows", few, "at most 0.50", 0.5),
        ("ours", "ours-plain", many, "at most 1.25", 1.25),
        ("ours", "aiohttp", many, "less than 1", 1.0),
        ("ours", "ws", many, "less than 1", 1.0),
    ):
        ratio = report.ratio(*([result.microseconds for result in figures[peer][scenario]] for peer in (name, other)))
        label = f"{PEERS[name].label}, relative to {PEERS[other].label}, {scenario}"
        lines.append((label, target, f"{ratio:.2f}", ratio <= limit))
    return report.targets(lines)
