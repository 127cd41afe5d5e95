"""Reasons of failed handshakes: the client behind real proxies that are set up wrongly, with a real server."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import HOST, UPGRADE, Behind, Tab
from .project import Project, RealServer, Server, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def attempt(tab: Tab, attempts: int, options: dict[str, Any] | None = None) -> dict[str, Any]:
    """Open the client, and return the error of an attempt, counted from 1; further ones may have failed meanwhile."""
    tab.make(options)
    tab.do(
        "window.failures = []; c.listen('$state', ({ status, error }) => {"
        "  if (status === 'waiting') failures.push({ ...error, message: error.message, left: c.retryAt - Date.now() });"
        "}); c.open()"
    )
    tab.wait(f"failures.length >= {attempts}")
    error: dict[str, Any] = tab.get(f"failures[{attempts - 1}]")
    return error


def test_client_behind_a_correct_proxy_connects(behind: Behind) -> None:
    with behind() as tab:
        tab.open()

        assert "a" == tab.get("c.request('echo', 'a')")
        assert ([], []) == (tab.warnings, tab.reports)


@pytest.mark.parametrize(
    ("headers", "code"), [(HOST, "upgrade"), (HOST + "proxy_http_version 1.1;", "upgrade"), (UPGRADE, "origin")]
)
def test_proxy_without_its_headers_is_reported_after_the_third_attempt(behind: Behind, headers: str, code: str) -> None:
    with behind(headers) as tab:
        first = attempt(tab, 1, {"backoff": {"base": 300, "cap": 300}})
        assert ("network", 1006, code, False) == (
            first["kind"],
            first["code"],
            first["reason"]["code"],
            first["reason"]["retryable"],
        )

        tab.wait("failures.length >= 4")

        assert ["network", "network", "misconfigured", "misconfigured"] == tab.get("failures.map(({ kind }) => kind)")[
            :4
        ]
        assert [f"lab cannot connect: {first['message']}"] == tab.reports
        assert 300 == tab.get("failures[3].retryAfterMs")
        assert 300 <= tab.get("Math.ceil(failures[3].left)") <= 600


def test_reason_is_readable_with_tls_and_http2(behind: Behind) -> None:
    with behind(HOST, tls=True, public_path="/") as tab:
        error = attempt(tab, 1)

        assert "upgrade" == error["reason"]["code"]
        assert "h2" == tab.get("performance.getEntriesByType('resource').at(-1).nextHopProtocol")


@pytest.fixture
def silent() -> Iterator[int]:
    """Port that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_handshake_that_hangs_has_a_reason_if_the_server_answers_requests(behind: Behind, silent: int) -> None:
    held = f"if ($http_upgrade) {{ proxy_pass http://127.0.0.1:{silent}; }}"
    hold = f"location /lab/ {{ {held} proxy_pass http://BACKEND; }}"
    with behind(HOST, hold) as tab:
        error = attempt(tab, 3, {"connectTimeout": 300, "backoff": {"base": 50, "cap": 300}})

        assert ("misconfigured", "held", False) == (
            error["kind"],
            error["reason"]["code"],
            error["reason"]["retryable"],
        )
        assert "timeout" == tab.get("failures[0].kind")
        assert [f"lab cannot connect: {error['message']}"] == tab.reports


def test_frames_that_a_proxy_holds_back_have_a_reason(tab: Tab, server: Server) -> None:
    server.do(silent=True)
    error = attempt(tab, 1, {"connectTimeout": 300})

    assert ("timeout", "refused") == (error["kind"], error["reason"]["code"])  # of the fake server


def test_handshake_without_any_answer_has_a_reason(tab: Tab, silent: int) -> None:
    error = attempt(tab, 1, {"connectTimeout": 300, "base": f"http://127.0.0.1:{silent}"})

    assert ("timeout", "no_answer", True) == (error["kind"], error["reason"]["code"], error["reason"]["retryable"])


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("location /lab/ { return 404; }", "not_found"),
        ("location /lab/ { return 200 page; }", "other_page"),
        ("location /lab/ { return 301 https://example.invalid/; }", "redirected"),
        ("location /lab/ { return 403; }", "refused"),
        ("location /lab/ { return 426; }", "refused"),
    ],
)
def test_answer_of_something_else_is_a_permanent_reason(behind: Behind, location: str, code: str) -> None:
    with behind(locations=location) as tab:
        error = attempt(tab, 3)

        assert ("misconfigured", code, False) == (error["kind"], error["reason"]["code"], error["reason"]["retryable"])
        assert [f"lab cannot connect: {error['message']}"] == tab.reports


