"""Two browsers, one server: what the demo promises."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.support.chromium import expect

from .conftest import ROOT, Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

Enter: TypeAlias = "Callable[..., Page]"


def say(page: Page, text: str) -> None:
    page.fill("[name=text]", text)
    page.click("text=Send")


def test_a_line_appears_in_both_windows(enter: Enter) -> None:
    ann, bob = enter("ann"), enter("bob")

    say(ann, "hello from ann")

    expect(ann.locator(".line.own p")).to_contain_text("hello from ann")
    expect(bob.locator(".line:not(.own) p")).to_contain_text("hello from ann")


def test_everybody_sees_who_is_there_and_who_leaves(enter: Enter) -> None:
    ann, bob = enter("ann"), enter("bob")
    expect(ann.locator(".people li")).to_have_count(2)

    bob.click("text=Leave")

    expect(ann.locator(".people li")).to_have_count(1)


def test_page_that_is_loaded_again_asks_for_no_name(enter: Enter) -> None:
    ann = enter("ann")

    ann.reload()

    expect(ann.locator("[data-status=open]")).to_be_visible()
    expect(ann.locator(".people li")).to_contain_text("ann")


def test_link_that_is_copied_makes_nobody_somebody_else(enter: Enter) -> None:
    ann, bob = enter("ann", "attic"), enter("bob")

    bob.evaluate("sessionStorage.clear()")  # as in another browser
    bob.goto(ann.url)

    assert "ann" not in ann.url
    expect(bob.locator("[name=nick]")).to_have_value("")
    expect(bob.locator("[name=room]")).to_have_value("attic")
    bob.fill("[name=nick]", "bob")
    bob.click("text=Enter")
    expect(ann.locator(".people span")).to_have_text(["ann", "bob"])


def test_who_leaves_is_asked_for_another_room_and_not_for_the_name(enter: Enter) -> None:
    ann = enter("ann")

    ann.click("text=Leave")
    ann.fill("[name=room]", "attic")
    ann.click("text=Enter")

    expect(ann.locator("h1")).to_have_text("#attic")
    expect(ann.locator("[data-status=open]")).to_be_visible()


@pytest.mark.parametrize(
    ("nick", "room", "field", "words"),
    [
        ("ann", "Team Lunch", "room", "The name of a room is 1 to 40 lower-case letters, digits and hyphens."),
        ("ann", "", "room", "The name of a room is 1 to 40 lower-case letters, digits and hyphens."),
        ("  ", "lobby", "nick", "Your name is 1 to 24 characters."),
        ("a" * 25, "lobby", "nick", "Your name is 1 to 24 characters."),
    ],
)
def test_what_the_server_would_refuse_is_told_in_the_form(
    nick: str, room: str, field: str, words: str, stranger: Page
) -> None:
    sockets: list[object] = []
    stranger.on("websocket", lambda socket: sockets.append(socket))

    stranger.fill("[name=nick]", nick)
    stranger.fill("[name=room]", room)
    stranger.click("text=Enter")

    expect(stranger.locator("[role=alert]")).to_have_text(words)
    expect(stranger.locator(f"[name={field}]")).to_be_focused()
    assert [] == sockets


def test_form_asks_for_the_name_first_and_accuses_nobody(stranger: Page) -> None:
    expect(stranger.locator("[name=nick]")).to_be_focused()
    expect(stranger.locator("[role=alert]")).to_have_count(0)


def test_link_to_no_room_leads_to_the_form(enter: Enter, server: Server) -> None:
    ann = enter("ann")

    ann.goto(f"{server.origin}/?room=Team%20Lunch")

    expect(ann.locator("[role=alert]")).to_contain_text("lower-case letters")
    expect(ann.locator("[name=room]")).to_have_value("Team Lunch")
    expect(ann.locator("[name=room]")).to_be_focused()
    ann.fill("[name=room]", "team-lunch")
    ann.click("text=Enter")
    expect(ann.locator("[data-status=open]")).to_be_visible()


def test_length_is_told_when_it_begins_to_matter(enter: Enter) -> None:
    ann = enter("ann")

    ann.fill("[name=text]", "x" * 399)
    expect(ann.locator(".count")).to_have_count(0)
    ann.fill("[name=text]", "x" * 400)

    expect(ann.locator(".count")).to_have_text("400 / 500")


def test_who_was_there_is_dimmed_while_nobody_knows(enter: Enter, server: Server) -> None:
    ann = enter("ann")
    here = ann.locator(".card:has(.people)")
    expect(here).to_have_css("opacity", "1")

    server.stop(signal.SIGKILL)

    expect(here).to_have_css("opacity", "0.5")


def test_time_is_never_alone_on_a_line(enter: Enter) -> None:
    ann = enter("ann")
    ann.set_viewport_size({"width": 390, "height": 760})
    say(ann, "a")
    expect(ann.locator(".line")).to_have_count(1)

    alone = ann.evaluate(
        """() => {
            const [before, span] = document.querySelector('.line p').childNodes;
            const last = span.firstChild, time = span.querySelector('time');
            const found = [];
            for (const word of ['x', 'xx ', 'some words ', '字', 'a-b/']) {
                for (let length = 1; length < 90; length++) {
                    const text = word.repeat(90).slice(0, length).trimEnd();
                    before.data = text.slice(0, -1);
                    last.data = `${text.slice(-1)} `;
                    const range = document.createRange();
                    range.selectNodeContents(last);
                    const beside = range.getBoundingClientRect().bottom > time.getBoundingClientRect().top;
                    if (!beside || span.getClientRects().length !== 1) found.push(text);
                }
            }
            return found;
        }"""
    )

    assert [] == alone


def test_others_are_told_who_is_typing(enter: Enter) -> None:
    ann, bob = enter("ann"), enter("bob")

    ann.type("[name=text]", "hm")

    expect(bob.locator(".typing")).to_have_text("ann is typing…")
    expect(ann.locator(".typing")).not_to_have_text("ann is typing…")


def test_who_joins_later_gets_the_history(enter: Enter) -> None:
    ann = enter("ann")
    say(ann, "said before")
    expect(ann.locator(".line")).to_have_count(1)

    bob = enter("bob")

    expect(bob.locator(".line p")).to_contain_text("said before")


def test_a_line_too_long_is_refused_with_the_reason_and_never_sent(enter: Enter) -> None:
    ann, bob = enter("ann"), enter("bob")
    frames: list[str] = []
    ann.on("websocket", lambda socket: socket.on("framesent", lambda frame: frames.append(str(frame))))

    say(ann, "x" * 501)

    expect(ann.locator("[role=alert]")).to_contain_text("500")
    expect(ann.locator("[name=text]")).to_have_value("x" * 501)
    assert not any("xxx" in frame for frame in frames)
    expect(bob.locator(".line")).to_have_count(0)


def test_what_the_server_refuses_is_told(enter: Enter) -> None:
    ann = enter("ann")

    ann.evaluate(
        """async () => {
            const field = document.querySelector('[name=text]');
            for (let line = 0; line < 40; line++) {
                field.value = `${line}`;
                field.dispatchEvent(new Event('input', { bubbles: true }));
                field.form.requestSubmit();
                await Promise.resolve();
            }
        }"""
    )

    expect(ann.locator("[role=alert]")).to_contain_text("The server refused it")


def test_the_wait_that_is_shown_is_never_longer_than_it_is(enter: Enter, server: Server) -> None:
    ann = enter("ann")
    ann.wait_for_timeout(2_000)  # the page is older than the first wait can be long
    ann.evaluate(
        """() => {
            window.said = [];
            const status = document.querySelector('[role=status]');
            const look = () => said.push(status.textContent);
            new MutationObserver(look).observe(status, { subtree: true, characterData: true });
        }"""
    )

    server.stop(signal.SIGKILL)
    expect(ann.locator("[data-status=waiting]")).to_be_visible()
    ann.wait_for_timeout(300)

    assert ann.evaluate("said[0]") in {"Connection lost, next try in 1 s", "Connection lost, trying again…"}


def test_status_tells_the_truth_when_the_server_dies_and_comes_back(enter: Enter, server: Server) -> None:
    ann = enter("ann")
    say(ann, "before")
    expect(ann.locator(".line")).to_have_count(1)

    server.stop(signal.SIGKILL)
    expect(ann.locator("[data-status=waiting], [data-status=connecting]")).to_be_visible()
    expect(ann.locator("[role=status]")).to_contain_text("Connection lost")
    say(ann, "while it was away")
    expect(ann.locator(".unsent")).to_contain_text("sent when the connection is back")
    server.start()

    expect(ann.locator("[data-status=open]")).to_be_visible()
    expect(ann.locator(".unsent")).to_have_count(0)
    expect(ann.locator(".line p").last).to_contain_text("while it was away")


def test_what_was_said_is_still_there_when_the_server_comes_back(enter: Enter, server: Server) -> None:
    ann = enter("ann")
    say(ann, "before")
    expect(ann.locator(".line")).to_have_count(1)

    server.stop(signal.SIGKILL)
    expect(ann.locator("[data-status=waiting], [data-status=connecting]")).to_be_visible()
    server.start()
    expect(ann.locator("[data-status=open]")).to_be_visible()
    say(ann, "after")

    expect(ann.locator(".line p").nth(1)).to_contain_text("after")
    expect(ann.locator(".line p").nth(0)).to_contain_text("before")


def test_every_tab_comes_back_after_a_deploy(enter: Enter, server: Server) -> None:
    pages = [enter("ann"), enter("bob")]

    assert 0 == server.stop(signal.SIGTERM)
    server.start()

    for page in pages:
        expect(page.locator("[data-status=open]")).to_be_visible()


def test_export_moves_a_bar_and_ends_with_a_download(enter: Enter) -> None:
    ann = enter("ann")
    say(ann, "to be kept")
    expect(ann.locator(".line")).to_have_count(1)

    ann.click("text=Export transcript")

    expect(ann.locator("progress")).to_have_count(1)
    ann.wait_for_function("document.querySelector('progress').value >= 5")
    expect(ann.locator("progress")).to_have_count(1)
    with ann.expect_download() as download:
        ann.click("text=download")
    path = download.value.path()
    assert "ann: to be kept" in Path(path).read_text()


def test_an_export_that_is_refused_says_why(enter: Enter) -> None:
    ann = enter("ann")
    ann.route("**/export", lambda route: route.fulfill(status=403, json={"message": "not for you"}))

    ann.click("text=Export transcript")

    expect(ann.locator(".export [role=alert]")).to_have_text("not for you")


def test_two_users_of_one_action_never_meet(enter: Enter) -> None:
    ann, bob = enter("ann"), enter("bob")

    ann.click("text=Export transcript")
    bob.click("text=Export transcript")

    for page in (ann, bob):
        expect(page.locator(".export a")).to_be_visible()
    assert ann.locator(".export a").get_attribute("href") != bob.locator(".export a").get_attribute("href")


def test_a_used_or_unknown_ticket_ends_with_a_final_code(enter: Enter, server: Server) -> None:
    page = enter("ann")
    with urlopen(
        Request(f"{server.origin}/rooms/lobby/export", method="POST", data=b"", headers={"Origin": server.origin})
    ) as answer:
        url = page.evaluate("(text) => JSON.parse(text).url", answer.read().decode())
    close_code = """(url) => new Promise((done) => {
        const socket = new WebSocket(new URL(url, location.href.replace('http', 'ws')));
        socket.onclose = (event) => done(event.code);
        socket.onopen = () => setTimeout(() => socket.close(), 300);
    })"""
    page.evaluate(close_code, url)

    used = page.evaluate(close_code, url)
    unknown = page.evaluate(close_code, "/_/connect/" + "A" * 43)

    assert used == unknown
    assert 4000 <= used <= 4499


def test_a_page_of_another_origin_is_refused_before_the_upgrade(browser_elsewhere: Page, server: Server) -> None:
    refused = browser_elsewhere.evaluate(
        """(url) => new Promise((done) => {
            const socket = new WebSocket(url);
            socket.onopen = () => done('open');
            socket.onclose = (event) => done(event.code);
        })""",
        f"{server.origin.replace('http', 'ws')}/chat/lobby?nick=eve",
    )

    assert 1006 == refused


@pytest.fixture
def browser_elsewhere(enter: Enter, server: Server) -> Page:
    """A page whose origin is ``localhost``, not ``127.0.0.1``."""
    page = enter("eve")
    page.goto("data:text/html,<title>elsewhere</title>")
    return page


@pytest.fixture
def stranger(enter: Enter, server: Server) -> Page:
    """A page whose user has not been here."""
    page = enter("eve")
    page.evaluate("sessionStorage.clear()")
    page.goto(server.origin)
    return page


def test_a_port_that_is_taken_is_told_in_one_line(server: Server) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "examples.chat"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(server.port)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    said = f"nothing can be served on port {server.port}: Address already in use; choose another with PORT=\n"
    assert (1, said) == (second.returncode, second.stderr)


def test_a_handshake_that_is_not_finished_is_cut(server: Server) -> None:
    url = urlsplit(server.origin)
    assert url.hostname is not None and url.port is not None
    with socket.create_connection((url.hostname, url.port), timeout=30) as slow:
        slow.sendall(b"GET /chat/lobby?nick=ann HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n")
        begun = time.monotonic()

        assert slow.recv(1) == b""
        assert 9 < time.monotonic() - begun < 25
