"""Processor time of the echo with metrics for Prometheus and with traces for OpenTelemetry."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from . import report
from .echo import SCENARIOS, Scenario
from .load.echoes import load_echoes
from .peers import PEERS
from .server import Server

__all__ = ["LIMIT", "run"]

LIMIT = 1.03
"""Maximum time per message, relative to that without metrics and traces."""
PATHS = {
    "/echo": "without metrics and traces",
    "/echo-with-metrics": "with metrics for Prometheus",
    "/echo-with-traces": "with traces for OpenTelemetry, 10 spans per second",
}
"""Endpoints of one server process, so that they differ in nothing else."""


def run(*, quick: bool = False) -> str:
    """Measure the endpoints in turns, and return the tables."""
    rows, targets = [[label] for label in PATHS.values()], []
    for scenario in SCENARIOS:
        times = _measure(scenario, rounds=2 if quick else 60, seconds=0.1 if quick else 0.3)
        plain = times["/echo"]
        for row, path in zip(rows, PATHS, strict=True):
            ratio = report.ratio(times[path], plain)
            row += [f"{statistics.median(times[path]):.2f} µs", f"{ratio:.3f}"]
            if path != "/echo":
                targets.append((f"{PATHS[path]}, {scenario}", f"at most {LIMIT}", f"{ratio:.3f}", ratio <= LIMIT))
    head = ["echo"]
    for scenario in SCENARIOS:
        head += [f"{scenario.connections} connections, {scenario.in_flight} in flight", "ratio"]
    return f"{report.table(head, rows)}\n\n{report.targets(targets)}"


def _measure(scenario: Scenario, *, rounds: int, seconds: float) -> Mapping[str, Sequence[float]]:
    """Return the processor times per message by path, in microseconds."""
    times: dict[str, list[float]] = {path: [] for path in PATHS}
    peer, paths = PEERS["ours-monitored"], [*PATHS]
    with Server(peer) as server:
        for number in range(rounds):
            for path in (*paths[number % 3 :], *paths[: number % 3]):
                result = load_echoes(
                    server.port,
                    server.pid,
                    peer.protocol,
                    path=path,
                    connections=scenario.connections,
                    in_flight=scenario.in_flight,
                    seconds=seconds,
                )
                times[path].append(result.microseconds)
    return times
