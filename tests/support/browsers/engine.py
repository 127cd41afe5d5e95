"""Interface of a browser engine, and the engines by name."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from typing import Any

__all__ = ["ENGINES", "Engine", "Tab", "start"]

ENGINES = ("chromium", "firefox", "webkit")

RECORD_ERRORS = """
    window.failures = [];
    addEventListener('error', ({ message }) => failures.push(message));
    addEventListener('unhandledrejection', ({ reason }) => failures.push(String(reason)));
"""


class Tab(ABC):
    """Tab of a browser, with one page."""

    def open(self, url: str) -> None:
        """Load a page and record its errors."""
        self.goto(url)
        self.do(RECORD_ERRORS)

    def get(self, expression: str) -> Any:
        """Return the value of an expression; a promise is awaited."""
        return self.evaluate(f"(async () => ({expression}))()")

    def do(self, code: str) -> None:
        """Run statements."""
        self.evaluate(f"(() => {{ {code} }})()")

    def wait(self, condition: str, seconds: float = 20) -> None:
        """Wait until an expression is true. It may fail while a page is replaced by another."""
        end = time.monotonic() + seconds
        while True:
            try:
                found = self.get(f"Boolean({condition})")
            except Exception as error:
                found = repr(error)
            if found is True:
                return
            assert time.monotonic() < end, f"{condition} is still false: {found}"
            time.sleep(0.02)

    def back(self) -> None:
        """Return to the previous page; this does not wait for it, because a kept page is not loaded."""
        self.do("setTimeout(() => history.back())")

    def forward(self) -> None:
        """Return to the next page."""
        self.do("setTimeout(() => history.forward())")

    @abstractmethod
    def goto(self, url: str) -> None:
        """Load a page."""

    @abstractmethod
    def evaluate(self, expression: str) -> Any:
        """Return the JSON value of an expression or of its promise."""

    @abstractmethod
    def hide(self) -> None:
        """Put the tab into the background."""

    @abstractmethod
    def show(self) -> None:
        """Put the tab into the foreground again."""

    @abstractmethod
    def set_offline(self, offline: bool) -> None:
        """Disconnect the tab from the network, or connect it again.

        Raises:
            NotImplementedError: If the engine cannot be made to do it.

        """

    @abstractmethod
    def close(self) -> None:
        """Close the tab without waiting for its page."""


class Engine(ABC):
    """Running browser."""

    name: str
    version: str

    @abstractmethod
    def new_tab(self) -> Tab:
        """Return a new tab in the foreground."""

    @contextmanager
    def tab(self, url: str) -> Iterator[Tab]:
        """Open a page in a new tab, and close it. The page may have no errors."""
        tab = self.new_tab()
        try:
            tab.open(url)
            yield tab
            assert [] == tab.get("window.failures ?? []")
        finally:
            tab.close()


def start(name: str) -> AbstractContextManager[Engine]:
    """Start an engine of :data:`ENGINES`. Its driver is imported at the start, because that takes time."""
    engine: AbstractContextManager[Engine] = import_module(f"{__package__}.{name}").start()
    return engine
