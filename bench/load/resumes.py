"""Resume load: clients that return at once and request their missed messages."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import dataclass

from ..cpu import LOAD_CORE, cpu_seconds, pinned
from .connection import ClientConnection, LoadError
from .frames import client_frame
from .protocols import CHANNELS

__all__ = ["ResumeResult", "resume_all"]

PATH = "/archive"


@dataclass(frozen=True, kw_only=True)
class ResumeResult:
    """Answers to the requests of all clients."""

    clients: int
    recovered: int
    """Number of clients that received all missed messages, in order."""
    seconds: float
    """Time from the first request to the last answer."""
    cpu: float
    """Processor time of the server, in seconds."""


def resume_all(port: int, pid: int, *, clients: int, missed: int) -> ResumeResult:
    """Let clients resume at the same time.

    Args:
        port: Port of the server.
        pid: Process of the server.
        clients: Number of clients.
        missed: Number of messages that each client has missed.
    """
    opened: list[ClientConnection] = []
    try:
        with pinned(LOAD_CORE):
            opened.append(speaker := ClientConnection(port, PATH, headers=CHANNELS.headers))
            position = CHANNELS.joined(speaker)
            for number in range(missed):
                speaker.send(CHANNELS.message("say", number))
                speaker.text()
            for _ in range(clients):
                opened.append(ClientConnection(port, PATH, headers=CHANNELS.headers))
            for connection in opened[1:]:
                CHANNELS.joined(connection)
            return _measure(pid, opened[1:], position, missed)
    finally:
        for connection in opened:
            connection.close()


def _measure(pid: int, connections: list[ClientConnection], position: dict[str, object], missed: int) -> ResumeResult:
    data = {name: position[name] for name in ("ch", "epoch", "seq", "mark")}
    request = client_frame(json.dumps({"type": "$resume", "data": data}).encode())
    cpu = cpu_seconds(pid)
    os.kill(pid, signal.SIGSTOP)  # so that all requests arrive in one moment
    for connection in connections:
        connection.socket.sendall(request)
    start = time.perf_counter()
    os.kill(pid, signal.SIGCONT)
    recovered = sum(_receive(connection, missed) for connection in connections)
    return ResumeResult(
        clients=len(connections),
        recovered=recovered,
        seconds=time.perf_counter() - start,
        cpu=cpu_seconds(pid) - cpu,
    )


def _receive(connection: ClientConnection, missed: int) -> bool:
    """Read an answer; return True if it has all missed messages in order."""
    seqs: list[int] = []
    while (frame := json.loads(connection.text()))["type"] != "$resumed":
        if frame["type"] != "say":
            raise LoadError(f"expected a missed message, got {frame}")
        seqs.append(frame["seq"])
    return bool(frame["data"]["recovered"]) and seqs == list(range(seqs[0], seqs[0] + missed))
