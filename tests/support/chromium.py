"""Chromium for the tests that need a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # the import takes a second
    from playwright.sync_api import Browser, Locator
    from playwright.sync_api._generated import LocatorAssertions

__all__ = ["browser", "expect", "launched"]

PROGRAMS = ("chromium-headless-shell", "chromium")
"""Chromium without and with windows; without, a new context takes a third of the time."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def launched(
    *, programs: Sequence[str] = PROGRAMS, arguments: Sequence[str] = (), without: Sequence[str] = ()
) -> Iterator[Browser]:
    """Start Debian's Chromium, or the browser at ``CHROMIUM``.

    Args:
        programs: Names of programs; the first one that is installed is started.
        arguments: Further arguments.
        without: Arguments of Playwright to leave out.

    """
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, programs)), None)
    if path is None:
        pytest.fail("no Chromium: run `make browser`, or set CHROMIUM to a Chromium or Chrome")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, headless=True, args=[*FLAGS, *arguments], ignore_default_args=[*without]
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")  # its event loop must not run during other tests
def browser() -> Iterator[Browser]:
    """Chromium; each context in it is a separate user."""
    with launched() as chromium:
        yield chromium


def expect(locator: Locator) -> LocatorAssertions:
    """Return assertions that wait until they are true, for up to 20 seconds."""
    from playwright.sync_api import expect

    expect.set_options(timeout=20_000)
    return expect(locator)
