"""Fixtures for the generated client: a page built by Vite, in Chromium, connected to a server that tests control."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.chromium import browser as browser

from .project import Project, Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

BACKOFF = {"base": 50, "cap": 200}


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Project with a built page."""
    project = Project(tmp_path_factory.mktemp("client") / "project")
    project.build()
    return project


@pytest.fixture(scope="session")
def shared_server(project: Project) -> Iterator[Server]:
    server = Server(project)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def server(shared_server: Server) -> Server:
    """Server with a reset state; shared by all tests, so tests must not kill it."""
    shared_server.do(reset=shared_server.project.contract)
    return shared_server


@pytest.fixture
def killable_server(project: Project) -> Iterator[Server]:
    """Server that the test may kill."""
    server = Server(project)
    server.start()
    yield server
    server.kill()


class Tab:
    """Page with the client ``c``."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.reports: list[str] = []
        """Errors that the client writes to the console."""
        page.add_init_script("window.random = Math.random; Math.random = () => 0.5")  # makes delays deterministic
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._on_console)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "warning":
            self.warnings.append(message.text)
        elif message.type == "error" and message.text.startswith(("lab ", "job ")):
            self.reports.append(message.text)

    def goto(self, query: str = "") -> None:
        self.page.goto(f"{self.server.origin}/{query}")

    def make(self, options: dict[str, Any] | None = None, params: Any = None, *, name: str = "c") -> None:
        """Create a client of ``lab`` without opening it."""
        given = {"backoff": BACKOFF, **(options or {})}
        self.do(
            f"window.{name} = new Lab({json.dumps(params or {'room': 'a'})}, {json.dumps(given)});"
            f"window.log_{name} = record({name})"
        )

    def open(self, options: dict[str, Any] | None = None, params: Any = None, *, name: str = "c") -> None:
        """Create a client and wait until it is open."""
        self.make(options, params, name=name)
        self.do(f"{name}.open()")
        self.wait(f"{name}.connected")

    def do(self, code: str) -> None:
        self.page.evaluate(f"() => {{ {code} }}")

    def get(self, expression: str) -> Any:
        """Return the value of an expression; a promise is awaited."""
        return self.page.evaluate(f"async () => ({expression})")

    def caught(self, expression: str) -> Any:
        """Return the name, code and message of the error that an expression throws or rejects with."""
        return self.page.evaluate(
            f"async () => {{ try {{ await ({expression}) }} catch (e) {{ return [e.name, e.code, e.message] }} }}"
        )

    def wait(self, condition: str, seconds: float = 20) -> None:
        """Wait until an expression is true."""
        self.page.wait_for_function(f"() => ({condition})", timeout=seconds * 1000)

    @property
    def log(self) -> list[str]:
        found: list[str] = self.get("log_c")
        return found


@pytest.fixture
def tab(browser: Browser, server: Server) -> Iterator[Tab]:
    """Tab in a new browser context, with the page open."""
    context = browser.new_context()
    tab = Tab(context.new_page(), server)
    tab.goto()
    yield tab
    context.close()
    assert [] == tab.errors


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Return a function that waits until a condition is true."""

    def wait(condition: Callable[[], bool], seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "the condition is still false"
            time.sleep(0.02)

    return wait
