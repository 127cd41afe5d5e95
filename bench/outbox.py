"""What three readers that have stopped do to a server and to the others."""

from __future__ import annotations

from . import report
from .load.paced import Paced, pace
from .peers import PEERS
from .server import Server

__all__ = ["measure", "run"]

NAMES = ("ours", "ours-tornado", "tornado", "socket.io")
MEBIBYTE = 1 << 20
TOO_SLOW = 3008


def measure(name: str, *, seconds: float) -> Paced:
    """Send 400 messages a second of 10 kB to 20 readers and 3 that have stopped."""
    peer = PEERS[name]
    with Server(peer) as server:
        return pace(server.port, server.pid, peer.wire, readers=20, stopped=3, rate=400, seconds=seconds, size=10_000)


def run(*, quick: bool = False) -> str:
    """Measure; return the tables."""
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
            f"{paced.delivered / paced.wanted:.2%}",
            f"{paced.latency(99) * 1000:.1f} ms",
        )
        for name, paced in figures.items()
    ]
    return f"{report.table(HEAD, rows)}\n\n{_bars(figures['ours'])}"


HEAD = ("server", "growth", "close codes of the stopped", "delivered to the others", "99th percentile")


def _bars(paced: Paced) -> str:
    growth = paced.growth / MEBIBYTE
    cut = sum(code == TOO_SLOW for code in paced.codes)
    return report.bars(
        (
            ("growth", "under 23 MiB", f"{growth:.1f} MiB", growth < 23),
            ("stopped readers closed with 3008", "3 of 3", f"{cut} of {len(paced.codes)}", cut == len(paced.codes)),
            (
                "delivered to the others",
                "100 %",
                f"{paced.delivered / paced.wanted:.2%}",
                paced.delivered == paced.wanted,
            ),
        )
    )
