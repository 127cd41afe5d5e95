from __future__ import annotations

import asyncio
import contextlib
import json
import logging

import pytest
from tornado.httpclient import HTTPClientError
from tornado.web import RequestHandler
from tornado.websocket import websocket_connect

from tests.support.clock import Clock
from tests.support.lab import Echo, Job, Lab, LabParams, Note, Say, StartJob
from tornado_ws import CloseCode, ConnectionClosed, GuardRefused, Limits, Rate

ROOM = {"room": "a"}
HANDSHAKE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


async def begin_handshake(port: int, headers: str = HANDSHAKE) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send a request, and return its connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /lab/a HTTP/1.1\r\nHost: a\r\n{headers}\r\n".encode())
    return reader, writer


@pytest.mark.gen_test
async def test_parameters_of_path_and_query_have_the_types_of_the_schema(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, url="/lab/a%20%C3%BC%2F?level=3&tags=x&tags=y"):
        assert sockets.connections[0].params == LabParams(room="a ü/", level=3, tags=["x", "y"])
    async with connect(Lab, LabParams(room="b", tags=["z"])):
        assert sockets.connections[-1].params == LabParams(room="b", level=1, tags=["z"])


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("/lab/much-too-long", "[maxLength] at /room"),
        ("/lab/a?level=0", "[minimum] at /level"),
        ("/lab/a?level=one", "/level"),
        ("/lab/a?level=1&level=2", "/level"),
        ("/lab/a?undeclared=1", "additionalProperties"),
        ("/lab/a?room=b", "duplicate name"),
        ("/lab/a?tags=%FF", "not UTF-8"),
    ],
)
async def test_invalid_parameters_are_refused_with_a_close_code(app, sockets, connect, url, reason):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, url=url) as ann:
        closed = await ann.expect_close(CloseCode.INVALID_PARAMS)

    assert closed.reason is not None
    assert reason in closed.reason
    assert "undeclared" not in closed.reason


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        (None, None, True),
        (None, "http://127.0.0.1:{port}", True),
        (None, "http://localhost:{port}", False),
        (None, "https://evil.example", False),
        (None, "null", False),
        (["https://example.org"], "https://example.org", True),
        (["https://example.org"], "http://127.0.0.1:{port}", False),
        (["*"], "https://any.example", True),
    ],
)
async def test_foreign_origins_are_refused_before_the_upgrade(
    app, make_sockets, connect, http_port, origins, origin, allowed
):
    app.add_handlers(".*", make_sockets(origins=origins).persistent(Lab))
    client = connect(Lab, ROOM, headers={} if origin is None else {"Origin": origin.format(port=http_port)})

    if allowed:
        async with client as ann:
            assert await ann.request(Echo("a")) == "a"
    else:
        with pytest.raises(HTTPClientError, match="403"):
            await client.__aenter__()


class NeverConnected(Lab):
    async def on_connect(self) -> None:
        raise AssertionError("on a refused connection")

    async def on_disconnect(self, code: int | None, reason: str | None) -> None:
        raise AssertionError("on a refused connection")


@pytest.mark.gen_test
async def test_refusal_of_a_guard_closes_with_its_code_and_runs_no_hook(app, sockets, connect, caplog, until):
    async def members_only(handler: NeverConnected) -> bool:
        if handler.params.level == 2:
            raise GuardRefused("members only " + "ü" * 100, 4123)
        return False

    app.add_handlers(".*", sockets.persistent(NeverConnected, guards=[members_only]))

    async with connect(Lab, {"room": "a", "level": 2}) as ann:
        with contextlib.suppress(ConnectionClosed):
            await ann.send(Say(text="hi"))
        closed = await ann.expect_close(4123)
        assert closed.reason is not None
        assert closed.reason.startswith("members only üüü")
    async with connect(Lab, ROOM) as ann:
        await ann.expect_close(CloseCode.FORBIDDEN)

    await until(lambda: not len(sockets.context.quota))
    assert "on a refused connection" not in caplog.text


