"""Processes of the tests with faults: Redis, two processes of an application, and pages with the generated client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient

from tests.client.project import ROOT, free_port

from .proxy import Proxy

HERE = Path(__file__).parent
ROOM = "a"
SETTLING_SECONDS = 30.0
"""Time after the last fault within which all pages have the last item."""


class Build:
    """Project with the code generated from ``schemas/``, and the pages bundled for Node."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        web = folder / "web"
        shutil.copytree(HERE / "schemas", folder / "schemas")
        shutil.copytree(HERE / "web", web)
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        (folder / "package.json").write_text('{"type": "module", "private": true}')
        (folder / "pyproject.toml").write_text('[tool.tornado-ws]\npython = "generated"\nclient = "web/src/ws"\n')
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "VIRTUAL_ENV": sys.prefix}
        subprocess.run([sys.executable, "-m", "codegen"], cwd=folder, env=environment, check=True, capture_output=True)
        vite = ["node", str(ROOT / "node_modules/vite/bin/vite.js"), "build", "--logLevel", "warn"]
        subprocess.run(vite, cwd=web, check=True)
        self.pages = web / "dist/pages.js"


class AppProcess:
    """Process of the application. It can be killed and started again on the same port."""

    def __init__(self, build: Build, url: str, record: Path, offset: int) -> None:
        self.port = free_port()
        self.record = record
        self.url = url
        self._build = build
        self._offset = offset
        self._process: asyncio.subprocess.Process | None = None
        self.log = record.with_suffix(".log")

    async def start(self) -> None:
        """Start the process, and wait until it listens."""
        paths = os.pathsep.join([str(self._build.folder), str(ROOT)])
        with self.log.open("a") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, str(HERE / "application.py")),
                *(str(self.port), self.url, str(self.record), str(self._offset)),
                cwd=self._build.folder,
                env={**os.environ, "PYTHONPATH": paths},
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), 20)
        assert line == b"listening\n", self.log.read_text()
        self._offset += 1_000_000  # numbers are unique, also after a restart

    async def kill(self) -> None:
        """Kill the process."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def do(self, **command: Any) -> dict[str, Any]:
        """Run a command in the process; return its state."""
        response = await AsyncHTTPClient().fetch(
            f"http://127.0.0.1:{self.port}/_control",
            method="POST",
            body=json.dumps({"room": ROOM, **command}),
            request_timeout=60,
        )
        state: dict[str, Any] = json.loads(response.body)
        return state

    @property
    def outcomes(self) -> list[tuple[int, tuple[str, int, str] | None]]:
        """Number of each item, and its position; None if the publication raised."""
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        found = [json.loads(line) for line in lines]
        return [(n, None if position is None else tuple(position)) for n, position in found]


@dataclass
class PageRecord:
    """Events of one page."""

    segments: list[list[tuple[int, int]]] = field(default_factory=lambda: [[]])
    """Items between two losses that the page reported, as pairs of the item's number and its sequence number."""
    joined: int | None = None
    """Number of the newest item when the page joined the room; it is promised all items after it."""
    losses: int = 0
    recoveries: int = 0
    status: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def items(self) -> list[int]:
        return [n for segment in self.segments for n, _ in segment]

    def add(self, event: str, values: list[Any]) -> None:
        """Add an event."""
        if event == "item":
            self.segments[-1].append((values[0], values[1]))
        elif event == "reset" or (event == "resumed" and values[0] is False):
            self.losses += 1
            self.segments.append([])
        elif event == "resumed":
            self.recoveries += 1
        elif event == "joined":
            if not self.items:  # the room, or the endpoint, whose number is 0
                self.joined = max(self.joined or 0, values[0])
        elif event == "status":
            self.status = values[0]
        else:
            self.errors.append(f"{event} {values}")


