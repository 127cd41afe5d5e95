from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal

import msgspec
import pytest
from tornado.httpclient import HTTPClientError
from tornado.web import Application, RequestHandler
from tornado.websocket import websocket_connect

from tests.support.clock import Clock
from tests.support.lab import (
    Echo,
    Job,
    JobAction,
    JobHandler,
    Lab,
    LabHandler,
    LabParams,
    Line,
    Note,
    Nudge,
    Said,
    Say,
    StartJob,
)
from tornado_ws import (
    CloseCode,
    ConfigurationError,
    ConnectionClosed,
    GuardRefused,
    IncompleteHandler,
    Limits,
    Rate,
    Refusal,
    SocketHandler,
    WebSocketController,
    authenticated,
)
from tornado_ws.websocket import StrictWebSocketHandler

ROOM = {"room": "a"}


# Mounting.


def test_missing_methods_are_named_at_start_up(sockets):
    class Half(LabHandler):
        async def on_say(self, say: Line) -> None: ...

        async def on_nudge(self) -> None: ...

    name = Half.__qualname__
    with pytest.raises(TypeError, match=f"{name} lacks on_count, on_echo, on_limited"):
        sockets.persistent(Half)  # type: ignore[type-abstract]
    with pytest.raises(IncompleteHandler, match="JobHandler lacks on_stop"):
        sockets.ephemeral(JobHandler)  # type: ignore[type-abstract]
    with pytest.raises(IncompleteHandler, match="JobAction lacks make_ticket"):
        sockets.action("/", JobAction)  # type: ignore[type-abstract]


def test_an_endpoint_is_mounted_once(sockets):
    sockets.persistent(Lab)

    with pytest.raises(ConfigurationError, match="lab is mounted already"):
        sockets.persistent(Lab)


def test_what_is_not_mounted_cannot_be_reached(sockets):
    with pytest.raises(ConfigurationError, match="lab is not mounted by this controller"):
        sockets.room(Lab, "a")


@pytest.mark.parametrize("path", ["_/connect/", "/_/connect", ""])
def test_connect_path_is_a_path_between_slashes(path):
    with pytest.raises(ConfigurationError, match="connect_path: expected a path between two slashes"):
        WebSocketController(connect_path=path)


@pytest.mark.parametrize(
    "settings", [{"trusted_proxies": ["10.0.0.1"]}, {"origins": ["example.org"]}, {"trusted_proxies": ["nginx"]}]
)
def test_settings_that_cannot_decide_are_start_up_errors(settings):
    with pytest.raises(ConfigurationError):
        WebSocketController(**settings)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"connection": "fast"}, "connection: expected 'strict' or 'tornado', got 'fast'"),
        ({"limits": 5}, "limits: expected Limits or None, got 5"),
        ({"heartbeat": 20}, "heartbeat: expected Heartbeat or None, got 20"),
        ({"backplane": 1}, "backplane: expected Backplane or str or None, got 1"),
        ({"user": "id"}, "user: expected a function, got 'id'"),
        ({"clock": 1.0}, "clock: expected a function, got 1.0"),
        ({"compression": "yes"}, "compression: expected bool, got 'yes'"),
        ({"check_outgoing": None}, "check_outgoing: expected bool, got None"),
        ({"trusted_proxies": "::1"}, "trusted_proxies: expected a list, got '::1'; trusted_proxies=[…]"),
        ({"connect_path": None}, "connect_path: expected str, got None"),
    ],
)
def test_settings_of_a_wrong_kind_are_start_up_errors(settings, words):
    with pytest.raises(ConfigurationError) as refused:
        WebSocketController(**settings)

    assert words == str(refused.value)


