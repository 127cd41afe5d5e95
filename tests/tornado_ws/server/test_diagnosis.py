from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse
from tornado.web import Finish, HTTPError

from tests.support.clock import Clock
from tests.support.lab import Done, Echo, Job, Lab, StartJob
from tornado_ws import BackplaneDown, GuardRefused, Limits, Rate, Refusal, WebSocketController

pytestmark = pytest.mark.gen_test

ROOM = {"room": "a"}
PAGE = "https://example.org"
Ask = Callable[..., Awaitable[HTTPResponse]]


@pytest.fixture
def ask(http_client, http_port) -> Ask:
    """Return a function that requests a URL, as a page does after a failed handshake."""

    async def ask(path: str = "/lab/a", **headers: str) -> HTTPResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await http_client.fetch(f"http://127.0.0.1:{http_port}{path}", headers=sent, raise_error=False)

    return ask


def reason(answer: HTTPResponse) -> dict[str, Any]:
    assert 426 == answer.code
    assert "application/json" == answer.headers["Content-Type"]
    assert "no-store" == answer.headers["Cache-Control"]
    assert "Upgrade" not in answer.headers  # nginx would pass it on to clients with HTTP/2
    found: dict[str, Any] = json.loads(answer.body)
    return found


async def test_request_without_a_fault_has_lost_its_upgrade(app, sockets, ask):
    app.add_handlers(".*", sockets.persistent(Lab))

    found = reason(await ask())

    assert ("upgrade", False) == (found["code"], found["retryable"])
    assert "a proxy in between must pass on the headers Upgrade and Connection" in found["message"]


async def test_page_of_an_allowed_origin_can_read_the_reason(app, make_sockets, ask):
    app.add_handlers(".*", make_sockets(origins=[PAGE, "null"]).persistent(Lab))

    for origin in (PAGE, "null"):
        answer = await ask(Origin=origin)

        assert "upgrade" == reason(answer)["code"]
        assert origin == answer.headers["Access-Control-Allow-Origin"]
        assert "true" == answer.headers["Access-Control-Allow-Credentials"]
        assert "Origin" == answer.headers["Vary"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://evil.example", "Referer": f"{PAGE}/"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site", "Referer": f"{PAGE}/"},
    ],
)
@pytest.mark.parametrize("draining", [False, True])
async def test_page_of_a_foreign_origin_learns_nothing(app, make_sockets, ask, headers, draining):
    sockets = make_sockets(origins=[PAGE])
    app.add_handlers(".*", sockets.persistent(Lab))
    sockets.context.draining = draining

    answer = await ask(**headers)

    assert (403, b"origin not allowed") == (answer.code, answer.body)
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize("site", [{}, {"Sec_Fetch_Site": "same-origin"}])
async def test_page_whose_host_the_proxy_has_changed_learns_that_its_origin_is_refused(app, sockets, ask, site):
    app.add_handlers(".*", sockets.persistent(Lab))

    answer = await ask(Host="app.internal", Referer="https://www.example.org/", **site)

    found = reason(answer)
    assert ("origin", False) == (found["code"], found["retryable"])
    assert "app.internal" not in found["message"]
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "upgrade" == reason(await ask(Host="www.example.org", Referer="https://www.example.org/", **site))["code"]


@pytest.mark.parametrize("referer", ["", "x", "https://", "about:client", "https://[::1"])
async def test_malformed_referer_is_not_an_allowed_page(app, sockets, ask, referer):
    app.add_handlers(".*", sockets.persistent(Lab))

    assert "origin" == reason(await ask(Referer=referer))["code"]


async def test_draining_server_asks_for_patience(app, sockets, ask):
    app.add_handlers(".*", sockets.persistent(Lab))
    sockets.context.draining = True

    answer = await ask()

    assert "1" == answer.headers["Retry-After"]
    assert {
        "code": "draining",
        "message": "the server is shutting down",
        "retryable": True,
        "retryAfterMs": 1000,
    } == reason(answer)


