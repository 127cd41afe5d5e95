"""Use of the demo with a keyboard and a screen reader, and with the user's colors and motion."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.support.axe import violations
from tests.support.chromium import expect

from .conftest import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

pytestmark = pytest.mark.browser

Enter: TypeAlias = "Callable[..., Page]"

PHONE: ViewportSize = {"width": 360, "height": 640}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
FOCUSED = """(({ ariaLabel, labels, innerText }) =>
    ariaLabel || labels?.[0]?.innerText || innerText)(document.activeElement)"""


def say(page: Page, text: str) -> None:
    page.fill("[name=text]", text)
    page.press("[name=text]", "Enter")


def tab_stops(page: Page, count: int) -> list[str]:
    """Return the first words of the elements that Tab reaches, from the start of the page."""
    page.locator("h1").evaluate("(heading) => { heading.tabIndex = -1; heading.focus() }")
    stops = []
    for _ in range(count):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUSED).split("\n")[0])
    return stops


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(enter: Enter, server: Server, size: ViewportSize, scheme: str) -> None:
    ann, bob = enter("ann"), enter("Bob")
    ann.set_viewport_size(size)
    ann.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    assert [] == violations(ann), "empty"

    say(bob, "hello, see https://example.org")
    say(ann, "hi")
    bob.type("[name=text]", "x")
    expect(ann.locator(".typing")).to_contain_text("Bob")
    ann.locator(".line").first.hover()
    assert [] == violations(ann), "full"

    if size == PHONE:
        ann.click("text=2 people")
    ann.fill("#search", "hello")
    expect(ann.locator("[aria-label='Found messages'] li")).to_have_count(1)
    assert [] == violations(ann), "found"
    ann.click("text=Export transcript")
    assert [] == violations(ann), "exporting"
    expect(ann.locator("text=Download")).to_be_visible()
    assert [] == violations(ann), "exported"
    ann.keyboard.press("Escape")

    say(ann, "hi again")
    expect(ann.locator(".pending")).to_have_count(0)
    say(ann, "hi again")
    expect(ann.get_by_role("alertdialog")).to_be_visible()
    assert [] == violations(ann), "question"
    ann.get_by_role("button", name="Say it again").click()

    say(ann, "x" * 501)
    expect(ann.locator("form [role=alert]")).to_contain_text("500")
    assert [] == violations(ann), "refused"

    server.stop()
    ann.fill("[name=text]", "later")
    ann.press("[name=text]", "Enter")
    expect(ann.locator(".pending")).to_be_visible()
    assert [] == violations(ann), "disconnected"

    ann.click("text=Leave")
    ann.fill("[name=nick]", "")
    ann.click("text=Enter")
    assert [] == violations(ann), "form"


def test_room_is_entered_used_and_left_with_the_keyboard(enter: Enter) -> None:
    ann = enter("ann")
    ann.click("text=Leave")

    expect(ann.locator("[name=nick]")).to_be_focused()
    ann.keyboard.press("Tab")
    ann.keyboard.press("Enter")
    expect(ann.locator("[name=text]")).to_be_focused()
    ann.keyboard.type("one")
    ann.keyboard.press("Shift+Enter")
    ann.keyboard.type("two")
    ann.keyboard.press("Enter")
    expect(ann.locator(".line span")).to_have_text("one\ntwo")
    expect(ann.locator("[name=text]")).to_be_focused()
    ann.keyboard.press("Tab")
    ann.keyboard.press("Enter")
    expect(ann.locator("[name=text]")).to_be_focused()

    assert ["Leave", "Search", "Export transcript", "tornado-ws", "Messages", "Message", "Send"] == tab_stops(ann, 7)


def test_panel_of_a_phone_is_used_with_the_keyboard(enter: Enter) -> None:
    ann = enter("ann")
    ann.set_viewport_size(PHONE)

    assert ["1 person", "Leave", "Messages", "Message", "Send"] == tab_stops(ann, 5)

    ann.locator("text=1 person").focus()
    ann.keyboard.press("Enter")
    ann.keyboard.press("Tab")
    expect(ann.locator("#search")).to_be_focused()
    ann.keyboard.press("Tab")
    expect(ann.locator("text=Export transcript")).to_be_focused()
    ann.keyboard.press("Enter")
    expect(ann.locator("aside [role=status]")).to_contain_text("Download")
    expect(ann.locator("text=Export again")).to_be_focused()


def test_screen_reader_reads_the_room_as_it_is_shown(enter: Enter) -> None:
    ann, bob = enter("ann"), enter("bob")
    say(bob, "hello")
    expect(ann.locator(".line")).to_have_count(1)

    time = ann.locator(".by time").inner_text()
    assert ann.locator("main").aria_snapshot().splitlines() == [
        "- main:",
        '  - log "Messages":',
        "    - list:",
        "      - listitem:",
        "        - paragraph:",
        "          - text: bob",
        f"          - time: {time}",
        "        - paragraph: hello",
        "  - paragraph",
        '  - textbox "Message":',
        "    - /placeholder: Write a message",
        '  - button "Send"',
        "  - paragraph:",
        "    - alert",
    ]
    expect(ann.locator(".log")).to_have_attribute("aria-busy", "false")
    expect(ann.locator("[role=status]").first).to_have_text("Connected")


def test_error_of_a_field_is_its_description(enter: Enter) -> None:
    ann = enter("ann")
    ann.click("text=Leave")

    ann.fill("[name=nick]", "")
    ann.click("text=Enter")

    expect(ann.locator("[name=nick]")).to_have_accessible_description("A name has 1 to 24 characters.")
    expect(ann.locator("[name=nick]")).to_have_attribute("aria-invalid", "true")
    expect(ann.locator("[name=room]")).not_to_have_attribute("aria-invalid", "true")


def test_nothing_moves_for_users_who_prefer_less_motion(enter: Enter, server: Server) -> None:
    ann = enter("ann")
    ann.emulate_media(reduced_motion="reduce")
    server.stop()

    expect(ann.locator("[role=timer]")).to_be_visible()

    assert [] == ann.evaluate("document.getAnimations().map(String)")
