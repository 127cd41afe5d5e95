"""The client and the demo in Chromium, Firefox and WebKit.

Abilities that an engine lacks are in :data:`LIMITS`; the tests then imitate them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

import pytest

from tests.client.project import Server
from tests.demo.conftest import Server as Demo
from tests.docs.pages import ROOT
from tests.support.browsers import ENGINES, Engine, Tab

pytestmark = pytest.mark.browser

Eventually: TypeAlias = Callable[[Callable[[], bool]], None]

LIMITS = {
    ("chromium", "hidden tab"): "Playwright emulates the focus of each page, which keeps it visible",
    ("firefox", "back-forward cache"): "pages with an open socket are not kept, even if they close it in `pagehide`",
    ("webkit", "close code 1012"): "WebKitGTK reports the codes 1012 to 1014 as 1006, without their reason",
    ("webkit", "offline"): "WebDriver has no command for the network",
}
"""Reason for each ability that an engine lacks, by engine and ability."""

NEVER = {"base": 60_000, "cap": 60_000}
"""Backoff of a client that reconnects only for a reason."""

HIDE = """
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
"""
SHOW = """
    delete document.hidden;
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
"""


@pytest.fixture
def tab(engine: Engine, server: Server) -> Iterator[Tab]:
    """Tab with the page of the client."""
    with engine.tab(f"{server.origin}/") as tab:
        yield tab


def connect(tab: Tab, options: object = None, *, name: str = "c") -> None:
    """Create a client ``name`` of the persistent endpoint, and wait until it is open."""
    given = {"backoff": {"base": 50, "cap": 200}, **(options if isinstance(options, dict) else {})}
    tab.do(f"window.{name} = new Lab({{ room: 'a' }}, {json.dumps(given)}); window.log = record({name}); {name}.open()")
    tab.wait(f"{name}.connected")


def caught(tab: Tab, expression: str) -> list[object]:
    """Return the class and the code of the error of an expression."""
    found: list[object] = tab.get(
        f"(async () => {{ try {{ await ({expression}) }} catch (e) {{ return [e.name, e.code] }} }})()"
    )
    return found


def test_engine_is_as_new_as_the_docs_state(engine: Engine) -> None:
    name, version = engine.version.split()
    stated = re.search(rf"{name} ([\d.]+\d)", (ROOT / "docs/reference/compatibility.md").read_text(encoding="utf-8"))
    assert stated is not None, f"{name} is not in the docs"

    numbers = [[int(number) for number in text.split(".")] for text in (stated[1], version.rstrip("esr"))]

    assert numbers[0] <= numbers[1]


def test_limits_name_engines() -> None:
    assert {engine for engine, _ in LIMITS} <= {*ENGINES}


def test_persistent_and_one_time_sockets_carry_messages(tab: Tab, server: Server) -> None:
    connect(tab)
    tab.do("window.job = new Job({ action: '/action' }); job.open(); c.send('say', { text: 'hi' })")

    tab.wait("job.connected && c.last.said?.text === 'hi'")

    assert 1 == server.do()["tickets"]
    assert ["connecting", "open"] == tab.get("log.filter((entry) => entry[0] !== '<')")


def test_requests_are_answered_in_order_or_refused(tab: Tab) -> None:
    connect(tab)

    answers = tab.get("Promise.all([c.request('echo', 'ä🙂'), c.request('now'), c.request('echo', 'b')])")

    assert ["ä🙂", 1.5, "b"] == answers
    assert ["Refused", "room_full"] == caught(tab, "c.request('echo', 'fail')")
    assert ["InvalidMessage", "invalid_message"] == caught(tab, "c.request('echo', 'wrong')")


def test_stream_gives_credit_and_ends_with_its_loop(tab: Tab, server: Server, eventually: Eventually) -> None:
    connect(tab)
    tab.do(
        """
        window.items = [];
        window.done = (async () => {
            for await (const item of c.stream('count', 200)) items.push(item);
            for await (const item of c.stream('count', -1)) if (item === 5) break;
        })();
        """
    )

    tab.get("done")

    assert [*range(200)] == tab.get("items")
    eventually(lambda: any(frame["type"] == "$cancel" for frame in server.do()["received"]))


def test_refusals_of_the_page_and_of_the_server_keep_the_connection(tab: Tab, server: Server) -> None:
    connect(tab)

    assert ["InvalidMessage", "invalid_message"] == caught(tab, "c.send('say', { text: '' })")
    tab.do("c.send('say', { text: 'refuse me' })")
    tab.wait("c.lastRefusal?.code === 'rate_limited'")

    assert tab.get("c.connected")
    assert ["refuse me"] == [frame["data"]["text"] for frame in server.do()["received"]]


@pytest.mark.parametrize("code", [4403, 3000])
def test_final_close_codes_end_the_connection(tab: Tab, server: Server, code: int) -> None:
    connect(tab)

    server.do(close=[code, "because"])
    tab.wait("c.status === 'closed'")

    assert [code, "because"] == tab.get("[c.error.code, c.error.message]")


@pytest.mark.parametrize("code", [1001, 1012, 1013, 1014, 3008])
def test_client_reconnects_after_other_close_codes(engine: Engine, tab: Tab, server: Server, code: int) -> None:
    connect(tab)

    server.do(close=[code, "because"])
    tab.wait("log.filter((entry) => entry === 'open').length === 2")

    seen = 1006 if 1012 <= code <= 1014 and (engine.name, "close code 1012") in LIMITS else code
    assert ["connecting", "open", f"waiting:{seen}", "connecting", "open"] == tab.get("log")


@pytest.mark.parametrize("policy", ["connect-src 'none'", "connect-src http:"])
def test_connection_that_a_policy_blocks_is_an_error(engine: Engine, server: Server, policy: str) -> None:
    server.do(policy=policy)
    with engine.tab(f"{server.origin}/?policy={len(policy)}") as tab:  # not the page in the cache
        tab.do("window.c = new Lab({ room: 'a' }); c.open()")

        tab.wait("c.status === 'closed'")

        assert "blocked" == tab.get("c.error.kind")
        if engine.name != "webkit":  # throws an error with its own text
            assert "blocked by connect-src of the Content-Security-Policy" == tab.get("c.error.message")


def test_policy_that_blocks_others_does_not_end_attempts(engine: Engine, killable_server: Server) -> None:
    killable_server.do(policy="connect-src 'self'")
    with engine.tab(f"{killable_server.origin}/?other-policy") as tab:
        killable_server.kill()
        tab.do(
            """
            window.c = new Lab({ room: 'a' }, { backoff: { base: 50, cap: 200 } });
            c.listen('$state', ({ status }) => {
                if (status !== 'connecting') return;
                try { new WebSocket('ws://127.0.0.1:1/'); } catch {}
                fetch('http://127.0.0.1:1/').catch(() => {});
            });
            c.open();
            """
        )
        tab.wait("c.attempt >= 2")

        killable_server.start()

        tab.wait("c.connected")


def test_client_reconnects_to_a_restarted_server(engine: Engine, killable_server: Server) -> None:
    with engine.tab(f"{killable_server.origin}/") as tab:
        connect(tab)
        killable_server.kill()
        tab.wait("c.status === 'waiting'")
        assert tab.get("c.send('say', { text: 'kept' })") is False

        killable_server.start()

        tab.wait("c.last.said?.text === 'kept'")
        assert ["say"] == [frame["type"] for frame in killable_server.do()["received"]]


@contextmanager
def offline(engine: Engine, tab: Tab, server: Server) -> Iterator[None]:
    """Disconnect a tab from the network."""
    if (engine.name, "offline") in LIMITS:
        with pytest.raises(NotImplementedError):
            tab.set_offline(True)
        server.kill()
        tab.do("dispatchEvent(new Event('offline'))")
        yield
        server.start()
        tab.do("dispatchEvent(new Event('online'))")
    else:
        tab.set_offline(True)
        assert tab.get("navigator.onLine") is False
        server.do(drop=True)
        yield
        tab.set_offline(False)


def test_client_reconnects_at_once_when_the_network_is_back(engine: Engine, killable_server: Server) -> None:
    with engine.tab(f"{killable_server.origin}/") as tab:
        connect(tab, {"backoff": NEVER})

        with offline(engine, tab, killable_server):
            tab.wait("c.status === 'waiting'")
            assert tab.get("c.send('say', { text: 'offline' })") is False

        tab.wait("c.last.said?.text === 'offline'")


@contextmanager
def hidden(engine: Engine, tab: Tab) -> Iterator[None]:
    """Put a tab into the background."""
    tab.hide()
    if (engine.name, "hidden tab") in LIMITS:
        assert tab.get("document.hidden") is False, "expected no entry in LIMITS"
        tab.do(HIDE)
    tab.wait("document.hidden")
    yield
    if (engine.name, "hidden tab") in LIMITS:
        tab.do(SHOW)
    tab.show()
    tab.wait("!document.hidden")


def test_hidden_tab_receives_and_reconnects_at_once_when_it_is_shown(engine: Engine, tab: Tab, server: Server) -> None:
    connect(tab, {"backoff": NEVER})

    with hidden(engine, tab):
        server.do(say="to a hidden tab")
        tab.wait("c.last.said?.text === 'to a hidden tab'")
        server.do(drop=True)
        tab.wait("c.status === 'waiting'")

    tab.wait("c.connected")


def test_page_in_the_back_forward_cache_is_disconnected_and_returns(
    engine: Engine, tab: Tab, server: Server, eventually: Eventually
) -> None:
    connect(tab, {"backoff": NEVER})
    tab.do("window.isKept = true")
    if (engine.name, "back-forward cache") in LIMITS:
        tab.goto(f"{server.origin}/login")
        tab.back()
        tab.wait("window.Lab && !window.isKept")
        connect(tab)
        tab.do("window.isKept = true; c.close()")

    for leave in (lambda: tab.goto(f"{server.origin}/login"), tab.forward):
        for _ in range(3):  # engines may drop a kept page at any time
            leave()
            eventually(lambda: server.do()["online"] == 0)
            tab.wait("location.pathname === '/login'")
            tab.back()
            tab.wait("window.Lab")
            if tab.get("Boolean(window.isKept)"):
                break
            connect(tab, {"backoff": NEVER})
            tab.do("window.isKept = true")
        else:
            pytest.fail("the page is never kept")
        tab.do("c.open()")  # for a client that is closed; others connect by themselves
        tab.wait("c.connected")
        if (engine.name, "back-forward cache") in LIMITS:
            tab.do("c.close()")

    tab.do("c.open(); c.send('say', { text: 'back' })")
    tab.wait("c.last.said?.text === 'back'")


def test_page_that_is_closed_in_the_middle_leaves_nothing(
    engine: Engine, server: Server, eventually: Eventually
) -> None:
    tab = engine.new_tab()
    tab.open(f"{server.origin}/")
    connect(tab)
    tab.do("void (async () => { for await (const _ of c.stream('count', -1)); })(); void c.request('now')")
    eventually(lambda: server.do()["items"] > 100)

    tab.close()

    eventually(lambda: server.do()["online"] == 0)
    assert server.do()["items"] == server.do()["items"]


def enter(tab: Tab, nick: str) -> None:
    """Enter the lobby of the demo."""
    tab.do(
        f"""
        const field = document.querySelector('[name=nick]');
        field.value = {json.dumps(nick)};
        field.dispatchEvent(new Event('input', {{ bubbles: true }}));
        field.form.requestSubmit();
        """
    )
    tab.wait("document.querySelector('[data-status=open]')")


def say(tab: Tab, text: str) -> None:
    tab.do(
        f"""
        const field = document.querySelector('[name=text]');
        field.value = {json.dumps(text)};
        field.dispatchEvent(new Event('input', {{ bubbles: true }}));
        field.form.requestSubmit();
        """
    )


def shows(*texts: str) -> str:
    """Return the condition that the demo shows exactly these lines."""
    lines = "[...document.querySelectorAll('.line span')].map((line) => line.textContent)"
    return f"JSON.stringify({lines}) === {json.dumps(json.dumps(texts, separators=(',', ':'), ensure_ascii=False))}"


def test_demo_shows_lines_of_both_users_over_a_restart(engine: Engine, demo: Demo) -> None:
    with engine.tab(f"{demo.origin}/") as ann, engine.tab(f"{demo.origin}/") as bob:
        enter(ann, "ann")
        enter(bob, "bob")
        say(ann, "hello")
        bob.wait(shows("hello"))
        demo.stop()
        bob.wait("document.querySelector('[data-status=waiting]')")
        say(bob, "while disconnected")
        bob.wait("document.querySelector('.pending')")

        demo.start()

        for tab in (ann, bob):
            tab.wait(shows("hello", "while disconnected"))
        assert ["Connected"] == bob.get(
            "[...document.querySelectorAll('[data-status] span')].map((e) => e.textContent)"
        )


def test_demo_exports_and_keeps_the_place_of_a_reader(engine: Engine, demo: Demo) -> None:
    with engine.tab(f"{demo.origin}/") as ann:
        enter(ann, "ann")
        for number in range(15):
            say(ann, f"line {number}\n\n\n")
        ann.wait("document.querySelectorAll('.line').length === 15 && !document.querySelector('.pending')")
        ann.wait("log = document.querySelector('.log'), log.scrollHeight - log.scrollTop - log.clientHeight < 2")
        ann.do("document.querySelector('aside button').click()")

        ann.wait("document.querySelector('aside a[download]')")

        assert 1 == ann.get("document.querySelector('progress').position")
        assert "line 14" in ann.get("fetch(document.querySelector('aside a[download]').href).then((r) => r.text())")
