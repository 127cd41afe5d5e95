"""Command that takes the screenshots of the pages in docs/images: ``python -m docs.scripts.screenshots``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.chromium import launched
from tests.support.examples import FIRST_PROJECT, create, serve, vite

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["IMAGES", "MAX_BYTES", "main"]

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs/images"
MAX_BYTES = 150_000

DESKTOP, PHONE = (1000, 620), (390, 620)
CONVERSATION = [
    ("ann", "Good morning! The counter is live: https://example.org/counter"),
    ("ann", "Open it in two windows."),
    ("bob", "Works. I restarted the server, and the page came back by itself."),
    ("cyril", "On the phone, too. Who changed the schema?"),
    ("bob", "I did. mypy found the handler, svelte-check the page."),
]


def main() -> None:
    """Build the demo and the first project, and write their screenshots."""
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        vite(ROOT / "examples/chat/web")
        with serve(["-m", "examples.chat"], ROOT, TRANSCRIPTS=folder) as origin:
            _take_chat(browser, origin)
        project = create(Path(folder) / "project")
        with serve(FIRST_PROJECT, project) as origin:
            _take_counter(browser, origin)
    for image in sorted(IMAGES.iterdir()):
        size = image.stat().st_size
        print(f"{image.relative_to(ROOT)}: {size:,} bytes")
        if size > MAX_BYTES:
            sys.exit(f"expected at most {MAX_BYTES:,} bytes")


def _take_chat(browser: Browser, origin: str) -> None:
    people = {name: _open(browser, origin, PHONE if name == "cyril" else DESKTOP) for name in ("ann", "bob", "cyril")}
    for name, page in people.items():
        page.fill("[name=nick]", name)
        page.click("text=Enter")
        page.wait_for_selector("[data-status=open]")
    for name, text in CONVERSATION:
        people[name].fill("[name=text]", text)
        people[name].press("[name=text]", "Enter")
        people[name].wait_for_selector(".pending", state="detached")
    people["ann"].click("text=Export transcript")
    people["ann"].wait_for_selector("text=Download")
    people["bob"].type("[name=text]", "Nice")
    people["ann"].wait_for_selector("text=bob is typing")
    _take(people["ann"], "chat")
    _take(people["cyril"], "chat-phone")


def _take_counter(browser: Browser, origin: str) -> None:
    desktop, phone = _open(browser, origin, DESKTOP), _open(browser, origin, PHONE)
    for step in ("+10", "+10", "+5", "+1", "+1"):
        desktop.click(f"text={step} >> nth=0")
    for page, name in ((desktop, "counter"), (phone, "counter-phone")):
        page.mouse.move(0, 0)
        page.wait_for_selector("text=2 online")
        page.wait_for_selector("output >> text=27")
        _take(page, name)


def _open(browser: Browser, origin: str, size: tuple[int, int]) -> Page:
    """Open a page as a user of its own."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, device_scale_factor=1.5, locale="en-GB"
    )
    page = context.new_page()
    page.goto(origin)
    return page


def _take(page: Page, name: str) -> None:
    page.screenshot(path=IMAGES / f"{name}.png", caret="hide", animations="disabled")


if __name__ == "__main__":
    main()