@pytest.mark.gen_test
async def test_slow_guards_time_out(app, make_sockets, connect):
    async def slow(handler: Lab) -> bool:
        await asyncio.sleep(60)
        return True

    sockets = make_sockets(limits=Limits(handshake_timeout=0.05))
    app.add_handlers(".*", sockets.persistent(Lab, guards=[slow]))

    async with connect(Lab, ROOM) as ann:
        await ann.expect_close(1013)


@pytest.mark.gen_test
async def test_client_that_disconnects_during_guards_releases_its_quota(
    app, sockets, http_server, http_port, caplog, until
):
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow(handler: NeverConnected) -> bool:
        entered.set()
        await leave.wait()
        return True

    app.add_handlers(".*", sockets.persistent(NeverConnected, guards=[slow]))
    _, writer = await begin_handshake(http_port)
    await entered.wait()
    writer.close()
    await asyncio.sleep(0.05)
    leave.set()
    await until(lambda: not len(sockets.context.quota))

    assert not sockets.connections
    assert "on a refused connection" not in caplog.text


@pytest.mark.gen_test
async def test_quota_is_exact_while_guards_are_awaited(app, sockets, connect):
    async def slow(handler: Lab) -> bool:
        await asyncio.sleep(0.1)
        return True

    app.add_handlers(".*", sockets.persistent(Lab, guards=[slow], limits=Limits(connections=1)))
    clients = [connect(Lab, ROOM, timeout=4) for _ in range(5)]

    results = await asyncio.gather(*(client.__aenter__() for client in clients), return_exceptions=True)

    refused = [result for result in results if isinstance(result, HTTPClientError)]
    assert [error.code for error in refused] == [503] * 4
    assert len(sockets.connections) == 1
    (inside,) = (client for client, result in zip(clients, results, strict=True) if result is client)
    await inside.__aexit__(None, None, None)
    async with connect(Lab, ROOM) as ann:
        assert await ann.request(Echo("a")) == "a"


class UserFromHeader(Lab):
    def get_current_user(self):
        return self.request.headers.get("X-User")


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("limits", "inside", "refused", "allowed", "status"),
    [
        (Limits(per_user=1), {"X-User": "ann"}, {"X-User": "ann"}, {"X-User": "bob"}, 429),
        (
            Limits(per_address=1),
            {"X-Forwarded-For": "1.1.1.1"},
            {"X-Forwarded-For": "1.1.1.1"},
            {"X-Forwarded-For": "1.1.1.2"},
            429,
        ),
    ],
)
async def test_connections_per_user_and_per_address_are_limited(
    app, make_sockets, connect, limits, inside, refused, allowed, status, until
):
    sockets = make_sockets(limits=limits, trusted_proxies=["127.0.0.1"], origins=["*"])
    app.add_handlers(".*", sockets.persistent(UserFromHeader))

    async with connect(UserFromHeader, ROOM, headers=inside), connect(UserFromHeader, ROOM, headers=allowed):
        with pytest.raises(HTTPClientError) as error:
            await connect(UserFromHeader, ROOM, headers=refused).__aenter__()
        assert error.value.code == status
        assert error.value.response is not None
        assert error.value.response.headers["Retry-After"] == "5"
    await until(lambda: not len(sockets.context.quota))
    async with connect(UserFromHeader, ROOM, headers=refused):
        pass


@pytest.mark.gen_test
async def test_handshakes_per_address_are_limited(app, make_sockets, connect):
    clock = Clock()
    sockets = make_sockets(limits=Limits(handshakes=Rate(count=2, seconds=10)), clock=clock)
    app.add_handlers(".*", sockets.persistent(Lab))

    for _ in range(2):
        async with connect(Lab, ROOM):
            pass
    with pytest.raises(HTTPClientError) as error:
        await connect(Lab, ROOM).__aenter__()
    assert error.value.code == 429
    assert error.value.response is not None
    assert error.value.response.headers["Retry-After"] == "5"
    clock.now += 5
    async with connect(Lab, ROOM):
        pass


@pytest.mark.gen_test
@pytest.mark.parametrize("limits", [Limits(handshakes=None), Limits(handshakes=Rate(count=2), connections=1)])
async def test_limits_of_an_endpoint_apply_in_addition_to_those_of_the_controller(app, make_sockets, connect, limits):
    sockets = make_sockets(limits=Limits(handshakes=Rate(count=1), per_user=1), clock=Clock())
    app.add_handlers(".*", sockets.persistent(Lab, limits=limits))

    async with connect(Lab, ROOM):
        with pytest.raises(HTTPClientError, match="429"):
            await connect(Lab, ROOM).__aenter__()