@pytest.mark.parametrize(
    ("mount", "words"),
    [
        (
            lambda sockets: sockets.persistent(Job),
            "handler: expected PersistentHandler, got Job; mount it with sockets.ephemeral(…)",
        ),
        (
            lambda sockets: sockets.ephemeral(Lab),
            "handler: expected EphemeralHandler, got Lab; mount it with sockets.persistent(…)",
        ),
        (
            lambda sockets: sockets.ticketed(Job),
            "handler: expected PersistentHandler, got Job; mount it with sockets.ephemeral(…)",
        ),
        (
            lambda sockets: sockets.ephemeral(StartJob),
            "handler: expected EphemeralHandler, got StartJob; mount it with sockets.action(…)",
        ),
        (
            lambda sockets: sockets.action("/", Job),
            "handler: expected Action, got Job; mount it with sockets.ephemeral(…)",
        ),
        (lambda sockets: sockets.persistent("Lab"), "handler: expected a subclass of PersistentHandler, got 'Lab'"),
        (lambda sockets: sockets.persistent(Lab, limits=5), "limits: expected Limits or None, got 5"),
        (
            lambda sockets: sockets.persistent(Lab, path="/x/{y}"),
            "path: expected names among room, level, tags, got y in '/x/{y}'",
        ),
        (
            lambda sockets: sockets.action("/", StartJob),
            "endpoint: long-job is not mounted by this controller; mount its handler first",
        ),
    ],
)
def test_what_cannot_work_is_not_mounted(mount, words):
    with pytest.raises(ConfigurationError) as refused:
        mount(WebSocketController())

    assert words == str(refused.value)


@pytest.mark.parametrize("guards", [authenticated, [True]])
def test_guards_are_a_list_of_functions(guards):
    with pytest.raises(ConfigurationError, match=r"guards: expected a (list|function), got"):
        WebSocketController().persistent(Lab, guards=guards)


class Hello(RequestHandler):
    def get(self) -> None:
        self.finish("hello")


@pytest.mark.gen_test
async def test_sockets_live_beside_other_handlers(app, sockets, connect, http_client, http_port):
    app.add_handlers(".*", [("/hello", Hello), *sockets.persistent(Lab), *sockets.ephemeral(Job)])

    answer = await http_client.fetch(f"http://127.0.0.1:{http_port}/hello")

    assert answer.body == b"hello"
    async with connect(Lab, ROOM) as ann:
        assert await ann.request(Echo("a")) == "a"


@pytest.mark.gen_test
async def test_two_controllers_in_one_process_do_not_know_of_each_other(app, make_sockets, connect):
    one, two = make_sockets(), make_sockets(connect_path="/two/")
    app.add_handlers(".*", [*one.persistent(Lab), *two.persistent(Lab, path="/other/{room}")])

    async with connect(Lab, ROOM) as ann, connect(Lab, url="/other/a") as bob:
        await one.broadcast(Lab, Note("one"))
        await two.broadcast(Lab, Note("two"))

        assert Note("one") == await ann.expect(Note)
        assert Note("two") == await bob.expect(Note)
        await ann.expect_nothing()
        await bob.expect_nothing(0)
        assert len(one.connections) == len(two.connections) == 1


# Parameters.


@pytest.mark.gen_test
async def test_parameters_come_from_path_and_query_as_what_the_schema_says(app, sockets, connect):
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
        ("/lab/a?room=b", "given twice"),
        ("/lab/a?tags=%FF", "not UTF-8"),
    ],
)
async def test_parameters_that_the_schema_forbids_are_refused_so_that_a_browser_sees_it(
    app, sockets, connect, url, reason
):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, url=url) as ann:
        closed = await ann.expect_close(CloseCode.INVALID_PARAMS)

    assert closed.reason is not None
    assert reason in closed.reason
    assert "undeclared" not in closed.reason


@pytest.mark.gen_test
async def test_a_path_of_ones_own_replaces_that_of_the_schema(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab, path="/v2/lab"))

    async with connect(Lab, url="/v2/lab?room=b"):
        assert sockets.connections[0].params.room == "b"
    with pytest.raises(HTTPClientError, match="404"):
        await connect(Lab, ROOM).__aenter__()


