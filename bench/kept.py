"""Cost of kept messages: broadcasts with a number, and clients that resume at the same time."""

from __future__ import annotations

import statistics

from . import report
from .load.fanout import FanoutResult, fan_out
from .load.protocols import CHANNELS
from .load.resumes import ResumeResult, resume_all
from .peers import PEERS
from .server import Server

__all__ = ["measure_broadcasts", "measure_resumes", "run"]

PATHS = {"not kept": "/say", "kept": "/archive"}
IN_FLIGHT = (1, 8)
MISSED = 50
"""Number of messages that each client has missed."""


def measure_broadcasts(*, connections: int, rounds: int, seconds: float) -> dict[tuple[str, int], list[FanoutResult]]:
    """Measure broadcasts with and without history in turns."""
    figures: dict[tuple[str, int], list[FanoutResult]] = {}
    for number in range(rounds):
        for in_flight in IN_FLIGHT:
            for name, path in PATHS.items():
                with Server(PEERS["ours"]) as server:
                    result = fan_out(
                        server.port,
                        server.pid,
                        CHANNELS,
                        path=path,
                        connections=connections,
                        in_flight=in_flight,
                        seconds=seconds,
                        headers=CHANNELS.headers,
                    )
                figures.setdefault((name, in_flight), []).append(result)
                print(
                    f"round {number + 1}  {name:8}  {in_flight} in flight  {result.per_cpu_second:8.0f}"
                    " deliveries per second of processor time",
                    flush=True,
                )
    return figures


def measure_resumes(*, clients: int, rounds: int) -> list[ResumeResult]:
    """Measure the answers to clients that resume at the same time."""
    results = []
    for _ in range(rounds):
        with Server(PEERS["ours"]) as server:
            results.append(resume_all(server.port, server.pid, clients=clients, missed=MISSED))
    return results


def run(*, quick: bool = False) -> str:
    """Measure, and return the tables."""
    connections, rounds = (100, 1) if quick else (1000, 5)
    figures = measure_broadcasts(connections=connections, rounds=rounds, seconds=0.3 if quick else 1.0)
    resumes = measure_resumes(clients=connections, rounds=rounds)
    medians = {key: statistics.median(result.per_cpu_second for result in results) for key, results in figures.items()}
    rows = [[name, *(f"{medians[name, in_flight]:,.0f}" for in_flight in IN_FLIGHT)] for name in PATHS]
    seconds = statistics.median(result.seconds for result in resumes)
    recovered = min(result.recovered for result in resumes)
    lines = []
    for in_flight in IN_FLIGHT:
        ratio = report.ratio(
            *([result.per_cpu_second for result in figures[name, in_flight]] for name in ("not kept", "kept"))
        )
        name = f"cost of a kept broadcast, relative to one that is not, {in_flight} in flight"
        lines.append((name, "at most 1.2", f"{ratio:.2f}", ratio <= 1.2))
    name = f"{connections:,} clients resume {MISSED} messages each from memory"
    lines.append((name, "under 1 s", f"{seconds:.2f} s", seconds < 1.0))
    lines.append(("recovered clients", f"{connections:,}", f"{recovered:,}", recovered == connections))
    return "\n\n".join(
        (
            f"One message of 80 bytes to {connections:,} connections, deliveries per second of processor time:",
            report.table(("broadcast", *(f"{in_flight} in flight" for in_flight in IN_FLIGHT)), rows),
            report.targets(lines),
        )
    )