@pytest.mark.gen_test
async def test_rate_of_handshakes_of_one_endpoint_is_limited(app, make_sockets, connect):
    sockets = make_sockets(clock=Clock())
    app.add_handlers(".*", sockets.persistent(Lab, limits=Limits(handshakes=Rate(count=1))))

    async with connect(Lab, ROOM):
        with pytest.raises(HTTPClientError, match="429"):
            await connect(Lab, ROOM).__aenter__()


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("query", "subprotocols", "first"),
    [
        ("?$subprotocol=tornado-ws.1", (), "$hello"),
        ("?%24subprotocol=tornado-ws.1&level=2", (), "$hello"),
        ("?$subprotocol=tornado-ws.1", ("tornado-ws.1",), "$hello"),
        ("?$subprotocol=other", (), "note"),
        ("?$subprotocol=other", ("tornado-ws.1",), "$hello"),
        ("?$subprotocol=", (), "note"),
    ],
)
async def test_query_offers_the_subprotocol_that_a_proxy_has_removed(
    app, sockets, http_server, http_port, query, subprotocols, first
):
    class Greeting(Lab):
        async def on_connect(self) -> None:
            await self.send(Note("hi"))

    app.add_handlers(".*", sockets.persistent(Greeting))
    url = f"ws://127.0.0.1:{http_port}/lab/a{query}"

    client = await websocket_connect(url, subprotocols=list(subprotocols) or None)

    frame = json.loads(await client.read_message())
    assert first == frame["type"]
    assert (subprotocols[0] if subprotocols else None) == client.selected_subprotocol
    client.close()


class Slow(Lab):
    """Handler whose ``prepare`` waits until it may go on, and signs in a user."""

    entered: int
    go_on: asyncio.Event

    async def prepare(self) -> None:
        type(self).entered += 1
        await self.go_on.wait()
        self.current_user = "ann"


@pytest.fixture
def slow() -> type[Slow]:
    return type("MySlow", (Slow,), {"entered": 0, "go_on": asyncio.Event()})


@pytest.mark.gen_test
async def test_prepare_runs_only_after_the_checks_that_need_only_the_request(
    app, make_sockets, slow, connect, http_client, http_port
):
    limits = Limits(handshakes=Rate(count=1, seconds=60))
    app.add_handlers(".*", make_sockets(origins=["https://a.example"], limits=limits).persistent(slow))
    slow.go_on.set()

    with pytest.raises(HTTPClientError, match="403"):
        await connect(slow, ROOM, headers={"Origin": "https://x.example"}).__aenter__()
    url, headers = f"http://127.0.0.1:{http_port}/lab/a", {"Sec-WebSocket-Key": "x"}
    assert 426 == (await http_client.fetch(url, headers=headers, raise_error=False)).code
    assert 0 == slow.entered
    async with connect(slow, ROOM):
        assert 1 == slow.entered
    with pytest.raises(HTTPClientError, match="429"):
        await connect(slow, ROOM).__aenter__()
    assert 1 == slow.entered


@pytest.mark.gen_test
async def test_handshakes_count_while_they_prepare(app, make_sockets, slow, connect, until):
    sockets = make_sockets(limits=Limits(connections=2))
    app.add_handlers(".*", sockets.persistent(slow))
    clients = [asyncio.ensure_future(connect(slow, ROOM, timeout=4).__aenter__()) for _ in range(2)]
    await until(lambda: 2 == slow.entered)

    with pytest.raises(HTTPClientError, match="503"):
        await connect(slow, ROOM).__aenter__()
    assert (2, 2) == (slow.entered, len(sockets.context.quota))
    slow.go_on.set()

    for client in await asyncio.gather(*clients):
        assert await client.request(Echo("a")) == "a"
        await client.__aexit__(None, None, None)
    await until(lambda: 0 == len(sockets.context.quota))