# Who is let in.


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
        (["*"], "https://anybody.example", True),
    ],
)
async def test_foreign_pages_are_refused_before_the_upgrade(
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
        raise AssertionError("it was refused")

    async def on_disconnect(self, code: int | None, reason: str | None) -> None:
        raise AssertionError("it was refused")


@pytest.mark.gen_test
async def test_a_guard_that_refuses_closes_with_its_code_and_nothing_of_the_handler_runs(
    app, sockets, connect, caplog, until
):
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
    assert "it was refused" not in caplog.text


@pytest.mark.gen_test
async def test_guards_that_take_too_long_are_not_waited_for(app, make_sockets, connect):
    async def slow(handler: Lab) -> bool:
        await asyncio.sleep(60)
        return True

    sockets = make_sockets(limits=Limits(handshake_timeout=0.05))
    app.add_handlers(".*", sockets.persistent(Lab, guards=[slow]))

    async with connect(Lab, ROOM) as ann:
        await ann.expect_close(1013)


@pytest.mark.gen_test
async def test_a_client_that_leaves_while_guards_are_awaited_leaves_nothing(
    app, sockets, http_server, http_port, caplog, until
):
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow(handler: NeverConnected) -> bool:
        entered.set()
        await leave.wait()
        return True

    app.add_handlers(".*", sockets.persistent(NeverConnected, guards=[slow]))
    _, writer = await asyncio.open_connection("127.0.0.1", http_port)
    writer.write(
        b"GET /lab/a HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    await entered.wait()
    writer.close()
    await asyncio.sleep(0.05)
    leave.set()
    await until(lambda: not len(sockets.context.quota))

    assert not sockets.connections
    assert "it was refused" not in caplog.text


@pytest.mark.gen_test
async def test_a_limit_is_exact_also_while_guards_are_awaited(app, sockets, connect):
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
        assert await ann.request(Echo("there is room again")) == "there is room again"


class Named(Lab):
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
    app.add_handlers(".*", sockets.persistent(Named))

    async with connect(Named, ROOM, headers=inside), connect(Named, ROOM, headers=allowed):
        with pytest.raises(HTTPClientError) as error:
            await connect(Named, ROOM, headers=refused).__aenter__()
        assert error.value.code == status
        assert error.value.response is not None
        assert error.value.response.headers["Retry-After"] == "5"
    await until(lambda: not len(sockets.context.quota))
    async with connect(Named, ROOM, headers=refused):
        pass


@pytest.mark.gen_test
async def test_handshakes_of_one_address_are_limited(app, make_sockets, connect):
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
async def test_the_address_is_that_of_the_client_behind_trusted_proxies_only(app, make_sockets, connect):
    trusting = make_sockets(trusted_proxies=["127.0.0.1"], origins=["*"])
    suspicious = make_sockets()
    app.add_handlers(".*", [*trusting.persistent(Lab), *suspicious.persistent(Lab, path="/direct/{room}")])
    headers = {"X-Forwarded-For": "6.6.6.6, 1.2.3.4"}

    async with connect(Lab, ROOM, headers=headers), connect(Lab, url="/direct/a", headers=headers):
        assert trusting.connections[0].address == "1.2.3.4"
        assert suspicious.connections[0].address == "127.0.0.1"


# Reaching connections.


@pytest.mark.gen_test
async def test_a_broadcast_is_activity_of_those_who_get_it(app, make_sockets, connect):
    clock = Clock()
    sockets = make_sockets(clock=clock)
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, {"room": "a"}) as ann, connect(Lab, {"room": "b"}):
        clock.now += 5
        await sockets.room(Lab, "a").send(Note("room"))
        await ann.expect(Note)

        assert {"a": clock.now, "b": clock.now - 5} == {
            connection.params.room: connection.last_activity for connection in sockets.connections
        }


@pytest.mark.gen_test
async def test_broadcast_can_leave_out_and_choose(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, {"room": "a", "level": 1}) as ann, connect(Lab, {"room": "b", "level": 2}) as bob:
        of_bob = next(connection for connection in sockets.connections if bob.is_(connection))
        await sockets.broadcast(Lab, Note("all"))
        await sockets.broadcast(Lab, Note("not bob"), exclude=[of_bob])
        await sockets.broadcast(Lab, Note("high"), filter=lambda connection: connection.params.level > 1)
        await sockets.room(Lab, "a").send(Note("room"))
        await sockets.send_to(Lab, of_bob.connection_id, Note("bob"))
        await sockets.send_to(Lab, "nobody", Note("lost"))

        assert [Note("all"), Note("not bob"), Note("room")] == [await ann.expect(Note) for _ in range(3)]
        assert [Note("all"), Note("high"), Note("bob")] == [await bob.expect(Note) for _ in range(3)]
        await ann.expect_nothing()
        await bob.expect_nothing(0)


@pytest.mark.gen_test
async def test_rooms_know_their_members_and_who_disconnects_has_left(app, sockets, connect, until):
    lefts: list[int] = []

    class Leaving(Lab):
        async def on_nudge(self) -> None:
            await self.leave(self.params.room)
            await self.send(Note(str(len(self.room(self.params.room)))))

        async def on_disconnect(self, code: int | None, reason: str | None) -> None:
            lefts.append(len(self.room("a").members))

    app.add_handlers(".*", sockets.persistent(Leaving))

    async with connect(Leaving, ROOM) as ann, connect(Leaving, ROOM) as bob:
        await bob.request(Echo("on_connect has run"))
        assert len(sockets.room(Leaving, "a")) == 2
        assert len(sockets.room(Leaving, "b")) == 0
        await ann.send(Nudge())
        assert Note("1") == await ann.expect(Note)
    await until(lambda: len(lefts) == 2)

    assert sorted(lefts) == [0, 0] or sorted(lefts) == [0, 1]
    assert len(sockets.room(Leaving, "a")) == 0


@pytest.mark.gen_test
async def test_what_is_kept_for_those_who_come_back_goes_to_all(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    for exclude, where in (([], lambda connection: True), ([], None)):
        if where is None:
            await sockets.broadcast(Lab, Said(text="to all"), exclude=exclude)
            continue
        with pytest.raises(TypeError, match="said is kept for those who come back, so it goes to all"):
            await sockets.broadcast(Lab, Said(text="a"), exclude=exclude, filter=where)


@pytest.mark.gen_test
async def test_nobody_gets_a_broadcast_that_the_schema_forbids(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        with pytest.raises(ValueError, match="said was not sent: invalid_message"):
            await sockets.broadcast(Lab, Said(text="x" * 101))
        with pytest.raises(TypeError, match="expected one of Said, Note, Noise, Price, Confirm, got Say"):
            await sockets.broadcast(Lab, Say(text="hi"))
        await ann.expect_nothing()


class Observing(WebSocketController):
    """Notes what happens."""

    def __init__(self, **settings) -> None:
        super().__init__(**settings)
        self.seen: list[str] = []

    def on_connect(self, connection: SocketHandler) -> None:
        self.seen.append("connect")

    def on_disconnect(self, connection: SocketHandler, code: int | None, reason: str | None) -> None:
        self.seen.append(f"disconnect {code}")

    def on_error(self, connection: SocketHandler, error: Exception) -> None:
        self.seen.append(f"error {error!r}")

    def on_refuse(self, refusal: Refusal) -> None:
        self.seen.append(f"refuse {refusal.status or refusal.code} {refusal.reason}")
        raise LookupError("broken hook")


@pytest.mark.gen_test
async def test_the_controller_is_told_what_happens_and_its_own_errors_hurt_nobody(app, make_sockets, connect, caplog):
    class Raising(Lab):
        async def on_nudge(self) -> None:
            raise LookupError

    sockets = make_sockets(Observing)
    app.add_handlers(".*", sockets.persistent(Raising))

    async with connect(Raising, ROOM) as ann:
        await ann.send(Nudge())
        await ann.expect_error("internal")
        ann.close(4001)
        await ann.expect_close()
    with pytest.raises(HTTPClientError, match="403"):
        await connect(Raising, ROOM, headers={"Origin": "https://evil.example"}).__aenter__()
    async with connect(Raising, url="/lab/a?level=0") as ann:
        await ann.expect_close(CloseCode.INVALID_PARAMS)

    assert sockets.seen[:4] == ["connect", "error LookupError()", "disconnect 4001", "refuse 403 origin not allowed"]
    assert sockets.seen[4].startswith("refuse 4400 invalid parameters")
    assert "Observing.on_refuse raised" in caplog.text


@pytest.mark.gen_test
async def test_the_summary_is_json_and_holds_nothing_that_clients_sent(app, sockets, connect):
    app.add_handlers(".*", [*sockets.persistent(Lab), *sockets.ephemeral(Job)])

    async with connect(Lab, {"room": "a", "tags": ["secret"]}) as ann:
        await ann.request(Echo("secret"))
        summary = msgspec.json.decode(json.dumps(sockets.summary()))

    (connection,) = summary.pop("connections")
    assert connection.keys() == {"id", "endpoint", "address", "uptime", "idle"}
    assert (connection["endpoint"], connection["address"]) == ("lab", "127.0.0.1")
    assert 0 <= connection["idle"] <= connection["uptime"]
    assert summary["rooms"] == {"lab": {"a": 1}, "long-job": {}}
    assert summary["draining"] is False


@pytest.mark.gen_test
async def test_a_connection_knows_since_when_it_is_there(app, make_sockets, connect):
    clock = Clock()
    sockets = make_sockets(clock=clock)
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        (connection,) = sockets.connections
        clock.now += 10
        await ann.request(Echo("a"))
        clock.now += 5

        assert connection.uptime == 15
        assert connection.connected_at == clock.now - 15
        assert connection.last_activity == clock.now - 5


class Raw(StrictWebSocketHandler):
    def on_message(self, message: str | bytes) -> None:
        self.write_message(message, binary=isinstance(message, bytes))


@pytest.mark.gen_test
async def test_a_raw_handler_lives_beside_ours(app, sockets, http_server, http_port):
    app.add_handlers(".*", [sockets.unvalidated("/raw", Raw), *sockets.persistent(Lab)])

    connection = await websocket_connect(f"ws://127.0.0.1:{http_port}/raw")
    await connection.write_message(b"\x00\x01", binary=True)
    assert await connection.read_message() == b"\x00\x01"
    connection.close()
    await connection.read_message()


# Stopping.


@pytest.mark.gen_test
async def test_draining_lets_methods_finish_sends_all_away_and_lets_nobody_in(app, sockets, connect):
    begun, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Lab):
        async def on_echo(self, echo: str) -> str:
            begun.set()
            await go_on.wait()
            return echo

    app.add_handlers(".*", sockets.persistent(Slow))

    async with connect(Slow, ROOM) as ann, connect(Slow, ROOM) as bob:
        asked = asyncio.create_task(ann.request(Echo("still answered")))
        await begun.wait()
        draining = asyncio.create_task(sockets.drain(20.0, spread=3.0))
        await asyncio.sleep(0.02)
        with pytest.raises(HTTPClientError) as refused:
            await connect(Slow, ROOM).__aenter__()

        assert refused.value.code == 503
        go_on.set()
        assert await asked == "still answered"
        for client in (ann, bob):
            closed = await client.expect_close(CloseCode.GOING_AWAY)
            assert closed.reason in {f"retry after {seconds}" for seconds in range(4)}
        assert await draining == 0
        assert not sockets.connections


@pytest.mark.gen_test
async def test_draining_drops_who_stays(app, sockets, connect):
    begun, cancelled = asyncio.Event(), asyncio.Event()

    class Stubborn(Lab):
        async def on_nudge(self) -> None:
            begun.set()
            try:
                await asyncio.sleep(60)
            finally:
                cancelled.set()

    app.add_handlers(".*", sockets.persistent(Stubborn))

    async with connect(Stubborn, ROOM) as ann, connect(Stubborn, ROOM) as bob:
        await ann.send(Nudge())
        await begun.wait()

        assert await sockets.drain(1.0) == 1
        assert cancelled.is_set()
        await ann.expect_close(CloseCode.GOING_AWAY)
        await bob.expect_close(CloseCode.GOING_AWAY)


@pytest.mark.gen_test
async def test_closing_stops_at_once(app, sockets, connect, until):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        sockets.close()
        await ann.expect_close(CloseCode.GOING_AWAY)

    await until(lambda: not sockets.connections)
    assert len(sockets.context.deadlines) == 0


@pytest.mark.gen_test
async def test_a_signal_ends_serving_in_order(app, sockets, connect, http_server):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        serving = asyncio.create_task(sockets.serve_until_signal(http_server, timeout=1.0, spread=0.0))
        await asyncio.sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

        closed = await ann.expect_close(CloseCode.GOING_AWAY)
        await serving
        assert closed.reason == "retry after 0"
        with pytest.raises(OSError, match="refused"):
            await connect(Lab, ROOM).__aenter__()


def test_an_application_is_made_without_a_loop():
    sockets = WebSocketController()

    Application([*sockets.persistent(Lab), *sockets.ephemeral(Job)])
    assert sockets.summary()["connections"] == []
