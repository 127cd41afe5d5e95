"""Options that are functions, which are called before each attempt, and refusals of their results."""

from __future__ import annotations

import json

import pytest

from .conftest import BACKOFF, Tab
from .project import Server

pytestmark = pytest.mark.browser


def make(tab: Tab, params: str, **options: str) -> None:
    """Create a client from JavaScript expressions, and open it."""
    given = ", ".join(f"{name}: {value}" for name, value in {"backoff": json.dumps(BACKOFF), **options}.items())
    tab.do(f"window.calls = 0; window.c = new Lab({params}, {{ {given} }}); window.log_c = record(c); c.open()")


@pytest.mark.parametrize(
    ("params", "options"),
    [
        ("() => ({ room: `r${++calls}` })", {}),
        ("async () => ({ room: `r${++calls}` })", {}),
        ("{ room: 'unused' }", {"url": "() => `/lab/r${++calls}`"}),
        ("{ room: 'unused' }", {"url": "async () => new URL(`/lab/r${++calls}`, location.href)"}),
    ],
)
def test_function_is_called_before_each_attempt(tab: Tab, server: Server, params: str, options: dict[str, str]) -> None:
    make(tab, params, **options)
    tab.wait("c.connected")
    server.do(close=[1012])
    tab.wait("log_c.filter((entry) => entry === 'open').length === 2")

    assert ["/lab/r1", "/lab/r2"] == server.do()["paths"]


def test_token_is_offered_as_a_subprotocol(tab: Tab, server: Server) -> None:
    make(tab, "{ room: 'a' }", protocols="async () => bearer(`tökn/(${++calls})==`)")
    tab.wait("c.connected")
    server.do(close=[1012])
    tab.wait("log_c.filter((entry) => entry === 'open').length === 2")

    token = "bearer.t%C3%B6kn%2F%28{}%29%3D%3D"
    assert [["tornado-ws.1", token.format(1)], ["tornado-ws.1", token.format(2)]] == server.do()["protocols"]


def test_options_of_the_post_request_can_be_a_function(tab: Tab, server: Server) -> None:
    tab.do(
        """window.calls = 0;
        const init = async () => ({ headers: { authorization: `Bearer ${++calls}` } });
        window.c = new Job({ action: '/action', init, backoff: { base: 50, cap: 200 } });
        c.open()"""
    )
    tab.wait("c.connected")
    assert "Bearer 1" == server.do()["headers"]["authorization"]

    server.do(close=[1012])
    tab.wait("calls === 2 && c.connected")
    assert "Bearer 2" == server.do()["headers"]["authorization"]


def test_refused_credentials_are_requested_once_more(tab: Tab, server: Server) -> None:
    server.do(refuse=3000, reason="sign in again")
    make(tab, "() => ({ room: `r${++calls}` })")
    tab.wait("c.status === 'closed'")

    assert ["/lab/r1", "/lab/r2"] == server.do()["paths"]
    assert [3000, "sign in again", 2] == tab.get("[c.error.code, c.error.message, calls]")

    server.do(refuse=0)
    tab.do("c.open()")
    tab.wait("c.connected")
    assert 3 == tab.get("calls")


def test_new_credentials_may_be_accepted(tab: Tab, server: Server) -> None:
    server.do(refuse=3000, reason="expired")
    make(tab, "() => calls++ ? new Promise((resolve) => (window.signIn = resolve)) : { room: 'old' }")
    tab.wait("window.signIn")
    server.do(refuse=0)
    tab.do("signIn({ room: 'new' })")
    tab.wait("c.connected")

    assert ["/lab/old", "/lab/new"] == server.do()["paths"]


def test_fixed_credentials_are_not_tried_again(tab: Tab, server: Server) -> None:
    server.do(refuse=3000)
    make(tab, "{ room: 'a' }")
    tab.wait("c.status === 'closed'")

    assert 1 == server.do()["opened"]


def test_expired_session_is_renewed_after_a_stable_connection_only(tab: Tab, server: Server) -> None:
    make(tab, "() => ({ room: `r${++calls}` })")
    tab.wait("c.connected")
    server.do(close=[3000, "signed out"])
    tab.wait("calls === 2 && c.connected")
    server.do(close=[3000, "signed out"])
    tab.wait("c.status === 'closed'")
    assert 2 == tab.get("calls")

    tab.do("c.open()")
    tab.wait("c.connected")
    for calls in (4, 5):
        tab.do("const now = Date.now; Date.now = () => now() + 6000")  # as if the connection were stable
        server.do(close=[3000, "expired"])
        tab.wait(f"calls === {calls} && c.connected")


def test_function_that_throws_is_called_again(tab: Tab, server: Server) -> None:
    make(tab, "() => { if (++calls < 3) throw new Error('offline'); return { room: 'a' } }")
    tab.wait("c.connected")

    assert 3 == tab.get("calls")
