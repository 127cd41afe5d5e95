"""The demo in two browsers with one server."""

from __future__ import annotations

import json
import os
import re
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
    from playwright.sync_api import Page, WebSocketRoute

pytestmark = pytest.mark.browser

Enter: TypeAlias = "Callable[..., Page]"


def send_line(page: Page, text: str) -> None:
    page.fill("[name=text]", text)
    page.click("text=Send")


def test_line_appears_in_both_windows(enter: Enter) -> None:
    ann, bob = enter("ann"), enter("bob")

    send_line(ann, "hello from ann")

    expect(ann.locator(".own .line")).to_contain_text("hello from ann")
    expect(bob.locator(".group:not(.own) .line")).to_contain_text("hello from ann")


def test_list_of_people_follows_who_enters_and_leaves(enter: Enter) -> None:
    ann, bob = enter("ann"), enter("bob")
    expect(ann.locator(".people li")).to_have_count(2)

    bob.click("text=Leave")

    expect(ann.locator(".people li")).to_have_count(1)


def test_user_with_two_devices_is_one_person(enter: Enter) -> None:
    ann, _, again = enter("ann"), enter("bob"), enter("ann")

    expect(ann.locator(".people li")).to_have_count(2)
    expect(ann.locator(".people li").first).to_contain_text("2 devices")
    again.click("text=Leave")
    expect(ann.locator(".people li").first).not_to_contain_text("devices")


def test_others_see_no_change_when_a_user_reloads(enter: Enter) -> None:
    ann, bob = enter("ann"), enter("bob")
    expect(ann.locator(".people li")).to_have_count(2)
    ann.evaluate(
        """() => {
            window.counts = new Set();
            new MutationObserver(() => counts.add(document.querySelectorAll('.people li').length)).observe(
                document.querySelector('.people'), { childList: true, subtree: true, characterData: true });
        }"""
    )

    bob.reload()
    bob.wait_for_selector("[data-status=open]")
    send_line(bob, "I am back")

    expect(ann.locator(".line")).to_contain_text("I am back")
    assert ann.evaluate("[...counts].every((count) => count === 2)")


def test_repeated_line_is_sent_only_if_the_user_agrees(enter: Enter) -> None:
    ann, bob = enter("ann"), enter("bob")
    send_line(ann, "hello")
    expect(ann.locator(".pending")).to_have_count(0)

    send_line(ann, "hello")
    ann.get_by_role("button", name="No").click()
    expect(ann.locator("form [role=alert]")).to_have_text("Not sent: You have said this before.")
    expect(ann.locator("[name=text]")).to_have_value("hello")
    send_line(ann, "hello")
    ann.get_by_role("button", name="Say it again").click()

    expect(bob.locator(".line")).to_have_count(2)
    expect(ann.get_by_role("alertdialog")).to_have_count(0)


def test_search_shows_lines_newest_first_and_works_after_a_restart(enter: Enter, server: Server) -> None:
    ann = enter("ann")
    for text in ("one nut", "no", "two Nuts"):
        send_line(ann, text)
    expect(ann.locator(".line")).to_have_count(3)
    found = ann.locator("[aria-label='Found messages'] p")

    ann.fill("#search", "nut")
    expect(found).to_have_text(["two Nuts", "one nut"])
    ann.fill("#search", "nothing")
    expect(ann.locator("aside")).to_contain_text("No message contains this.")

    server.stop()
    ann.fill("#search", "one")
    expect(ann.locator("aside")).to_contain_text("Searching…")
    server.start()
    expect(found).to_have_text(["one nut"])


def test_reload_enters_the_room_again(enter: Enter) -> None:
    ann = enter("ann")

    ann.reload()

    expect(ann.locator("[data-status=open]")).to_be_visible()
    expect(ann.locator(".people li")).to_contain_text("ann")