@pytest.mark.parametrize(
    ("limits", "code"), [(Limits(connections=1), "connections"), (Limits(per_address=1), "per_address")]
)
async def test_full_server_names_the_limit_and_counts_nothing(app, make_sockets, connect, ask, until, limits, code):
    sockets = make_sockets(limits=limits)
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        assert await ann.request(Echo("a")) == "a"
        for _ in range(3):
            found = reason(await ask())
            assert (code, True, 5000) == (found["code"], found["retryable"], found["retryAfterMs"])
    await until(lambda: not len(sockets.context.quota))

    assert "upgrade" == reason(await ask())["code"]
    assert not len(sockets.context.quota)
    async with connect(Lab, ROOM):
        pass


async def test_rate_of_handshakes_is_diagnosed_without_changing_it(app, make_sockets, connect, ask):
    clock = Clock()
    app.add_handlers(
        ".*", make_sockets(limits=Limits(handshakes=Rate(count=2, seconds=10)), clock=clock).persistent(Lab)
    )
    for _ in range(2):
        async with connect(Lab, ROOM):
            pass

    found = reason(await ask())
    assert ("handshakes", 5000) == (found["code"], found["retryAfterMs"])
    clock.now += 5

    assert "upgrade" == reason(await ask())["code"]
    async with connect(Lab, ROOM):
        pass


async def test_requests_for_a_reason_have_the_rate_of_handshakes(app, make_sockets, connect, ask):
    clock = Clock()
    app.add_handlers(
        ".*", make_sockets(limits=Limits(handshakes=Rate(count=2, seconds=10)), clock=clock).persistent(Lab)
    )

    codes = [reason(await ask())["code"] for _ in range(3)]

    assert ["upgrade", "upgrade", "handshakes"] == codes
    async with connect(Lab, ROOM):
        pass


async def test_rate_can_be_unlimited(app, make_sockets, ask):
    app.add_handlers(".*", make_sockets(limits=Limits(handshakes=None)).persistent(Lab))

    assert "upgrade" == reason(await ask())["code"]


async def test_guards_do_not_run_and_tickets_stay_valid(app, sockets, connect, ask, http_client, http_port, caplog):
    calls: list[Job] = []

    async def guard(handler: Job) -> bool:
        calls.append(handler)
        return True

    app.add_handlers(".*", [*sockets.ephemeral(Job, guards=[guard]), sockets.action("/jobs/(.+)", StartJob)])
    issued = await http_client.fetch(f"http://127.0.0.1:{http_port}/jobs/7", method="POST", body="")
    url = json.loads(issued.body)["url"]

    assert "upgrade" == reason(await ask(url))["code"]
    assert [] == calls
    assert url[-20:] not in caplog.text
    async with connect(Job, url=url) as client:
        assert Done(7) == await client.expect(Done)


async def test_reason_is_not_reported_as_a_refused_handshake(app, make_sockets, ask):
    class Recording(WebSocketController):
        def on_refuse(self, refusal: Refusal) -> None:
            raise AssertionError(refusal)

    app.add_handlers(".*", make_sockets(Recording, limits=Limits(connections=0)).persistent(Lab))

    assert "connections" == reason(await ask())["code"]


async def test_slow_prepare_is_diagnosed_and_counts(app, make_sockets, ask, until):
    entered: list[str] = []

    class Slow(Lab):
        async def prepare(self) -> None:
            entered.append(self.address)
            await asyncio.sleep(60)

    sockets = make_sockets(limits=Limits(connections=1, handshake_timeout=2.0))
    app.add_handlers(".*", sockets.persistent(Slow))
    first = asyncio.ensure_future(ask())
    await until(lambda: bool(entered))

    assert "connections" == reason(await ask())["code"]
    found = reason(await first)
    assert ("handler", "prepare took too long", True) == (found["code"], found["message"], found["retryable"])
    assert 1 == len(entered)
    assert 0 == len(sockets.context.quota)


async def test_prepare_that_suppresses_its_cancellation_is_too_slow(app, make_sockets, ask):
    class Stubborn(Lab):
        async def prepare(self) -> None:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(60)

    app.add_handlers(".*", make_sockets(limits=Limits(handshake_timeout=0.05)).persistent(Stubborn))

    assert "prepare took too long" == reason(await ask())["message"]


@pytest.mark.parametrize("error", [GuardRefused("no", 4001), BackplaneDown("no")])
async def test_close_code_of_prepare_would_have_reached_the_page(app, sockets, connect, ask, caplog, error):
    class Refusing(Lab):
        async def prepare(self) -> None:
            raise error

    app.add_handlers(".*", sockets.persistent(Refusing))

    assert "upgrade" == reason(await ask())["code"]
    assert [] == [record for record in caplog.records if record.levelno >= logging.ERROR]
    async with connect(Refusing, ROOM) as ann:
        await ann.expect_close(4001 if isinstance(error, GuardRefused) else 1013)