@pytest.mark.gen_test
async def test_quota_of_a_user_that_prepare_signs_in_is_exact(app, make_sockets, slow, connect):
    app.add_handlers(".*", make_sockets(limits=Limits(per_user=1)).persistent(slow))
    slow.go_on.set()

    async with connect(slow, ROOM):
        with pytest.raises(HTTPClientError, match="429"):
            await connect(slow, ROOM).__aenter__()


@pytest.mark.gen_test
async def test_slow_prepare_times_out_with_the_guards(app, make_sockets, slow, connect, until, caplog):
    caplog.set_level(logging.INFO)
    sockets = make_sockets(limits=Limits(handshake_timeout=0.05))
    app.add_handlers(".*", sockets.persistent(slow))

    async with connect(slow, ROOM) as ann:
        closed = await ann.expect_close(CloseCode.TRY_AGAIN_LATER)

    assert "prepare took too long" == closed.reason
    assert "prepare took too long: limits.handshake_timeout=0.05 [1013]" in caplog.text
    await until(lambda: 0 == len(sockets.context.quota))


@pytest.mark.gen_test
async def test_client_that_disconnects_during_prepare_releases_its_quota(app, sockets, slow, connect, http_port, until):
    app.add_handlers(".*", sockets.persistent(slow))
    _, writer = await begin_handshake(http_port)
    await until(lambda: 1 == slow.entered)
    writer.close()
    await until(lambda: 0 == len(sockets.context.quota))
    slow.go_on.set()
    await until(lambda: 0 == len(sockets.context.pending_handshakes))

    assert 0 == len(sockets.context.quota)
    assert not sockets.connections