def test_copied_link_contains_the_room_but_not_the_name(enter: Enter) -> None:
    ann, bob = enter("ann", "attic"), enter("bob")

    bob.evaluate("sessionStorage.clear()")  # as in a new tab
    bob.goto(ann.url)

    assert "ann" not in ann.url
    expect(bob.locator("[name=nick]")).to_have_value("")
    expect(bob.locator("[name=room]")).to_have_value("attic")
    bob.fill("[name=nick]", "bob")
    bob.click("text=Enter")
    expect(ann.locator(".people span")).to_have_text(["ann", "bob"])


def test_form_keeps_the_name_after_leaving(enter: Enter) -> None:
    ann = enter("ann")

    ann.click("text=Leave")
    ann.fill("[name=room]", "attic")
    ann.click("text=Enter")

    expect(ann.locator("h1")).to_have_text("#attic")
    expect(ann.locator("[data-status=open]")).to_be_visible()


@pytest.mark.parametrize(
    ("nick", "room", "field", "message"),
    [
        ("ann", "Team Lunch", "room", "A room name has 1 to 40 lower-case letters, digits or hyphens."),
        ("ann", "", "room", "A room name has 1 to 40 lower-case letters, digits or hyphens."),
        ("  ", "lobby", "nick", "A name has 1 to 24 characters."),
        ("a" * 25, "lobby", "nick", "A name has 1 to 24 characters."),
    ],
)
def test_form_shows_invalid_fields_without_connecting(
    nick: str, room: str, field: str, message: str, join_form: Page
) -> None:
    sockets: list[object] = []
    join_form.on("websocket", lambda socket: sockets.append(socket))

    join_form.fill("[name=nick]", nick)
    join_form.fill("[name=room]", room)
    join_form.click("text=Enter")

    expect(join_form.locator("[role=alert]")).to_have_text(message)
    expect(join_form.locator(f"[name={field}]")).to_be_focused()
    assert [] == sockets


def test_form_focuses_the_name_and_shows_no_error(join_form: Page) -> None:
    expect(join_form.locator("[name=nick]")).to_be_focused()
    expect(join_form.locator("[role=alert]")).to_have_count(0)


def test_link_with_an_invalid_room_opens_the_form(enter: Enter, server: Server) -> None:
    ann = enter("ann")

    ann.goto(f"{server.origin}/?room=Team%20Lunch")

    expect(ann.locator("[role=alert]")).to_contain_text("lower-case letters")
    expect(ann.locator("[name=room]")).to_have_value("Team Lunch")
    expect(ann.locator("[name=room]")).to_be_focused()
    ann.fill("[name=room]", "team-lunch")
    ann.click("text=Enter")
    expect(ann.locator("[data-status=open]")).to_be_visible()


def test_length_is_shown_from_400_characters(enter: Enter) -> None:
    ann = enter("ann")

    ann.fill("[name=text]", "x" * 399)
    expect(ann.locator(".count")).to_have_count(0)
    ann.fill("[name=text]", "x" * 400)

    expect(ann.locator(".count")).to_have_text("400 / 500")


def test_people_are_shown_as_outdated_while_disconnected(enter: Enter, server: Server) -> None:
    ann = enter("ann")
    people = ann.locator("section:has(.people)")
    expect(people).not_to_have_class(re.compile("stale"))

    server.stop(signal.SIGKILL)

    expect(people).to_have_class(re.compile("stale"))


def test_typing_is_shown_to_others(enter: Enter) -> None:
    ann, bob = enter("ann"), enter("bob")

    ann.type("[name=text]", "hm")

    expect(bob.locator(".typing")).to_have_text("ann is typing…")
    expect(ann.locator(".typing")).not_to_have_text("ann is typing…")


def test_new_user_sees_earlier_lines(enter: Enter) -> None:
    ann = enter("ann")
    send_line(ann, "earlier line")
    expect(ann.locator(".line")).to_have_count(1)

    bob = enter("bob")

    expect(bob.locator(".line span")).to_contain_text("earlier line")