def test_exception_of_the_server_has_a_reason_that_names_its_log(behind: Behind) -> None:
    with behind(UPGRADE + HOST + "proxy_set_header X-Fault 1;") as tab:
        error = attempt(tab, 1)

        message = "the server failed; its log has the traceback"
        assert {"code": "internal", "message": message, "retryable": True} == error["reason"]
        assert "unavailable" == error["kind"]


def test_answer_with_status_500_is_reported_once_and_retried(behind: Behind) -> None:
    with behind(locations="location /lab/ { return 500; }") as tab:
        error = attempt(tab, 5, {"backoff": {"base": 50, "cap": 300}})

        message = "the server failed; its log has the traceback (status 500)"
        assert {"code": "internal", "message": message, "retryable": True} == error["reason"]
        assert ["unavailable"] * 5 == tab.get("failures.map(({ kind }) => kind)")[:5]
        assert [f"lab cannot connect: {message}"] == tab.reports


@pytest.mark.parametrize("status", [502, 503, 504])
def test_status_of_a_proxy_without_its_server_is_a_temporary_reason(behind: Behind, status: int) -> None:
    with behind(locations=f"location /lab/ {{ return {status}; }}") as tab:
        error = attempt(tab, 4, {"backoff": {"base": 50, "cap": 300}})

        assert ("unavailable", "unreachable", True) == (
            error["kind"],
            error["reason"]["code"],
            error["reason"]["retryable"],
        )
        assert [] == tab.reports


def test_proxy_without_its_server_is_retried_for_ever(behind: Behind) -> None:
    with behind(locations=f"location /lab/ {{ proxy_pass http://127.0.0.1:{free_port()}; }}") as tab:
        error = attempt(tab, 5)

        assert ("unavailable", "unreachable", True) == (
            error["kind"],
            error["reason"]["code"],
            error["reason"]["retryable"],
        )
        assert [] == tab.reports


def test_limit_of_connections_is_retried_after_the_time_of_the_server(behind: Behind) -> None:
    with behind(limits={"connections": 0}) as tab:
        error = attempt(tab, 1)

        assert ("unavailable", 5000) == (error["kind"], error["retryAfterMs"])
        assert {"code": "connections", "message": "too many connections", "retryable": True} == error["reason"]
        assert error["left"] > 4000


def test_page_of_an_allowed_origin_can_read_the_reason(browser: Browser, project: Project, server: Server) -> None:
    real = RealServer(project, limits={"connections": 0}, origins=[server.origin])
    real.start()
    context = browser.new_context()
    tab = Tab(context.new_page(), server)
    tab.goto()

    error = attempt(tab, 1, {"base": real.origin})

    assert "connections" == error["reason"]["code"]
    context.close()
    real.kill()


def test_page_of_a_foreign_origin_learns_nothing(browser: Browser, project: Project, server: Server) -> None:
    real = RealServer(project, limits={"connections": 0})
    real.start()
    context = browser.new_context()
    tab = Tab(context.new_page(), server)
    tab.goto()

    error = attempt(tab, 4, {"base": real.origin})

    assert ("network", None, "closed with 1006") == (error["kind"], error.get("reason"), error["message"])
    assert [] == tab.reports
    context.close()
    real.kill()


def test_reason_is_counted_anew_after_a_connection(tab: Tab, server: Server) -> None:
    tab.open()
    server.do(drop=True)
    tab.wait("log_c.filter((entry) => entry === 'open').length === 2")

    assert [] == tab.reports


