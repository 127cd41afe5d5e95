"""A real Chromium for the tests that want a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # a second, which tests without a browser have no use for
    from playwright.sync_api import Browser, Locator, LocatorAssertions

__all__ = ["browser", "expect"]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")  # its event loop must not run during other tests
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or the one that ``CHROMIUM`` names; every context in it is a user of its own."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.fail("no Chromium: run `make browser`, or set CHROMIUM to a Chromium or Chrome")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield chromium
        chromium.close()


def expect(locator: Locator) -> LocatorAssertions:
    """Return what waits until something is so."""
    from playwright.sync_api import expect

    expect.set_options(timeout=20_000)
    return expect(locator)