def test_line_that_is_too_long_is_not_sent(enter: Enter) -> None:
    ann, bob = enter("ann"), enter("bob")
    frames: list[str] = []
    ann.on("websocket", lambda socket: socket.on("framesent", lambda frame: frames.append(str(frame))))

    send_line(ann, "x" * 501)

    expect(ann.locator("form [role=alert]")).to_have_text("Not sent: A message has at most 500 characters.")
    expect(ann.locator("[name=text]")).to_have_value("x" * 501)
    assert not any("xxx" in frame for frame in frames)
    expect(bob.locator(".line")).to_have_count(0)


def test_rejected_line_returns_to_the_composer_with_an_explanation(enter: Enter) -> None:
    ann = enter("ann")
    ann.context.route_web_socket("**/chat/*", refuse_lines)
    ann.reload()
    expect(ann.locator("[data-status=open]")).to_be_visible()

    send_line(ann, "refused")

    expect(ann.locator("form [role=alert]")).to_have_text(
        "Not sent: The server could not accept this message. Try again later."
    )
    expect(ann.locator("[name=text]")).to_have_value("refused")
    expect(ann.locator(".line")).to_have_count(0)
    ann.type("[name=text]", "!")
    expect(ann.locator("form [role=alert]")).to_have_text("")


def refuse_lines(socket: WebSocketRoute) -> None:
    """Answer each line with an error."""
    server = socket.connect_to_server()

    def receive(text: str | bytes) -> None:
        frame = json.loads(text)
        if frame["type"] == "say":
            error = {"code": "internal", "message": "unexpected error"}
            socket.send(json.dumps({"type": "$error", "re": frame["id"], "data": error}))
        else:
            server.send(text)

    socket.on_message(receive)


def test_lines_beyond_the_rate_are_sent_later(enter: Enter) -> None:
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

    expect(ann.locator(".pending")).to_have_count(0)
    assert {f"{number}" for number in range(40)} == {*ann.locator(".line span").all_text_contents()}


def test_final_refusal_is_shown_in_words(enter: Enter) -> None:
    ann = enter("ann")
    ann.context.route_web_socket("**/chat/*", lambda socket: socket.close(code=4403, reason="/nick: taken"))

    ann.reload()

    expect(ann.locator("[role=status]")).to_have_text("The server does not allow this.")


def test_shown_delay_is_not_longer_than_the_actual_delay(enter: Enter, server: Server) -> None:
    ann = enter("ann")
    ann.wait_for_timeout(2_000)  # longer than the first delay can be

    server.stop(signal.SIGKILL)

    expect(ann.locator("[role=timer]")).to_have_text(re.compile(r"^Trying again(…| in 1 s\.)$"))


def test_retry_button_connects_and_keeps_the_focus(enter: Enter, server: Server) -> None:
    ann = enter("ann")
    server.stop(signal.SIGKILL)
    expect(ann.locator("[role=timer]")).to_contain_text("in 3 s")  # after some attempts
    server.start()

    ann.click("text=Try now")

    expect(ann.locator("[data-status=open]")).to_be_visible()
    expect(ann.locator("[name=text]")).to_be_focused()


def test_status_shows_the_loss_and_the_return_of_the_server(enter: Enter, server: Server) -> None:
    ann = enter("ann")
    send_line(ann, "before")
    expect(ann.locator(".line")).to_have_count(1)

    server.stop(signal.SIGKILL)
    expect(ann.locator("[data-status=waiting], [data-status=connecting]")).to_be_visible()
    expect(ann.locator("[role=status]")).to_have_text("Connection lost.")
    expect(ann.locator("[role=timer]")).to_contain_text("Trying again")
    send_line(ann, "while disconnected")
    expect(ann.locator(".pending .by")).to_have_text("Will be sent when the connection is back")
    server.start()

    expect(ann.locator("[data-status=open]")).to_be_visible()
    expect(ann.locator(".pending")).to_have_count(0)
    expect(ann.locator(".line")).to_have_count(2)
    expect(ann.locator(".line span").last).to_contain_text("while disconnected")


