"""Features of sveltekit-websockets, one test each, and its faults, as regression tests.

Its component and helpers are tested in tests/client and tests/demo.
"""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from tornado.httpclient import HTTPClientError
from tornado.web import RequestHandler
from tornado.websocket import websocket_connect

from tests.support.clock import Clock
from tests.support.lab import Done, Echo, Job, JobTicket, Lab, LabParams, Limited, Note, Nudge, StartJob
from tornado_ws import (
    CloseCode,
    GuardRefused,
    Limits,
    Rate,
    Refusal,
    WebSocketController,
    allow_addresses,
    authenticated,
    same_session,
)
from tornado_ws.websocket import StrictWebSocketHandler

ROOM = {"room": "a"}


class IssueUrl(RequestHandler):
    """Handler that answers a POST with the one-time URL that a function issues."""

    def initialize(self, make) -> None:
        self.make = make

    def get_current_user(self):
        return self.request.headers.get("X-User")

    async def post(self) -> None:
        self.finish(await self.make(self))


class JobOfUser(Job):
    def get_current_user(self):
        return self.request.headers.get("X-User")


@pytest.fixture
def post(http_client, http_port):
    async def post(path: str, **headers: str) -> str:
        url = f"http://127.0.0.1:{http_port}{path}"
        return (await http_client.fetch(url, method="POST", body="", headers=headers)).body.decode()

    return post


# Features.


@pytest.mark.gen_test
async def test_use_issues_a_one_time_url(app, sockets, connect, post):
    make = {"make": lambda handler: sockets.use(handler, Job, JobTicket(job=7))}
    app.add_handlers(".*", [*sockets.ephemeral(Job), ("/use", IssueUrl, make)])

    url = await post("/use")

    assert url.startswith("/_/connect/")
    async with connect(Job, url=url) as client:
        assert Done(7) == await client.expect(Done)


@pytest.mark.gen_test
async def test_action_answers_the_post(app, sockets, connect, post):
    app.add_handlers(".*", [*sockets.ephemeral(Job), sockets.action(r"/jobs/(\d+)", StartJob)])

    answer = json.loads(await post("/jobs/7"))

    async with connect(Job, url=answer["url"], subprotocols=answer["protocols"]) as client:
        assert Done(7) == await client.expect(Done)


@pytest.mark.gen_test
async def test_continuous_is_a_persistent_route(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    for _ in range(2):
        async with connect(Lab, ROOM) as ann:
            assert await ann.request(Echo("a")) == "a"


@pytest.mark.gen_test
async def test_raw_is_an_unvalidated_route_on_the_same_connection_class(app, sockets, http_server, http_port):
    class Reverse(StrictWebSocketHandler):
        def on_message(self, message: str | bytes) -> None:
            self.write_message(message[::-1], binary=isinstance(message, bytes))

    app.add_handlers(".*", [sockets.unvalidated("/raw", Reverse)])

    connection = await websocket_connect(f"ws://127.0.0.1:{http_port}/raw")
    await connection.write_message(b"abc", binary=True)
    assert await connection.read_message() == b"cba"
    await connection.write_message("{no json")
    assert await connection.read_message() == "nosj on{"
    connection.close()
    await connection.read_message()


@pytest.mark.gen_test
async def test_keys_have_256_bits_and_a_time_to_live_and_are_removed(app, make_sockets, connect, post):
    clock = Clock()
    sockets = make_sockets(clock=clock)
    make = {"make": lambda handler: sockets.use(handler, Job, JobTicket(job=7))}
    app.add_handlers(".*", [*sockets.ephemeral(Job), ("/use", IssueUrl, make)])
    urls = [await post("/use") for _ in range(3)]

    assert all(re.fullmatch(r"/_/connect/long-job-[\w-]{43}", url) for url in urls)
    assert Job.endpoint.ttl == 60.0
    async with connect(Job, url=urls[0]) as client:
        await client.expect(Done)
    clock.now += 60
    for url in urls:
        async with connect(Job, url=url) as client:
            await client.expect_close(CloseCode.INVALID_TICKET)
    assert len(sockets.context.backplane.tickets) == 0


@pytest.mark.gen_test
async def test_auth_handler_is_a_guard(app, sockets, connect):
    async def has_password(handler: Lab) -> bool:
        return handler.request.headers.get("X-Password") == "open sesame"

    app.add_handlers(".*", sockets.persistent(Lab, guards=[has_password]))

    async with connect(Lab, ROOM) as ann:
        await ann.expect_close(CloseCode.FORBIDDEN)
    async with connect(Lab, ROOM, headers={"X-Password": "open sesame"}) as ann:
        assert await ann.request(Echo("a")) == "a"


@pytest.mark.gen_test
async def test_limit_is_a_limit_of_connections(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab, limits=Limits(connections=1)))

    async with connect(Lab, ROOM):
        with pytest.raises(HTTPClientError, match="503"):
            await connect(Lab, ROOM).__aenter__()


