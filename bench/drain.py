"""Graceful stop of a server, and reconnection of its clients to the next process."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from . import report
from .peers import PEERS
from .server import HERE, Server

__all__ = ["DrainResult", "measure", "run"]

CLIENT = HERE / "generated" / "client"
PAGES = HERE / "load" / "pages.mjs"
TYPESCRIPT = HERE.parent / "node_modules" / "typescript" / "lib" / "typescript.js"
GOING_AWAY = 1001
TIMEOUT = 30.0
"""Maximum time for each step, in seconds."""


@dataclass(kw_only=True)
class DrainResult:
    """Connections of the clients, and exit of the server."""

    connected: int
    going_away: int
    """Number of clients that received close code 1001."""
    exit_status: int | None
    """Exit status of the stopped process; None if it did not exit."""
    stop_time: float
    """Time from SIGTERM to exit, in seconds."""
    reconnected: int
    """Number of clients that reconnected."""
    delays: list[float] = field(default_factory=list)
    """Time from the end of each client's connection to its next one, in seconds."""


def measure(*, clients: int) -> DrainResult:
    """Connect clients, stop their server, start the next one, and count the clients that reconnect."""
    peer = PEERS["ours"]
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(Server(peer))
        pages = stack.enter_context(_pages(first.port, clients))
        connected = _collect(pages, "open", clients)
        if connected < clients:
            raise RuntimeError(f"expected {clients} connected clients, got {connected}")
        start = time.monotonic()
        first.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            first.process.wait(TIMEOUT)
        stop_time = time.monotonic() - start
        stack.enter_context(Server(peer, port=first.port))
        lost_at: dict[int, float] = {}
        reconnected_at: dict[int, float] = {}
        going_away = 0
        while len(reconnected_at) < clients and (event := _next(pages)) is not None:
            page = event["page"]
            if event["status"] == "waiting" and page not in lost_at:
                lost_at[page] = event["at"]
                going_away += event.get("code") == GOING_AWAY
            elif event["status"] == "open":
                reconnected_at[page] = event["at"]
        return DrainResult(
            connected=connected,
            going_away=going_away,
            exit_status=first.process.poll(),
            stop_time=stop_time,
            reconnected=len(reconnected_at),
            delays=[reconnected_at[page] - lost_at[page] for page in reconnected_at],
        )


@contextlib.contextmanager
def _pages(port: int, count: int) -> Iterator[SimpleQueue[dict[str, Any]]]:
    """Run clients, and yield the queue of their state changes, each with its time."""
    command = ["node", "--no-warnings", "--experimental-websocket", PAGES, CLIENT, TYPESCRIPT, str(port), str(count)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    events: SimpleQueue[dict[str, Any]] = SimpleQueue()

    def read() -> None:
        for line in process.stdout or ():
            events.put({**json.loads(line), "at": time.monotonic()})

    reader = Thread(target=read, daemon=True)
    reader.start()
    try:
        yield events
    finally:
        process.kill()
        process.wait()
        reader.join()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def _next(events: SimpleQueue[dict[str, Any]]) -> dict[str, Any] | None:
    with contextlib.suppress(Empty):
        return events.get(timeout=TIMEOUT)
    return None


def _collect(events: SimpleQueue[dict[str, Any]], status: str, count: int) -> int:
    pages_with_status: set[int] = set()
    while len(pages_with_status) < count and (event := _next(events)) is not None:
        if event["status"] == status:
            pages_with_status.add(event["page"])
    return len(pages_with_status)


def run(*, quick: bool = False) -> str:
    """Measure, and return the table."""
    clients = 20 if quick else 200
    result = measure(clients=clients)
    delays = sorted(result.delays) or [0.0]
    text = (
        f"A server with {clients} generated TypeScript clients receives SIGTERM and exits after"
        f" {result.stop_time:.1f} s.\nThen the next server starts. The clients reconnect {delays[0]:.1f} to"
        f" {delays[-1]:.1f} s after the end of their connections."
    )
    targets = (
        ("closed with 1001", f"{clients} of {clients}", str(result.going_away), result.going_away == clients),
        ("exit status", "0", str(result.exit_status), result.exit_status == 0),
        ("reconnected", f"{clients} of {clients}", str(result.reconnected), result.reconnected == clients),
    )
    return f"{text}\n\n{report.targets(targets)}"
