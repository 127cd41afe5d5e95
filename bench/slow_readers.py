"""Memory and latency of servers while three of 23 clients do not read."""

from __future__ import annotations

from . import report
from .load.paced import PacedResult, pace
from .peers import PEERS
from .server import Server

__all__ = ["measure", "run"]

NAMES = ("ours", "tornado", "socket.io")
MEBIBYTE = 1 << 20
TOO_SLOW = 3008


def measure(name: str, *, seconds: float) -> PacedResult:
    """Send 400 messages of 10 kB per second to 20 clients that read and 3 that do not."""
    peer = PEERS[name]
    with Server(peer) as server:
        return pace(
            server.port, server.pid, peer.protocol, readers=20, stopped=3, rate=400, seconds=seconds, size=10_000
        )


def run(*, quick: bool = False) -> str:
    """Measure, and return the tables."""
    figures = {}
    for name in NAMES:
        figures[name] = paced = measure(name, seconds=2 if quick else 10)
        print(
            f"{PEERS[name].label:52} grew by {paced.growth / MEBIBYTE:.1f} MiB, closed with {paced.codes}", flush=True
        )
    rows = [
        (
            PEERS[name].label,
            f"{paced.growth / MEBIBYTE:.1f} MiB",
            ", ".join(str(code or "none") for code in paced.codes),
            f"{paced.delivered / paced.expected:.2%}",
            f"{paced.latency(99) * 1000:.1f} ms",
        )
        for name, paced in figures.items()
    ]
    return f"{report.table(HEADER, rows)}\n\n{_targets(figures['ours'])}"


HEADER = ("server", "growth", "close codes of stopped readers", "delivered to readers", "99th percentile")


def _targets(paced: PacedResult) -> str:
    growth = paced.growth / MEBIBYTE
    closed = sum(code == TOO_SLOW for code in paced.codes)
    return report.targets(
        (
            ("growth", "under 23 MiB", f"{growth:.1f} MiB", growth < 23),
            (
                "stopped readers closed with 3008",
                "3 of 3",
                f"{closed} of {len(paced.codes)}",
                closed == len(paced.codes),
            ),
            (
                "delivered to readers",
                "100 %",
                f"{paced.delivered / paced.expected:.2%}",
                paced.delivered == paced.expected,
            ),
        )
    )