@pytest.mark.gen_test
async def test_required_params_are_the_params_of_the_schema(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab, path="/lab"))

    async with connect(Lab, url="/lab") as ann:
        closed = await ann.expect_close(CloseCode.INVALID_PARAMS)
    assert closed.reason is not None
    assert "required" in closed.reason


@pytest.mark.gen_test
async def test_timeout_is_the_idle_timeout_and_reset_timeout_is_touch(app, make_sockets, connect):
    clock = Clock()
    sockets = make_sockets(clock=clock, limits=Limits(idle_timeout=60))
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM, subprotocols=()) as ann:
        await ann.request(Echo("a"))
        (connection,) = sockets.connections
        clock.now += 59
        connection.touch()
        clock.now += 59
        sockets.context.deadlines.run_due()
        assert await ann.request(Echo("a")) == "a"
        clock.now += 60
        sockets.context.deadlines.run_due()
        await ann.expect_close(CloseCode.IDLE)


@pytest.mark.gen_test
async def test_rate_limit_is_a_rate_per_connection_and_per_message_type(app, make_sockets, connect):
    sockets = make_sockets(limits=Limits(messages=Rate(count=5, seconds=60)))
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        for number in range(3):
            await ann.send(Limited(number))
        await ann.expect_error("rate_limited")
        for _ in range(4):
            await ann.send(Nudge())
        await ann.expect_error("rate_limited")


@pytest.mark.gen_test
async def test_use_connection_keys_is_a_persistent_endpoint_with_tickets(app, sockets, connect, post):
    make = {"make": lambda handler: sockets.use(handler, Lab, LabParams(room="secret"))}
    app.add_handlers(".*", [*sockets.ticketed(Lab), ("/use", IssueUrl, make)])
    url = await post("/use")

    async with connect(Lab, url=url):
        assert sockets.connections[0].params.room == "secret"
    async with connect(Lab, url=url) as client:
        await client.expect_close(CloseCode.INVALID_TICKET)


@pytest.mark.gen_test
async def test_guards_check_user_address_and_session(app, sockets, connect, post):
    guards = [authenticated, allow_addresses("127.0.0.0/8"), same_session("sid")]
    make = {"make": lambda handler: sockets.use(handler, JobOfUser, JobTicket(job=7))}
    app.add_handlers(".*", [*sockets.ephemeral(JobOfUser, guards=guards), ("/use", IssueUrl, make)])
    headers = {"X-User": "ann", "Cookie": "sid=1"}
    url = await post("/use", **headers)

    for wrong in ({**headers, "X-User": "bob"}, {**headers, "Cookie": "sid=2"}):
        async with connect(JobOfUser, url=url, headers=wrong) as client:
            await client.expect_close(CloseCode.INVALID_TICKET)
    async with connect(JobOfUser, url=url, headers=headers) as client:
        assert Done(7) == await client.expect(Done)


@pytest.mark.gen_test
async def test_before_upgrade_is_a_guard(app, sockets, connect):
    calls: list[str] = []

    async def decide(handler: Lab) -> bool:
        calls.append(handler.params.room)
        if handler.params.room == "full":
            raise GuardRefused("the room is full", 4290)
        return True

    class Recording(Lab):
        async def on_connect(self) -> None:
            calls.append("connected")

    app.add_handlers(".*", sockets.persistent(Recording, guards=[decide]))

    async with connect(Recording, {"room": "full"}) as ann:
        assert (await ann.expect_close(4290)).reason == "the room is full"
    async with connect(Recording, ROOM) as ann:
        await ann.request(Echo("a"))
    assert calls == ["full", "a", "connected"]


@pytest.mark.gen_test
async def test_connection_has_id_params_attributes_and_times(app, sockets, connect):
    class Attributed(Lab):
        async def on_connect(self) -> None:
            self.visits = 1

    app.add_handlers(".*", sockets.persistent(Attributed))

    async with connect(Attributed, ROOM) as ann:
        await ann.request(Echo("a"))
        (connection,) = sockets.connections
        assert isinstance(connection, Attributed)
        assert ann.hello is not None
        assert connection.connection_id == ann.hello.connection
        assert connection.params.room == "a"
        assert connection.visits == 1
        assert connection.connected_at <= connection.last_activity
        assert connection.uptime > 0