class Pages:
    """Process of Node with some pages."""

    def __init__(self, build: Build) -> None:
        self.records: defaultdict[int, PageRecord] = defaultdict(PageRecord)
        self._build = build
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._done = asyncio.Event()

    async def start(self) -> None:
        """Start Node."""
        self._process = await asyncio.create_subprocess_exec(
            *("node", "--experimental-websocket", "--no-warnings", str(self._build.pages)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._reader = asyncio.create_task(self._read())

    async def do(self, *command: Any) -> None:
        """Run a command, and wait until it is done."""
        assert self._process is not None and self._process.stdin is not None
        self._done.clear()
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        await asyncio.wait_for(self._done.wait(), 30)

    async def stop(self) -> None:
        """End Node."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        if self._reader is not None:
            await self._reader

    async def _read(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        async for line in self._process.stdout:
            index, event, *values = json.loads(line)
            if event == "done":
                self._done.set()
            elif index >= 0:
                self.records[index].add(event, values)


class World:
    """Redis behind a proxy, two processes of the application, and pages that connect to both by another proxy."""

    def __init__(self, build: Build, folder: Path, redis_port: int, *, pages: int = 6, url: str | None = None) -> None:
        self.build = build
        self.redis = Proxy([redis_port])
        self.front: Proxy
        self.apps: list[AppProcess] = []
        self.pages = Pages(build)
        self._folder = folder
        self._count = pages
        self._url = url

    async def start(self) -> None:
        """Start all processes, and wait until each page is open."""
        await self.redis.start()
        url = self._url or f"redis://127.0.0.1:{self.redis.port}/0"
        self.apps = [
            AppProcess(self.build, url, self._folder / f"{name}.jsonl", offset)
            for name, offset in (("a", 0), ("b", 500_000))
        ]
        await asyncio.gather(*(app.start() for app in self.apps))
        self.front = Proxy([app.port for app in self.apps])
        await self.front.start()
        await self.pages.start()
        await self.pages.do("make", f"http://127.0.0.1:{self.front.port}", ROOM, self._count)
        await self.until(
            lambda: [record.status for record in self.pages.records.values()] == ["open"] * self._count, 30
        )
        await asyncio.sleep(0.3)

    async def stop(self) -> None:
        """End all processes."""
        await self.pages.stop()
        await asyncio.gather(*(app.kill() for app in self.apps))
        await self.front.stop()
        await self.redis.stop()

    async def do(self, **command: Any) -> list[dict[str, Any]]:
        """Run a command in both processes."""
        return list(await asyncio.gather(*(app.do(**command) for app in self.apps)))

    async def until(self, condition: Callable[[], bool], seconds: float) -> None:
        """Wait until a condition holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds} s: {self.summary}")
            await asyncio.sleep(0.05)

    @contextlib.asynccontextmanager
    async def talking(self, before: float = 1.0, after: float = 1.5) -> AsyncIterator[None]:
        """Publish items in both processes, before, during and after the block."""
        await self.do(talk=True)
        await asyncio.sleep(before)
        yield
        await asyncio.sleep(after)
        for app in self.apps:
            with contextlib.suppress(Exception):  # it may have been restarted
                await app.do(talk=False)

    @property
    def summary(self) -> str:
        return "; ".join(
            f"page {index}: {record.status}, {len(record.items)} items, {record.losses} losses, "
            f"{record.recoveries} recoveries, {record.errors[-2:]}"
            for index, record in sorted(self.pages.records.items())
        )

    async def settle(self) -> None:
        """Publish until an item has a number, and wait until each page has it."""
        deadline = time.monotonic() + SETTLING_SECONDS
        while True:
            before = len(self.apps[0].outcomes)
            await self.apps[0].do(burst=1)
            n, position = self.apps[0].outcomes[before]
            if position is not None:
                break
            assert time.monotonic() < deadline, "no publication succeeds after the fault"
            await asyncio.sleep(0.2)
        await self.until(
            lambda: all(n in record.items[-5:] for record in self.pages.records.values()),
            max(1.0, deadline - time.monotonic()),
        )
        states = await self.do()
        assert [True, True] == [state["healthy"] for state in states]

    def check(self, *, lossless: bool = False) -> None:
        """Check what the pages received.

        Args:
            lossless: True if no page may report a loss, and no publication may raise.
        """
        outcomes = [outcome for app in self.apps for outcome in app.outcomes]
        published = {n for n, position in outcomes if position is not None}
        assert published
        for index, record in self.pages.records.items():
            items = record.items
            assert len(items) == len(set(items)), f"page {index} got an item twice"
            for segment in record.segments:
                seqs = [seq for _, seq in segment]
                assert seqs == list(range(seqs[0], seqs[0] + len(seqs))) if seqs else True, (
                    f"page {index} has a gap or a wrong order: {seqs}"
                )
            joined = record.joined
            assert joined is not None, f"page {index} never joined"
            promised = {n for n, position in outcomes if position is not None and position[1] > joined}
            missing = promised - set(items)
            if missing and not record.losses:
                raise AssertionError(f"page {index} lacks {len(missing)} items and reports no loss: {sorted(missing)}")
            if lossless:
                assert 0 == record.losses, f"page {index} reports a loss"
        if lossless:
            assert published == {n for n, _ in outcomes}, "publications were refused"

    async def signal_redis(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        """Stop a process for some seconds."""
        process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        process.send_signal(signal.SIGCONT)