def test_client_that_is_closed_meanwhile_keeps_its_state(behind: Behind) -> None:
    slow = f"location /lab/ {{ proxy_pass http://127.0.0.1:{free_port()}; }}"
    with behind(locations=slow) as tab:
        tab.make()
        tab.do(
            "window.fetch = (_, { signal }) => new Promise((_, reject) => {"
            "  window.asked = true; signal.onabort = () => reject(new Error('aborted'));"
            "})"
        )
        tab.do("c.open()")
        tab.wait("window.asked")

        tab.do("c.close()")
        tab.page.wait_for_timeout(200)

        assert ["idle", 1000] == tab.get("[c.status, c.error.code]")


@pytest.mark.parametrize(
    "header", ['proxy_set_header Sec-WebSocket-Protocol "";', "proxy_hide_header Sec-WebSocket-Protocol;"]
)
def test_subprotocol_that_a_proxy_removes_is_offered_in_the_query(behind: Behind, header: str, tmp_path: Path) -> None:
    with behind(UPGRADE + HOST + header) as tab:
        tab.open(params={"room": "a", "level": 2})

        assert tab.get("c.outdated === false")  # known from $hello only
        assert ["lab has lost its subprotocol: does a proxy remove Sec-WebSocket-Protocol?"] == tab.warnings
        assert [] == tab.reports
        assert [*["connecting", "waiting:1006"] * 2, "connecting", "open"] == tab.log
        tab.do("c.send('typing')")  # the server drops the connection
        tab.wait("log_c.filter((entry) => entry === 'open').length === 2")
        assert ["waiting:1006", "connecting", "open"] == tab.log[-3:]
        assert 1 == len(tab.warnings)
        tab.do("window.job = new Job({action: '/action'}); job.open()")  # each attempt has a URL of its own
        tab.wait("job.last.done === 42")

    paths = (tmp_path / "access.log").read_text(encoding="utf-8")
    assert "GET /lab/a?level=2&%24subprotocol=tornado-ws.1 " in paths


# Chromium fails handshakes without the subprotocol that it offers. Firefox and WebKit open them, as this class does.
LENIENT = """window.Lenient = class extends WebSocket {
	constructor(url, protocols) { super(url, ['other']); }
	get protocol() { return ''; }
};"""


def lenient(tab: Tab, options: str = "") -> None:
    """Open a client whose browser accepts a handshake without the subprotocol."""
    tab.do(f"{LENIENT} window.c = new Lab({{room: 'a'}}, {{WebSocket: Lenient, connectTimeout: 2000, {options}}})")
    tab.do("window.log_c = record(c); c.open()")


def test_browser_that_opens_without_the_subprotocol_connects_again(tab: Tab, server: Server) -> None:
    lenient(tab)
    tab.wait("log_c.length === 3")
    tab.page.wait_for_timeout(300)
    assert "connecting" == tab.get("c.status")

    hello = {"connection": "1", "contracts": [server.project.contract], "heartbeat": 25}
    server.do(raw=json.dumps({"type": "$hello", "data": hello}))
    tab.wait("c.connected")

    assert ["/lab/a", "/lab/a?%24subprotocol=tornado-ws.1"] == server.do()["paths"]
    assert ["connecting", "waiting:1001", "connecting", "open"] == tab.log
    assert 1 == len(tab.warnings)


def test_server_that_does_not_know_the_subprotocol_is_used_without_it(tab: Tab, server: Server) -> None:
    lenient(tab)

    tab.wait("c.connected")

    assert ["/lab/a", "/lab/a?%24subprotocol=tornado-ws.1", "/lab/a"] == server.do()["paths"]
    assert "x" == tab.get("c.request('echo', 'x')")
    assert [] == tab.warnings


def test_first_frame_of_a_server_without_the_subprotocol_is_received(tab: Tab, server: Server) -> None:
    lenient(tab)
    tab.wait("log_c.length === 3")
    tab.page.wait_for_timeout(300)
    server.do(raw=json.dumps({"type": "note", "data": "plain"}))

    tab.wait("c.last.note === 'plain'")

    assert 2 == server.do()["opened"]
    assert ["connecting", "waiting:1001", "connecting", "open", "<note"] == tab.log


def test_fixed_url_is_not_used_again(tab: Tab, server: Server) -> None:
    lenient(tab, "url: '/lab/elsewhere'")

    tab.wait("c.connected")

    assert ["/lab/elsewhere"] == server.do()["paths"]
