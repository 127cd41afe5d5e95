from __future__ import annotations

import contextlib

import pytest
from tornado.httpclient import HTTPClientError
from tornado.web import HTTPError

from tests.support.clock import Clock
from tests.support.lab import Echo, Lab
from tornado_ws import CloseCode, GuardRefused, Limits, Rate, Refusal, WebSocketController
from tornado_ws.server.refusals import HttpRefusal
from tornado_ws.websocket.upgrade_request import UpgradeError

ROOM = {"room": "a"}
HOST = {"X-Forwarded-For": "2001:db8::1"}
STRIPPED = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"}


class Recording(WebSocketController):
    refused: list[Refusal]

    def on_refuse(self, refusal: Refusal) -> None:
        self.refused = [*getattr(self, "refused", []), refusal]


@pytest.fixture
def refusals(app, make_sockets, connect):
    """Return a function that connects as often as is allowed and once more, and returns the report of the refusal."""

    async def refuse(allowed: int = 0, guards=(), headers=None, path=ROOM, **settings) -> tuple[Refusal, ...]:
        sockets = make_sockets(Recording, clock=Clock(), **settings)
        sockets.refused = []
        app.add_handlers(".*", sockets.persistent(Lab, guards=guards))
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(allowed):
                ann = await stack.enter_async_context(connect(Lab, ROOM, headers=headers))
                assert await ann.request(Echo("a")) == "a"
            with contextlib.suppress(HTTPClientError):
                last = await stack.enter_async_context(connect(Lab, path, headers=headers))
                await last.expect_close(CloseCode.INVALID_PARAMS)
        return tuple(sockets.refused)

    return refuse


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("attempt", "cause", "status", "reason", "detail"),
    [
        (
            {"headers": {"Origin": "https://x.example"}, "origins": ["https://example.org"]},
            "origin",
            403,
            "origin not allowed",
            "origin 'https://x.example' is not in origins=['https://example.org']; the host of the request is",
        ),
        (
            {"allowed": 1, "limits": Limits(connections=1)},
            "connections",
            503,
            "too many connections",
            "too many connections: limits.connections=1",
        ),
        (
            {
                "allowed": 1,
                "limits": Limits(per_address=1),
                "headers": HOST,
                "trusted_proxies": ["127.0.0.1"],
                "origins": [],
            },
            "per_address",
            429,
            "too many connections per address",
            "too many connections per address: limits.per_address=1",
        ),
        (
            {
                "allowed": 1,
                "limits": Limits(handshakes=Rate(count=1)),
                "headers": HOST,
                "trusted_proxies": ["127.0.0.1"],
                "origins": [],
            },
            "handshakes",
            429,
            "too many handshakes",
            "too many handshakes from 2001:db8::/64: limits.handshakes=Rate(count=1, seconds=1.0)",
        ),
    ],
)
async def test_report_names_the_cause_and_the_setting_that_decides(refusals, attempt, cause, status, reason, detail):
    (refusal,) = await refusals(**attempt)

    assert (cause, status, reason) == (refusal.cause, refusal.status, refusal.reason)
    assert refusal.detail.startswith(detail)


@pytest.mark.gen_test
async def test_handshake_without_its_upgrade_is_reported_with_a_hint(app, make_sockets, http_client, http_port):
    sockets = make_sockets(Recording)
    app.add_handlers(".*", sockets.persistent(Lab))

    answer = await http_client.fetch(f"http://127.0.0.1:{http_port}/lab/a", headers=STRIPPED, raise_error=False)

    assert 426 == answer.code
    assert ["upgrade"] == [refusal.cause for refusal in sockets.refused]
    assert "nginx needs `proxy_set_header Upgrade $http_upgrade`" in sockets.refused[0].detail


@pytest.mark.gen_test
async def test_invalid_params_are_reported_as_their_own_cause(refusals):
    (refusal,) = await refusals(path={"room": "a", "level": 0})

    assert ("params", None, 4400) == (refusal.cause, refusal.status, refusal.code)


@pytest.mark.gen_test
@pytest.mark.parametrize("site", [None, "none", "same-origin", "same-site", "cross-site"])
@pytest.mark.parametrize("origin", [None, "https://example.org", "https://evil.example", "null"])
@pytest.mark.parametrize("draft", [None, "https://evil.example"])
@pytest.mark.parametrize("origins", [["*"], ["https://example.org"]])
async def test_verdict_about_the_origin_is_that_of_the_setting_alone(
    app, make_sockets, connect, origins, origin, site, draft
):
    sockets = make_sockets(origins=origins)
    app.add_handlers(".*", sockets.persistent(Lab))
    sent = {"Origin": origin, "Sec-Fetch-Site": site, "Sec-WebSocket-Origin": draft}
    headers = {name: value for name, value in sent.items() if value is not None}

    try:
        async with connect(Lab, ROOM, headers=headers):
            allowed = True
    except HTTPClientError as error:
        assert 403 == error.code
        allowed = False

    assert sockets.context.origins.allow(headers) is allowed


@pytest.mark.gen_test
async def test_close_reason_is_cut_between_characters(app, sockets, connect):
    async def refuse(handler: Lab) -> bool:
        raise GuardRefused("ü" * 100)

    app.add_handlers(".*", sockets.persistent(Lab, guards=[refuse]))

    async with connect(Lab, ROOM) as ann:
        closed = await ann.expect_close()

    assert "ü" * 61 == closed.reason


def test_refusal_of_a_request_without_a_hint_has_its_reason_as_detail():
    refusal = HttpRefusal.from_upgrade_error(UpgradeError(status=400, reason="expected a key"))

    assert ("upgrade", "expected a key", "expected a key") == (refusal.cause, refusal.reason, refusal.detail)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("status", "reason"), [(302, "Found"), (401, "Unauthorized"), (500, "Internal Server Error"), (418, "Teapot")]
)
async def test_answer_of_prepare_is_reported_once(app, make_sockets, connect, status, reason):
    class Prepared(Lab):
        def prepare(self) -> None:
            if status == 302:
                self.redirect("/login")
            elif status == 500:
                raise ZeroDivisionError
            elif status == 418:
                raise HTTPError(418, reason="Teapot")
            else:
                self.set_status(401)
                self.finish("sign in")

    Prepared.__qualname__ = "Prepared"
    sockets = make_sockets(Recording)
    app.add_handlers(".*", sockets.persistent(Prepared))

    with pytest.raises(HTTPClientError, match=str(status)):
        await connect(Prepared, ROOM).__aenter__()

    [refusal] = sockets.refused
    assert (refusal.cause, refusal.status, refusal.reason) == ("handler", status, reason)
    assert refusal.detail == f"Prepared answered with {status}, in prepare or after an error"
