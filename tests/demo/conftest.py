"""Fixtures for the demo: the built page, its server and Chromium."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.chromium import browser as browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
WEB = ROOT / "examples/chat/web"


class Server:
    """Server process of the demo. Port and transcript folder stay the same after a restart."""

    def __init__(self, transcripts: Path) -> None:
        self._transcripts = transcripts
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start the server, and wait until it listens."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "examples.chat"],
            cwd=ROOT,
            env={**os.environ, "PORT": str(self.port), "TRANSCRIPTS": str(self._transcripts)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert f"http://localhost:{self.port}" in self._process.stdout.readline()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Stop the server with a signal and return its exit code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(how)
        code = process.wait(timeout=20)
        assert process.stdout is not None
        process.stdout.close()
        return code


@pytest.fixture(scope="session")
def built_page() -> None:
    """Build the page of the demo with Vite."""
    subprocess.run(["npx", "vite", "build", "--logLevel", "warn", str(WEB)], cwd=ROOT, check=True)


@pytest.fixture
def server(built_page: None, tmp_path: Path) -> Iterator[Server]:
    demo = Server(tmp_path / "transcripts")
    demo.start()
    yield demo
    demo.stop(signal.SIGKILL)


@pytest.fixture
def enter(browser: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a separate browser context for a user, in a room (``lobby`` by default)."""
    contexts = []
    failures: list[str] = []

    def open_page(nick: str, room: str = "lobby") -> Page:
        context = browser.new_context(viewport={"width": 1000, "height": 680})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(f"{nick}: {error}"))
        page.goto(server.origin)
        page.fill("[name=nick]", nick)
        page.fill("[name=room]", room)
        page.click("text=Enter")
        page.wait_for_selector("[data-status=open]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [] == failures
