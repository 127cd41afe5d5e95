"""Tickets: a POST request for a one-time URL before each attempt."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import BACKOFF, Tab
from .project import RealServer, Server

pytestmark = pytest.mark.browser


def make(tab: Tab, **options: Any) -> None:
    given = {"action": "/action", "backoff": BACKOFF, **options}
    tab.do(f"window.c = new Job({json.dumps(given)}); window.log_c = record(c); c.open()")


@pytest.mark.parametrize("action", ["/action", "/action?plain=1"])
@pytest.mark.parametrize("protocols", [None, ["tornado-ws.1"], ["other", "tornado-ws.1"]])
def test_both_formats_of_a_ticket_lead_to_a_connection(
    tab: Tab, server: Server, action: str, protocols: list[str] | None
) -> None:
    server.do(ticket_protocols=protocols)
    make(tab, action=action)
    tab.wait("c.connected")

    state = server.do(raw='{"type": "done", "data": 7}')
    tab.wait("c.last.done === 7")

    assert state["paths"][0].startswith("/_/connect/")
    headers = state["headers"]
    assert ["application/json", "true"] == [headers["accept"], headers["x-sveltekit-action"]]
    assert headers["content-type"].startswith("multipart/form-data")


def test_every_attempt_requests_a_ticket(tab: Tab, server: Server) -> None:
    make(tab)
    tab.wait("c.connected")

    server.do(close=[1012])
    tab.wait("log_c.filter((entry) => entry === 'open').length === 2")

    state = server.do()
    assert 2 == state["tickets"]
    assert 2 == len(set(state["paths"]))


def test_clients_of_one_action_do_not_share_a_connection(tab: Tab, server: Server) -> None:
    tab.do(
        """window.one = new Job({action: '/action'}); window.two = new Job({action: '/action'});
        one.open(); two.open()"""
    )
    tab.wait("one.connected && two.connected")

    state = server.do()
    assert [2, 2] == [state["tickets"], state["online"]]


def test_init_sets_headers_and_body_of_the_post(tab: Tab, server: Server) -> None:
    make(tab, init={"headers": {"x-token": "secret"}, "body": "room=1"})
    tab.wait("c.connected")

    headers = server.do()["headers"]
    assert ["secret", "application/json", "true"] == [
        headers["x-token"],
        headers["accept"],
        headers["x-sveltekit-action"],
    ]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_rejected_ticket_request_is_final(tab: Tab, server: Server, status: int) -> None:
    server.do(ticket_status=status)
    make(tab)
    tab.wait("c.status === 'closed'")
    server.do(ticket_status=200)
    tab.page.wait_for_timeout(300)

    assert [status, f"no ticket: {status}"] == tab.get("[c.error.code, c.error.message]")
    assert 1 == server.do()["tickets"]
    tab.do("c.open()")
    tab.wait("c.connected")


@pytest.mark.parametrize(
    ("status", "response"),
    [
        (403, '{"message": "this room is not yours"}'),
        (200, '{"type": "failure", "status": 403, "data": "[{\\"message\\":1},\\"this room is not yours\\"]"}'),
        (403, '{"type": "error", "error": {"message": "this room is not yours"}}'),
    ],
)
def test_message_of_a_final_rejection_reaches_the_page(tab: Tab, server: Server, status: int, response: str) -> None:
    server.do(ticket_status=status, ticket_response=response)
    make(tab)

    tab.wait("c.status === 'closed'")

    assert [403, "this room is not yours"] == tab.get("[c.error.code, c.error.message]")


def test_message_of_a_temporary_rejection_reaches_the_page(tab: Tab, server: Server) -> None:
    data = '[{\\"message\\":1},\\"expected at most 32 unused one-time URLs\\"]'
    server.do(ticket_status=429, ticket_response=f'{{"type": "failure", "status": 429, "data": "{data}"}}')
    make(tab)

    tab.wait("c.attempt >= 1 && c.error")

    assert [429, "expected at most 32 unused one-time URLs"] == tab.get("[c.error.code, c.error.message]")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_ticket_request_is_repeated_after_a_temporary_error(tab: Tab, server: Server, status: int) -> None:
    server.do(ticket_status=status)
    make(tab)
    tab.wait(f"log_c.includes('waiting:{status}')")

    server.do(ticket_status=200)

    tab.wait("c.connected")


@pytest.mark.parametrize(
    ("response", "code"),
    [
        ({"type": "failure", "status": 403, "data": "[]"}, 403),
        ({"type": "redirect", "status": 303, "location": "/login"}, 303),
    ],
)
def test_rejection_of_a_form_action_is_final(tab: Tab, server: Server, response: dict[str, Any], code: int) -> None:
    server.do(ticket_response=json.dumps(response))
    make(tab)

    tab.wait("c.status === 'closed'")

    assert code == tab.get("c.error.code")


@pytest.mark.parametrize(
    "response",
    [
        *(
            "<html>sign in</html>",
            "{}",
            "null",
            "[1]",
            "7",
            '"text"',
            '{"data": "[]"}',
            '{"data": "[1]"}',
            '{"data": "null"}',
        ),
        *('{"data": "{"}', '{"data": 7}', '{"url": null}', '{"url": 7}', '{"url": ""}', '{"url": "http://["}'),
        *('{"url": "/bad", "protocols": 7}', '{"url": "/bad", "protocols": [7]}', '{"type": "success", "status": 204}'),
    ],
)
def test_answer_without_a_url_is_final(tab: Tab, server: Server, response: str) -> None:
    server.do(ticket_response=response)
    make(tab)
    tab.wait("c.status === 'closed'")
    server.do(ticket_response="")
    tab.page.wait_for_timeout(100)

    status = 204 if "204" in response else 200
    assert ["SocketError", "bad-answer", status] == tab.get("[c.error.name, c.error.kind, c.error.code]")
    assert [1, []] == [server.do()[name] for name in ("tickets", "paths")]
    tab.do("c.open()")
    tab.wait("c.connected")


@pytest.mark.parametrize("target", ["/login", "http://localhost:1/login"])
def test_redirect_to_a_login_page_is_final(tab: Tab, server: Server, target: str) -> None:
    server.do(redirect=target)
    make(tab)
    tab.wait("c.status === 'closed'")

    assert ["bad-answer", 303] == tab.get("[c.error.kind, c.error.code]")
    assert [1, []] == [server.do()[name] for name in ("tickets", "paths")]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ({"ticket_status": 403}, "refused"),
        ({"ticket_status": 503}, "unavailable"),
        ({"ticket_response": '{"type": "redirect", "status": 303, "location": "/login"}'}, "bad-answer"),
        ({"ticket_response": '{"url": "ftp://example.org"}'}, "invalid"),
    ],
)
def test_error_of_a_ticket_request_has_a_kind(tab: Tab, server: Server, state: dict[str, Any], kind: str) -> None:
    server.do(**state)
    make(tab)
    tab.wait("c.error")

    assert kind == tab.get("c.error.kind")


def test_unreachable_action_is_an_error_of_the_network(tab: Tab) -> None:
    make(tab, action="http://127.0.0.1:1/")
    tab.wait("log_c.includes('waiting:1006')")

    assert "network" == tab.get("c.error.kind")


def test_retry_after_is_respected(tab: Tab, server: Server) -> None:
    server.do(ticket_status=503, retry_after="5")
    make(tab)
    tab.wait("c.status === 'waiting'")
    server.do(ticket_status=200, retry_after="")

    assert 1000 < tab.get("c.retryAt - Date.now()") < 5300
    tab.wait("c.connected")


def test_unknown_ticket_is_final(tab: Tab) -> None:
    tab.do("window.c = new Job({url: '/_/connect/unknown'}); c.open()")

    tab.wait("c.status === 'closed'")

    assert 4404 == tab.get("c.error.code")


def test_persistent_endpoint_may_require_a_ticket(tab: Tab, server: Server) -> None:
    tab.do("window.c = new Lab({room: 'a'}, {ticket: fromAction('/action')}); c.open()")
    tab.wait("c.connected")

    assert server.do()["paths"][0].startswith("/_/connect/")


def test_action_of_another_origin_answers_its_allowed_pages(tab: Tab, server: Server) -> None:
    real = RealServer(server.project, origins=[server.origin])
    real.start()

    tab.do(f"window.c = new Job({{action: '{real.origin}/action'}}); c.open()")
    tab.wait("c.last.done === 42")
    tab.do("c.close()")
    real.kill()
