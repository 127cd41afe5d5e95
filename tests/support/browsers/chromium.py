"""Chromium, driven by Playwright."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from tests.support.chromium import launched

from .engine import Engine, Tab

__all__ = ["start"]


class ChromiumTab(Tab):
    def __init__(self, browser: Browser) -> None:
        self._context = browser.new_context()
        self._page: Page = self._context.new_page()

    def goto(self, url: str) -> None:
        self._page.goto(url)

    def evaluate(self, expression: str) -> Any:
        return self._page.evaluate(expression)

    def hide(self) -> None:
        self._other = self._context.new_page()
        self._other.bring_to_front()

    def show(self) -> None:
        self._other.close()
        self._page.bring_to_front()

    def set_offline(self, offline: bool) -> None:
        self._context.set_offline(offline)

    def close(self) -> None:
        self._context.close()


class Chromium(Engine):
    name = "chromium"

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.version = f"Chromium {browser.version}"

    def new_tab(self) -> Tab:
        return ChromiumTab(self._browser)


@contextmanager
def start() -> Iterator[Engine]:
    # The headless shell has no back-forward cache, and Playwright turns it off.
    with launched(
        programs=("chromium",), arguments=["--headless=new"], without=["--disable-back-forward-cache"]
    ) as browser:
        yield Chromium(browser)
