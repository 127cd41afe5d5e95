"""Processor time of the echo with metrics for Prometheus and with traces for OpenTelemetry."""

from __future__ import annotations

import statistics

from . import report
from .echo import SCENARIOS, measure
from .peers import PEERS

__all__ = ["LIMIT", "run"]

LIMIT = 1.03
"""Maximum time per message, relative to the same server without them."""
NAMES = ("ours", "ours-metrics", "ours-traces")


def run(*, quick: bool = False) -> str:
    """Measure the three servers in turns, and return the tables."""
    figures = measure(NAMES, SCENARIOS, rounds=1 if quick else 15, seconds=0.3 if quick else 1.0)
    rows, targets = [], []
    for name in NAMES:
        row = [PEERS[name].label]
        for scenario in SCENARIOS:
            times, plain = ([each.microseconds for each in figures[peer][scenario]] for peer in (name, NAMES[0]))
            ratio = report.ratio(times, plain)
            row += [f"{statistics.median(times):.2f} µs", f"{ratio:.3f}"]
            if name != NAMES[0]:
                label = f"{PEERS[name].label}, relative to the same server without, {scenario}"
                targets.append((label, f"at most {LIMIT}", f"{ratio:.3f}", ratio <= LIMIT))
        rows.append(row)
    head = ["server"]
    for scenario in SCENARIOS:
        head += [f"{scenario.connections} connections, {scenario.in_flight} in flight", "ratio"]
    return f"{report.table(head, rows)}\n\n{report.targets(targets)}"