@pytest.mark.gen_test
@pytest.mark.parametrize("upgrade", [True, False])
async def test_disconnect_cancels_prepare_and_counts_until_it_has_ended(
    app, sockets, http_server, http_port, until, caplog, upgrade
):
    log: list[str] = []
    go_on = asyncio.Event()

    class Cancelled(Lab):
        async def prepare(self) -> None:
            log.append("prepare")
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                log.append("cancelled")
                await go_on.wait()
            log.append("suppressed")

    async def guard(handler: Lab) -> bool:
        log.append("guard")
        return True

    app.add_handlers(".*", sockets.persistent(Cancelled, guards=[guard]))
    _, writer = await begin_handshake(http_port, HANDSHAKE if upgrade else "")
    await until(lambda: ["prepare"] == log)
    writer.close()

    await until(lambda: ["prepare", "cancelled"] == log)
    assert 1 == len(sockets.context.quota)
    go_on.set()
    await until(lambda: 0 == len(sockets.context.pending_handshakes))

    assert ["prepare", "cancelled", "suppressed"] == log
    assert 0 == len(sockets.context.quota)
    assert [] == [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.gen_test
async def test_disconnect_cancels_a_guard(app, make_sockets, http_server, http_port, until):
    sockets = make_sockets(limits=Limits(handshake_timeout=60))
    log: list[str] = []

    async def guard(handler: Lab) -> bool:
        log.append("guard")
        try:
            await asyncio.sleep(60)
            return True
        finally:
            log.append("ended")

    app.add_handlers(".*", sockets.persistent(Lab, guards=[guard]))
    _, writer = await begin_handshake(http_port)
    await until(lambda: ["guard"] == log)
    writer.close()

    await until(lambda: ["guard", "ended"] == log)
    await until(lambda: 0 == len(sockets.context.quota))


@pytest.mark.gen_test
async def test_prepare_that_suppresses_its_cancellation_is_not_admitted(app, make_sockets, connect):
    guarded: list[Lab] = []

    class Stubborn(Lab):
        async def prepare(self) -> None:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(60)

    async def guard(handler: Lab) -> bool:
        guarded.append(handler)
        return True

    sockets = make_sockets(limits=Limits(handshake_timeout=0.05))
    app.add_handlers(".*", sockets.persistent(Stubborn, guards=[guard]))

    async with connect(Stubborn, ROOM) as ann:
        assert "prepare took too long" == (await ann.expect_close(CloseCode.TRY_AGAIN_LATER)).reason
    assert [] == guarded


@pytest.mark.gen_test
async def test_guard_that_suppresses_its_cancellation_redeems_no_ticket(
    app, make_sockets, connect, http_client, http_port, until
):
    async def stubborn(handler: Job) -> bool:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        return True

    sockets = make_sockets(limits=Limits(handshake_timeout=0.05))
    app.add_handlers(".*", [*sockets.ephemeral(Job, guards=[stubborn]), sockets.action("/jobs/(.+)", StartJob)])
    answer = await http_client.fetch(f"http://127.0.0.1:{http_port}/jobs/7", method="POST", body="")
    url = json.loads(answer.body)["url"]

    for _ in range(2):
        async with connect(Job, url=url) as ann:
            assert "the guards took too long" == (await ann.expect_close(CloseCode.TRY_AGAIN_LATER)).reason


@pytest.mark.gen_test
@pytest.mark.parametrize("in_guard", [False, True])
@pytest.mark.parametrize("flushed", [False, True])
async def test_response_that_the_application_has_begun_is_ended_and_not_admitted(
    app, sockets, http_server, http_port, until, caplog, in_guard, flushed
):
    caplog.set_level(logging.INFO)

    async def answer(handler: Lab) -> bool:
        handler.write("a")
        if flushed:
            await handler.flush()
        return True

    class Preparing(Lab):
        async def prepare(self) -> None:
            if not in_guard:
                await answer(self)

    app.add_handlers(".*", sockets.persistent(Preparing, guards=[answer] if in_guard else []))
    reader, writer = await begin_handshake(http_port)
    response = await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n" if flushed else b"\r\n\r\na"), 5)
    writer.close()

    assert response.startswith(b"HTTP/1.1 200 OK")
    assert "answered with 200, in prepare or after an error [200]" in caplog.text
    assert {"handler": 1} == {cause: n for cause, n in sockets.summary()["endpoints"]["lab"]["handshakes"].items() if n}
    await until(lambda: 0 == len(sockets.context.quota))


@pytest.mark.gen_test
async def test_shutdown_ends_prepare(app, sockets, slow, connect, until):
    app.add_handlers(".*", sockets.persistent(slow))
    client = asyncio.ensure_future(connect(slow, ROOM, timeout=4).__aenter__())
    await until(lambda: 1 == slow.entered)

    await sockets.drain(timeout=1)

    with pytest.raises(HTTPClientError, match="503"):
        await client


@pytest.mark.gen_test
@pytest.mark.parametrize("error", [TimeoutError, LookupError, asyncio.CancelledError])
async def test_prepare_that_raises_is_an_error_of_the_server(app, sockets, connect, until, error):
    class Raising(Lab):
        async def prepare(self) -> None:
            raise error

    app.add_handlers(".*", sockets.persistent(Raising))

    with pytest.raises(HTTPClientError, match="500"):
        await connect(Raising, ROOM).__aenter__()

    await until(lambda: 0 == len(sockets.context.quota))


@pytest.mark.gen_test
@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
async def test_other_methods_are_refused_before_prepare(app, sockets, http_client, http_port, method):
    class Preparing(Lab):
        def prepare(self) -> None:
            raise AssertionError

    app.add_handlers(".*", sockets.persistent(Preparing))

    url = f"http://127.0.0.1:{http_port}/lab/a"
    answer = await http_client.fetch(
        url, method=method, body="" if method == "POST" else None, raise_error=False, allow_nonstandard_methods=True
    )

    assert 405 == answer.code


@pytest.mark.gen_test
async def test_method_of_the_application_is_that_of_any_handler(app, sockets, http_client, http_port):
    class Answering(RequestHandler):
        def prepare(self) -> None:
            self.set_header("X-Prepared", "yes")

        def options(self, room: str) -> None:
            self.write(room)

    app.add_handlers(".*", sockets.persistent(type("Mine", (Answering, Lab), {})))

    answer = await http_client.fetch(f"http://127.0.0.1:{http_port}/lab/a", method="OPTIONS")

    assert (b"a", "yes") == (answer.body, answer.headers["X-Prepared"])


@pytest.mark.gen_test
async def test_path_that_is_not_utf8_is_refused(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    with pytest.raises(HTTPClientError, match="400"):
        await connect(Lab, url="/lab/%FF").__aenter__()
