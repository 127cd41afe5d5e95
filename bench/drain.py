"""Whether clients find the next process when theirs is told to stop."""

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

__all__ = ["Drained", "measure", "run"]

CLIENT = HERE / "generated" / "client"
PAGES = HERE / "load" / "pages.mjs"
TYPESCRIPT = HERE.parent / "node_modules" / "typescript" / "lib" / "typescript.js"
GOING_AWAY = 1001
PATIENCE = 30.0
"""Seconds that anything here may take."""


@dataclass(kw_only=True)
class Drained:
    """What clients saw."""

    connected: int
    told: int
    """Who got 1001."""
    status: int | None
    """Of the process that was told to stop."""
    stopping: float
    """Seconds that it took."""
    back: int
    """Who came back by themselves."""
    waits: list[float] = field(default_factory=list)
    """Seconds from the end of a client's connection to its next one."""


def measure(*, clients: int) -> Drained:
    """Connect pages, stop their server, start the next one, and see who comes back."""
    peer = PEERS["ours"]
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(Server(peer))
        pages = stack.enter_context(_pages(first.port, clients))
        connected = _collect(pages, "open", clients)
        if connected < clients:
            raise RuntimeError(f"{connected} of {clients} clients have connected")
        start = time.monotonic()
        first.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            first.process.wait(PATIENCE)
        stopping = time.monotonic() - start
        stack.enter_context(Server(peer, port=first.port))
        gone: dict[int, float] = {}
        back: dict[int, float] = {}
        told = 0
        while len(back) < clients and (event := _next(pages)) is not None:
            page = event["page"]
            if event["status"] == "waiting" and page not in gone:
                gone[page] = event["at"]
                told += event.get("code") == GOING_AWAY
            elif event["status"] == "open":
                back[page] = event["at"]
        return Drained(
            connected=connected,
            told=told,
            status=first.process.poll(),
            stopping=stopping,
            back=len(back),
            waits=[back[page] - gone[page] for page in back],
        )


@contextlib.contextmanager
def _pages(port: int, count: int) -> Iterator[SimpleQueue[dict[str, Any]]]:
    """Run clients; yield what they tell, each with the time."""
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
        return events.get(timeout=PATIENCE)
    return None


def _collect(events: SimpleQueue[dict[str, Any]], status: str, count: int) -> int:
    seen: set[int] = set()
    while len(seen) < count and (event := _next(events)) is not None:
        if event["status"] == status:
            seen.add(event["page"])
    return len(seen)


def run(*, quick: bool = False) -> str:
    """Measure; return the table."""
    clients = 20 if quick else 200
    drained = measure(clients=clients)
    waits = sorted(drained.waits) or [0.0]
    words = (
        f"A server with {clients} clients of the generated TypeScript client gets SIGTERM and ends after"
        f" {drained.stopping:.1f} s;\nthen the next one is started. The clients are back {waits[0]:.1f} to"
        f" {waits[-1]:.1f} s after they were sent away."
    )
    bars = (
        ("told 1001", f"{clients} of {clients}", str(drained.told), drained.told == clients),
        ("exit status", "0", str(drained.status), drained.status == 0),
        ("back by themselves", f"{clients} of {clients}", str(drained.back), drained.back == clients),
    )
    return f"{words}\n\n{report.bars(bars)}"
