"""List of messages in the demo: groups, links and scrolling."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.support.chromium import expect

from .conftest import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Enter: TypeAlias = "Callable[..., Page]"

PHONE = {"width": 360, "height": 640}


def say(page: Page, *texts: str) -> None:
    for text in texts:
        page.fill("[name=text]", text)
        page.press("[name=text]", "Enter")
    expect(page.locator(".pending")).to_have_count(0)


def overflow(page: Page) -> int:
    """Return the number of pixels by which the page is wider than its window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return width


def test_consecutive_lines_of_an_author_have_one_name_and_one_time(enter: Enter) -> None:
    ann, bob = enter("ann"), enter("bob")

    say(ann, "one", "two")
    say(bob, "three")
    say(ann, "four")

    expect(bob.locator(".group > .by b")).to_have_text(["ann", "You", "ann"])
    expect(bob.locator(".group > .by time")).to_have_count(3)
    expect(bob.locator(".group").first.locator(".line span")).to_have_text(["one", "two"])


def test_time_of_a_line_is_shown_while_the_pointer_is_on_it(enter: Enter) -> None:
    ann = enter("ann")
    say(ann, "one", "two")
    second = ann.locator(".line").nth(1)
    expect(second.locator("time")).to_be_hidden()

    second.hover()

    expect(second.locator("time")).to_be_visible()
    assert ann.locator(".by time").get_attribute("title")


LINKS = [
    ("https://example.org", ["https://example.org/"]),
    ("see https://example.org/a?b=c#d.", ["https://example.org/a?b=c#d"]),
    ("(https://en.wikipedia.org/wiki/A_(b))", ["https://en.wikipedia.org/wiki/A_(b)"]),
    ("HTTP://A.example, http://b.example!", ["http://a.example/", "http://b.example/"]),
    ("<https://a.example/x>", ["https://a.example/x"]),
    ("javascript:alert(1) data:text/html,x file:///etc/passwd ftp://a.example", []),
    ("https:// http://[ https://a.example:99999", []),
    ('<img src=x onerror="window.hacked = 1"><a href="https://a.example">x</a>', ["https://a.example/"]),
    ("https://a.example/\"onmouseover='window.hacked=1'", ["https://a.example/"]),
]


def test_links_are_clickable_and_text_is_never_html(enter: Enter) -> None:
    ann = enter("ann")
    say(ann, *(text for text, _ in LINKS))

    lines = ann.locator(".line span")
    assert [text for text, _ in LINKS] == lines.all_text_contents()
    found = ann.evaluate(
        "[...document.querySelectorAll('.line span')].map((l) => [...l.querySelectorAll('a')].map((a) => a.href))"
    )
    assert [links for _, links in LINKS] == found
    expect(lines.locator(":not(a)")).to_have_count(0)
    for link in lines.locator("a").all():
        assert ("_blank", "noopener noreferrer nofollow") == (link.get_attribute("target"), link.get_attribute("rel"))
    assert ann.evaluate("window.hacked === undefined")


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_long_words_and_names_do_not_widen_the_page(enter: Enter, width: int) -> None:
    ann = enter("W" * 24, "w" * 40)
    ann.set_viewport_size({"width": width, "height": 640})
    say(ann, "w" * 500, "https://example.org/" + "w" * 400)

    assert 0 == overflow(ann)
    assert ann.evaluate("document.querySelector('.log').scrollWidth <= document.querySelector('.log').clientWidth")


