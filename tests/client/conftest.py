"""The generated client as users meet it: built by Vite, in a real Chromium, against a server that can misbehave."""

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
    """The project, its page built."""
    project = Project(tmp_path_factory.mktemp("client") / "project")
    project.build()
    return project


@pytest.fixture(scope="session")
def immortal(project: Project) -> Iterator[Server]:
    server = Server(project)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def server(immortal: Server) -> Server:
    """A server as if it were new; not to be killed."""
    immortal.do(reset=immortal.project.contract)
    return immortal


@pytest.fixture
def mortal(project: Project) -> Iterator[Server]:
    """A server that may be killed."""
    server = Server(project)
    server.start()
    yield server
    server.kill()


class Tab:
    """A page, and the client ``c`` in it."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server
        self.errors: list[str] = []
        self.warnings: list[str] = []
        page.add_init_script("window.random = Math.random; Math.random = () => 0.5")  # no test depends on luck
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "warning":
            self.warnings.append(message.text)

    def goto(self, query: str = "") -> None:
        self.page.goto(f"{self.server.origin}/{query}")

    def make(self, options: dict[str, Any] | None = None, params: Any = None, *, name: str = "c") -> None:
        """Make a client of ``lab`` that is not open yet."""
        given = {"backoff": BACKOFF, **(options or {})}
        self.do(
            f"window.{name} = new Lab({json.dumps(params or {'room': 'a'})}, {json.dumps(given)});"
            f"window.log_{name} = record({name})"
        )

    def open(self, options: dict[str, Any] | None = None, params: Any = None, *, name: str = "c") -> None:
        """Make a client and wait until it is open."""
        self.make(options, params, name=name)
        self.do(f"{name}.open()")
        self.wait(f"{name}.connected")

    def do(self, code: str) -> None:
        self.page.evaluate(f"() => {{ {code} }}")

    def get(self, expression: str) -> Any:
        """Return the value of an expression, which may have to be awaited."""
        return self.page.evaluate(f"async () => ({expression})")

    def caught(self, expression: str) -> Any:
        """Return name, code and message of what an expression throws, sooner or later."""
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
    """A tab of a new user, with the page open."""
    context = browser.new_context()
    tab = Tab(context.new_page(), server)
    tab.goto()
    yield tab
    context.close()
    assert [] == tab.errors


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Return what waits until something is true."""

    def wait(condition: Callable[[], bool], seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not happen"
            time.sleep(0.02)

    return wait