@pytest.mark.gen_test
async def test_broadcast_takes_a_filter_and_send_a_connection(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, {"room": "a"}) as ann, connect(Lab, {"room": "b"}) as bob:
        assert bob.hello is not None
        await sockets.broadcast(Lab, Note("to a"), filter=lambda connection: connection.params.room == "a")
        await sockets.send_to(Lab, bob.hello.connection, Note("to bob"))

        assert Note("to a") == await ann.expect(Note)
        assert Note("to bob") == await bob.expect(Note)
        await ann.expect_nothing()


@pytest.mark.gen_test
async def test_connections_info_is_a_list_and_json(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        assert ann.hello is not None
        assert [ann.hello.connection] == [connection.connection_id for connection in sockets.connections]
        (info,) = json.loads(json.dumps(sockets.summary()))["connections"]
        assert info["id"] == ann.hello.connection


@pytest.mark.gen_test
async def test_graceful_shutdown_is_drain_terminate_is_abort_and_destroy_is_close(app, make_sockets, connect):
    drained, closed = make_sockets(), make_sockets()
    app.add_handlers(".*", [*drained.persistent(Lab), *closed.persistent(Lab, path="/other/{room}")])

    async with connect(Lab, ROOM) as ann, connect(Lab, ROOM) as bob, connect(Lab, url="/other/a") as eve:
        next(connection for connection in drained.connections if ann.is_client_of(connection)).abort()
        await ann.expect_close()
        assert await drained.drain(2.0) == 0
        await bob.expect_close(CloseCode.GOING_AWAY)
        closed.close()
        await eve.expect_close(CloseCode.GOING_AWAY)


class Observing(WebSocketController):
    events: list[str]

    def on_connect(self, connection) -> None:
        self.events.append("connect")

    def on_disconnect(self, connection, code, reason) -> None:
        self.events.append("disconnect")

    def on_error(self, connection, error) -> None:
        self.events.append("error")

    def on_refuse(self, refusal: Refusal) -> None:
        self.events.append(f"refuse {refusal.status}")


@pytest.mark.gen_test
async def test_events_are_hooks_of_the_controller(app, make_sockets, connect, caplog, until):
    class Raising(Lab):
        async def on_nudge(self) -> None:
            raise LookupError

    sockets = make_sockets(Observing, limits=Limits(handshakes=Rate(count=1, seconds=60)))
    sockets.events = []
    app.add_handlers(".*", sockets.persistent(Raising))

    async with connect(Raising, ROOM) as ann:
        await ann.send(Nudge())
        await ann.expect_error("internal")
    with pytest.raises(HTTPClientError, match="429"):
        await connect(Raising, ROOM).__aenter__()
    await until(lambda: len(sockets.events) == 4)

    assert sockets.events == ["connect", "error", "disconnect", "refuse 429"]


# Faults.


@pytest.mark.gen_test
async def test_two_urls_of_one_action_have_separate_handlers_and_tickets(app, sockets, connect, post):
    app.add_handlers(".*", [*sockets.ephemeral(Job), sockets.action(r"/jobs/(\d+)", StartJob)])
    one, two = json.loads(await post("/jobs/1"))["url"], json.loads(await post("/jobs/2"))["url"]

    async with connect(Job, url=two) as second, connect(Job, url=one) as first:
        assert Done(1) == await first.expect(Done)
        assert Done(2) == await second.expect(Done)
        assert len({id(connection) for connection in sockets.connections}) == 2


@pytest.mark.gen_test
async def test_process_survives_malformed_frames_requests_and_exceptions(
    app, sockets, connect, http_server, http_port, caplog
):
    class Raising(Lab):
        async def on_connect(self) -> None:
            if self.params.room == "raise":
                raise LookupError

    app.add_handlers(".*", sockets.persistent(Raising))
    reserved_bits = bytes([0xF1, 0x80, 0, 0, 0, 0])

    async with connect(Raising, ROOM) as ann:
        await ann._open._connection.protocol.stream.write(reserved_bits)
        await ann.expect_close()
    reader, writer = await asyncio.open_connection("127.0.0.1", http_port)
    writer.write(b"GET // HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert b"404" in await reader.readline()
    writer.close()
    async with connect(Raising, {"room": "raise"}) as ann:
        await ann.expect_close(CloseCode.INTERNAL)

    async with connect(Raising, ROOM) as ann:
        assert await ann.request(Echo("alive")) == "alive"


@pytest.mark.gen_test
async def test_refusal_has_an_http_status(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    with pytest.raises(HTTPClientError) as refused:
        await connect(Lab, ROOM, headers={"Origin": "https://evil.example"}).__aenter__()

    assert refused.value.code == 403


@pytest.mark.gen_test
async def test_origin_is_checked(app, sockets, connect, post):
    app.add_handlers(
        ".*", [*sockets.persistent(Lab), *sockets.ephemeral(Job), sockets.action(r"/jobs/(\d+)", StartJob)]
    )

    for attempt in (
        connect(Lab, ROOM, headers={"Origin": "https://evil.example"}).__aenter__(),
        post("/jobs/1", Origin="https://evil.example"),
    ):
        with pytest.raises(HTTPClientError, match="403"):
            await attempt


@pytest.mark.gen_test
async def test_limit_of_one_admits_one_client_while_guards_are_awaited(app, sockets, connect):
    async def slow(handler: Lab) -> bool:
        await asyncio.sleep(0.05)
        return True

    app.add_handlers(".*", sockets.persistent(Lab, guards=[slow], limits=Limits(connections=1)))

    results = await asyncio.gather(
        *(connect(Lab, ROOM, timeout=4).__aenter__() for _ in range(5)), return_exceptions=True
    )

    (inside,) = (result for result in results if not isinstance(result, HTTPClientError))
    await inside.__aexit__(None, None, None)


@pytest.mark.gen_test
async def test_messages_that_arrive_while_authentication_is_awaited_are_not_lost(app, sockets, http_server, http_port):
    async def slow(handler: Lab) -> bool:
        await asyncio.sleep(0.1)
        return True

    class Repeating(Lab):
        async def on_say(self, say) -> None:
            await self.send(Note(say.text))

    app.add_handlers(".*", sockets.persistent(Repeating, guards=[slow]))
    text = b'{"type":"say","data":{"text":"early"}}'
    reader, writer = await asyncio.open_connection("127.0.0.1", http_port)
    # The frame, masked with zeros, arrives in one segment with the request.
    writer.write(
        b"GET /lab/a HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        + bytes([0x81, 0x80 | len(text), 0, 0, 0, 0])
        + text
    )

    await reader.readuntil(b"\r\n\r\n")
    assert await reader.readuntil(b"}") == b'\x81\x1e{"type":"note","data":"early"}'
    writer.close()


@pytest.mark.gen_test
async def test_key_is_not_redeemed_before_authentication(app, sockets, connect, post):
    make = {"make": lambda handler: sockets.use(handler, JobOfUser, JobTicket(job=7))}
    app.add_handlers(".*", [*sockets.ephemeral(JobOfUser, guards=[authenticated]), ("/use", IssueUrl, make)])
    url = await post("/use", **{"X-User": "ann"})

    async with connect(JobOfUser, url=url) as client:
        await client.expect_close()
    async with connect(JobOfUser, url=url, headers={"X-User": "ann"}) as client:
        assert Done(7) == await client.expect(Done)


@pytest.mark.gen_test
async def test_expired_keys_are_removed(app, make_sockets, connect, post):
    clock = Clock()
    sockets = make_sockets(clock=clock, limits=Limits(tickets=1000))
    make = {"make": lambda handler: sockets.use(handler, Job, JobTicket(job=7))}
    app.add_handlers(".*", [*sockets.ephemeral(Job), ("/use", IssueUrl, make)])
    for _ in range(20):
        await post("/use")
    clock.now += 60

    tickets = sockets.context.backplane.tickets
    assert len(tickets) == 0
    assert not tickets._expiries


@pytest.mark.gen_test
async def test_message_of_99_megabytes_is_rejected_before_it_is_read(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        header = bytes([0x81, 0xFF]) + (99 * 10**6).to_bytes(8, "big") + bytes(4)
        await ann._open._connection.protocol.stream.write(header)
        await ann.expect_close()


@pytest.mark.gen_test
async def test_message_of_the_largest_size_is_accepted(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM, timeout=4) as ann:
        text = "x" * (Lab.endpoint.message_bytes - 100)
        assert await ann.request(Echo(text)) == text


def test_many_processes_can_share_one_backplane():
    from tornado_ws.channels import Backplane, TicketStore

    assert {"follow", "unfollow", "position", "publish", "recent", "missed", "local"} == Backplane.__abstractmethods__
    assert {"issue", "peek", "redeem"} == TicketStore.__abstractmethods__