def test_new_lines_do_not_move_a_reader_of_older_ones(enter: Enter) -> None:
    ann, bob = enter("ann"), enter("bob")
    say(ann, *(f"line {number}" for number in range(30)))
    log = bob.locator(".log")
    expect(bob.locator(".line")).to_have_count(30)
    assert log.evaluate("(node) => node.scrollHeight - node.scrollTop - node.clientHeight < 2")
    log.evaluate("(node) => { node.scrollTop = 200 }")

    say(ann, "new 1")
    expect(bob.locator(".new")).to_have_text("1 new message ↓")
    say(ann, "new 2")
    expect(bob.locator(".new")).to_have_text("2 new messages ↓")
    assert 200 == log.evaluate("(node) => node.scrollTop")

    bob.click(".new")

    expect(bob.locator(".new")).to_have_count(0)
    expect(bob.locator(".line").last).to_be_in_viewport()
    expect(log).to_be_focused()
    say(ann, "new 3")
    expect(bob.locator(".line").last).to_be_in_viewport()
    expect(bob.locator(".new")).to_have_count(0)


def test_own_line_is_shown_to_a_reader_of_older_ones(enter: Enter) -> None:
    ann = enter("ann")
    say(ann, *(f"line {number}" for number in range(30)))
    ann.locator(".log").evaluate("(node) => { node.scrollTop = 0 }")

    say(ann, "mine")

    expect(ann.locator(".line").last).to_be_in_viewport()


def test_composer_grows_and_hides_no_line(enter: Enter) -> None:
    ann = enter("ann")
    ann.set_viewport_size(PHONE)
    say(ann, *(f"line {number}" for number in range(20)))
    before = ann.locator("[name=text]").bounding_box()
    assert before

    ann.fill("[name=text]", "\n".join("abcdefghij"))

    after, last = ann.locator("[name=text]").bounding_box(), ann.locator(".line").last
    assert after and before["height"] * 2 < after["height"] <= PHONE["height"] * 0.31
    expect(last).to_be_in_viewport()
    box = last.bounding_box()
    assert box and box["y"] + box["height"] <= after["y"]
    expect(ann.locator("text=Send")).to_be_in_viewport()


def test_room_ends_above_an_on_screen_keyboard(enter: Enter) -> None:
    ann = enter("ann")
    ann.set_viewport_size(PHONE)
    say(ann, *(f"line {number}" for number in range(20)))

    ann.evaluate(
        """() => {
            Object.defineProperty(visualViewport, 'height', { value: 340, configurable: true });
            visualViewport.dispatchEvent(new Event('resize'));
        }"""
    )

    for shown in (ann.locator("[name=text]"), ann.locator(".line").last, ann.locator("text=Send")):
        box = shown.bounding_box()
        assert box and box["y"] + box["height"] <= 340


def test_phone_has_one_thin_bar_and_shows_the_rest_on_demand(enter: Enter) -> None:
    ann = enter("ann")
    ann.set_viewport_size(PHONE)
    panel = ann.locator("#panel")
    expect(panel).to_be_hidden()
    header, log = ann.locator("header").bounding_box(), ann.locator(".log").bounding_box()
    assert header and log and header["height"] <= 56 and log["height"] > PHONE["height"] * 0.7
    assert 0 == overflow(ann)

    ann.click("text=1 person")
    expect(panel).to_be_visible()
    expect(panel.locator(".people li")).to_contain_text("ann")
    ann.keyboard.press("Escape")

    expect(panel).to_be_hidden()
    expect(ann.locator("text=1 person")).to_be_focused()


def test_bar_of_a_phone_fits_while_disconnected(enter: Enter, server: Server) -> None:
    ann = enter("ann")
    ann.set_viewport_size(PHONE)

    server.stop()

    expect(ann.locator("text=Try now")).to_be_in_viewport()
    header = ann.locator("header").bounding_box()
    assert header and header["height"] <= 90
    assert 0 == overflow(ann)


def test_lines_that_were_missed_are_added_once_in_order(enter: Enter) -> None:
    ann, bob = enter("ann"), enter("bob")
    say(ann, "one")
    bob.context.set_offline(True)
    bob.evaluate("dispatchEvent(new Event('offline'))")
    say(ann, "two", "three")

    bob.context.set_offline(False)
    bob.reload()

    expect(bob.locator(".line span")).to_have_text(["one", "two", "three"])
    assert bob.evaluate("document.title") == "#lobby · tornado-ws chat"
