"""Fixtures for the generated client: a page built by Vite, in Chromium, connected to a server that tests control."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import tornado.test

from tests.support.chromium import browser as browser
from tests.support.nginx import run_nginx

from .project import Project, RealServer, Server

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
        self.nginx: subprocess.Popen[bytes] | None = None
        """Master process of the proxy in front of the server, if there is one."""
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


UPGRADE = """
proxy_http_version 1.1;
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection "upgrade";
"""
HOST = "proxy_set_header Host $http_host;"
Behind = Callable[..., AbstractContextManager[Tab]]


@pytest.fixture
def behind(browser: Browser, project: Project, tmp_path: Path) -> Behind:
    """Return a function that opens the page behind nginx, with a real server behind it."""

    @contextmanager
    def behind(
        headers: str = UPGRADE + HOST, locations: str = "", *, tls: bool = False, path: str = "", **settings: Any
    ) -> Iterator[Tab]:
        """Yield the tab.

        Args:
            headers: Settings of all locations.
            locations: Further locations; ``BACKEND`` stands for the address of the server.
            tls: True for HTTPS and HTTP/2.
            path: Path of the page.
            settings: Arguments of the controller.
        """
        server, proxy = RealServer(project, **settings), Server(project)
        server.start()
        listen = str(proxy.port)
        if tls:
            certificate = Path(tornado.test.__file__).with_name("test.crt")
            listen += (
                f" ssl http2; ssl_certificate {certificate}; ssl_certificate_key {certificate.with_suffix('.key')}"
            )
            proxy.origin = proxy.origin.replace("http:", "https:")
        site = f"server {{ listen {listen}; {headers} {locations} location / {{ proxy_pass http://BACKEND; }} }}"
        context = browser.new_context(ignore_https_errors=True)
        tab = Tab(context.new_page(), proxy)
        try:
            with run_nginx(tmp_path, site.replace("BACKEND", f"127.0.0.1:{server.port}"), proxy.port) as tab.nginx:
                tab.goto(path)
                yield tab
        finally:
            context.close()
            server.kill()
        assert [] == tab.errors

    return behind