def test_lines_are_still_shown_after_a_restart(enter: Enter, server: Server) -> None:
    ann = enter("ann")
    send_line(ann, "before")
    expect(ann.locator(".line")).to_have_count(1)

    server.stop(signal.SIGKILL)
    expect(ann.locator("[data-status=waiting], [data-status=connecting]")).to_be_visible()
    server.start()
    expect(ann.locator("[data-status=open]")).to_be_visible()
    send_line(ann, "after")

    expect(ann.locator(".line span").nth(1)).to_contain_text("after")
    expect(ann.locator(".line span").nth(0)).to_contain_text("before")


def test_every_tab_reconnects_after_a_deploy(enter: Enter, server: Server) -> None:
    pages = [enter("ann"), enter("bob")]

    assert 0 == server.stop(signal.SIGTERM)
    server.start()

    for page in pages:
        expect(page.locator("[data-status=open]")).to_be_visible()


def test_export_shows_progress_and_a_download(enter: Enter) -> None:
    ann = enter("ann")
    send_line(ann, "exported line")
    expect(ann.locator(".line")).to_have_count(1)

    ann.click("text=Export transcript")

    expect(ann.locator("progress")).to_have_count(1)
    ann.wait_for_function("document.querySelector('progress').value >= 5")
    expect(ann.locator("progress")).to_have_count(1)
    with ann.expect_download() as download:
        ann.click("text=Download")
    assert 1 == ann.evaluate("document.querySelector('progress').position")
    path = download.value.path()
    assert "ann: exported line" in Path(path).read_text()


def test_rejected_export_is_shown(enter: Enter) -> None:
    ann = enter("ann")
    ann.route("**/export", lambda route: route.fulfill(status=403, json={"message": "not for you"}))

    ann.click("text=Export transcript")

    expect(ann.locator("aside [role=alert]")).to_have_text("The server does not allow this.")


def test_two_exports_are_separate(enter: Enter) -> None:
    ann, bob = enter("ann"), enter("bob")

    ann.click("text=Export transcript")
    bob.click("text=Export transcript")

    for page in (ann, bob):
        expect(page.locator("aside a[download]")).to_be_visible()
    assert ann.locator("aside a[download]").get_attribute("href") != bob.locator("aside a[download]").get_attribute(
        "href"
    )


def test_used_and_unknown_tickets_close_with_the_same_final_code(enter: Enter, server: Server) -> None:
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


def test_page_of_another_origin_is_rejected_before_the_upgrade(page_of_another_origin: Page, server: Server) -> None:
    code = page_of_another_origin.evaluate(
        """(url) => new Promise((done) => {
            const socket = new WebSocket(url);
            socket.onopen = () => done('open');
            socket.onclose = (event) => done(event.code);
        })""",
        f"{server.origin.replace('http', 'ws')}/chat/lobby?nick=eve",
    )

    assert 1006 == code


@pytest.fixture
def page_of_another_origin(enter: Enter, server: Server) -> Page:
    """Return a page with another origin than the server."""
    page = enter("eve")
    page.goto("data:text/html,<title>other origin</title>")
    return page


@pytest.fixture
def join_form(enter: Enter, server: Server) -> Page:
    """Return a page with the form, without a saved name."""
    page = enter("eve")
    page.evaluate("sessionStorage.clear()")
    page.goto(server.origin)
    return page


def test_port_in_use_is_reported_in_one_line(server: Server) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "examples.chat"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(server.port)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    problem = rf"port: cannot listen on localhost:{server.port}: Address already in use by process \d+ \(.+\)"
    assert second.returncode == 1
    assert re.fullmatch(rf"{problem}; stop that program, or choose another port in PORT\n", second.stderr)


def test_incomplete_handshake_is_closed_after_a_timeout(server: Server) -> None:
    url = urlsplit(server.origin)
    assert url.hostname is not None and url.port is not None
    with socket.create_connection((url.hostname, url.port), timeout=30) as slow:
        slow.sendall(b"GET /chat/lobby?nick=ann HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n")
        started = time.monotonic()

        assert slow.recv(1) == b""
        assert 9 < time.monotonic() - started < 25