async def test_foreign_page_does_not_reach_prepare(app, make_sockets, ask):
    class Preparing(Lab):
        def prepare(self) -> None:
            raise AssertionError

    app.add_handlers(".*", make_sockets(origins=[PAGE]).persistent(Preparing))

    assert 403 == (await ask(Origin="https://evil.example")).code


async def test_user_that_prepare_signs_in_is_diagnosed(app, make_sockets, connect, ask):
    class Preparing(Lab):
        async def prepare(self) -> None:
            self.current_user = "ann"

    app.add_handlers(".*", make_sockets(limits=Limits(per_user=1)).persistent(Preparing))

    async with connect(Preparing, ROOM):
        assert "per_user" == reason(await ask())["code"]


async def test_answer_of_prepare_is_that_of_the_request(app, sockets, ask):
    class Preparing(Lab):
        async def prepare(self) -> None:
            self.send_error(418)

    app.add_handlers(".*", sockets.persistent(Preparing))

    assert 418 == (await ask()).code


async def test_shutdown_ends_prepare(app, sockets, ask, until):
    class Slow(Lab):
        async def prepare(self) -> None:
            await asyncio.sleep(60)

    app.add_handlers(".*", sockets.persistent(Slow))
    answer = asyncio.ensure_future(ask())
    await until(lambda: 1 == len(sockets.context.pending_handshakes))

    await sockets.drain(timeout=1)

    assert "draining" == reason(await answer)["code"]


@pytest.mark.parametrize("error", [RuntimeError, TimeoutError, asyncio.CancelledError])
@pytest.mark.parametrize("method", ["prepare", "get_current_user"])
async def test_application_that_raises_is_an_error_of_the_server(app, make_sockets, ask, caplog, method, error):
    def fail(self: Lab) -> None:
        raise error

    async def fail_later(self: Lab) -> None:
        await asyncio.sleep(0)
        raise error

    sockets = make_sockets(origins=[PAGE])
    raising = type("Raising", (Lab,), {method: fail_later if method == "prepare" else fail})
    app.add_handlers(".*", sockets.persistent(raising))

    answer = await ask(Origin=PAGE)

    assert {
        "code": "internal",
        "message": "the server failed; its log has the traceback",
        "retryable": True,
        "retryAfterMs": 5000,
    } == reason(answer)
    assert PAGE == answer.headers["Access-Control-Allow-Origin"]
    assert "Uncaught exception GET /lab/a" in caplog.text
    assert error.__name__ in caplog.text
    assert 0 == len(sockets.context.quota)


async def test_user_function_that_raises_is_an_error_of_the_server(app, make_sockets, ask, caplog):
    def user(current: object) -> str:
        raise KeyError(current)

    class Signed(Lab):
        def get_current_user(self) -> str:
            return "ann"

    app.add_handlers(".*", make_sockets(user=user).persistent(Signed))

    assert "internal" == reason(await ask())["code"]
    assert "KeyError: 'ann'" in caplog.text


@pytest.mark.parametrize(("error", "status"), [(HTTPError(403), 403), (Finish(), 200)])
async def test_prepare_that_raises_an_answer_is_answered_with_it(app, sockets, ask, error, status):
    class Answering(Lab):
        def prepare(self) -> None:
            raise error

    app.add_handlers(".*", sockets.persistent(Answering))

    assert status == (await ask()).code


@pytest.mark.parametrize("ends", [False, True])
async def test_response_of_a_prepare_that_raises_afterwards_is_one_response(app, sockets, ask, caplog, ends):
    class Raising(Lab):
        def prepare(self) -> None:
            self.set_header("X-Own", "1")
            self.finish("own") if ends else self.write("own")
            raise KeyError("after the response")

    app.add_handlers(".*", sockets.persistent(Raising))

    answer = await ask()

    if ends:
        assert (200, b"own") == (answer.code, answer.body)
    else:
        assert "internal" == reason(answer)["code"]
        assert "X-Own" not in answer.headers
    assert 1 == caplog.text.count("KeyError: 'after the response'")
