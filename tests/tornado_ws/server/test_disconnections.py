from __future__ import annotations

import asyncio
import time

import msgspec
import pytest
from tornado.httpclient import HTTPClientError

from tests.support.clock import Clock
from tests.support.lab import Echo, Lab
from tests.support.receivers import Receiver
from tornado_ws import CloseCode, Limits, WebSocketController, bearer
from tornado_ws.channels import KeptMessage, MemoryBackplane, Position
from tornado_ws.server.disconnections import HISTORY, SECONDS, USERS, Disconnection, Disconnections
from tornado_ws.validation.envelopes import SUBPROTOCOL

ROOM = {"room": "a"}
ANN = {"subprotocols": [SUBPROTOCOL, "bearer.ann"]}
BOB = {"subprotocols": [SUBPROTOCOL, "bearer.bob"]}


async def verify(token: str) -> str:
    return token


@pytest.mark.gen_test
async def test_all_connections_of_a_user_are_closed_and_no_others(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab, guards=[bearer(verify)]))

    async with (
        connect(Lab, ROOM, **ANN) as tab,
        connect(Lab, {"room": "b"}, **ANN) as phone,
        connect(Lab, ROOM, **BOB) as bob,
    ):
        await sockets.disconnect(user="ann")

        for client in (tab, phone):
            closed = await client.expect_close(CloseCode.UNAUTHORIZED)
            assert closed.reason == "signed out"
        assert await bob.request(Echo("still here")) == "still here"
    async with connect(Lab, ROOM, **ANN) as again:
        assert await again.request(Echo("signed in again")) == "signed in again"


@pytest.mark.gen_test
async def test_handshake_that_began_before_is_refused(app, sockets, connect):
    guarded, go_on = asyncio.Event(), asyncio.Event()

    async def slow(handler: Lab) -> bool:
        guarded.set()
        await go_on.wait()
        return True

    app.add_handlers(".*", sockets.persistent(Lab, guards=[bearer(verify), slow]))
    connecting = asyncio.ensure_future(connect(Lab, ROOM, **ANN).__aenter__())
    await guarded.wait()

    await sockets.disconnect(user="ann", code=4321, reason="banned")
    go_on.set()
    client = await connecting

    closed = await client.expect_close(4321)
    assert closed.reason == "banned"
    assert not sockets.connections
    await client.__aexit__(None, None, None)


@pytest.mark.gen_test
async def test_handshake_that_prepares_is_refused(app, sockets, connect):
    preparing, go_on = asyncio.Event(), asyncio.Event()

    class Prepared(Lab):
        async def prepare(self) -> None:
            self.current_user = "ann"
            preparing.set()
            await go_on.wait()

    app.add_handlers(".*", sockets.persistent(Prepared))
    connecting = asyncio.ensure_future(connect(Prepared, ROOM).__aenter__())
    await preparing.wait()

    await sockets.disconnect(user="ann")
    go_on.set()
    client = await connecting

    await client.expect_close(CloseCode.UNAUTHORIZED)
    await client.__aexit__(None, None, None)


@pytest.mark.gen_test
async def test_connections_per_user_are_limited_if_a_guard_signs_the_user_in(app, make_sockets, connect, until):
    sockets = make_sockets(limits=Limits(per_user=1))
    app.add_handlers(".*", sockets.persistent(Lab, guards=[bearer(verify)]))

    async with connect(Lab, ROOM, **ANN), connect(Lab, ROOM, **BOB):
        with pytest.raises(HTTPClientError, match="429"):
            await connect(Lab, ROOM, **ANN).__aenter__()
        assert len(sockets.context.quota) == 2
    await until(lambda: len(sockets.context.quota) == 0)
    async with connect(Lab, ROOM, **ANN):
        assert len(sockets.context.quota) == 1


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"user": None}, TypeError, "disconnect: expected user to be str, got None; the key of the user, such as"),
        ({"user": 7}, TypeError, "disconnect: expected user to be str, got int; the key of the user, such as"),
        ({"user": ""}, ValueError, "disconnect: expected the key of a user, got an empty text"),
        ({"user": "\ud800"}, ValueError, "disconnect: expected user to be text in UTF-8, got a part of a surrogate"),
        ({"user": "ann", "code": 1005}, ValueError, "expected a close code of RFC 6455"),
        ({"user": "ann", "code": "3000"}, TypeError, "expected a close code, got '3000'"),
        ({"user": "ann", "code": True}, TypeError, "expected a close code, got True"),
        ({"user": "ann", "code": 3000.0}, TypeError, "expected a close code, got 3000.0"),
        ({"user": "ann", "reason": None}, TypeError, "disconnect: expected reason to be str, got None"),
        ({"user": "ann", "reason": b"x"}, TypeError, "disconnect: expected reason to be str, got bytes"),
    ],
)
async def test_invalid_arguments_are_refused(arguments, error, text):
    sockets = WebSocketController()

    with pytest.raises(error) as refused:
        await sockets.disconnect(**arguments)

    assert str(refused.value).startswith(text)
    assert 0 == len(sockets.context.disconnections)


@pytest.mark.gen_test
async def test_long_reason_is_cut(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab, guards=[bearer(verify)]))

    async with connect(Lab, ROOM, **ANN) as ann:
        await sockets.disconnect(user="ann", reason="ü" * 500)
        closed = await ann.expect_close(CloseCode.UNAUTHORIZED)

    assert "ü" * 61 == closed.reason


@pytest.mark.gen_test
async def test_disconnections_are_noted_for_the_duration_of_a_handshake():
    clock = Clock(100.0)
    notes = Disconnections(MemoryBackplane(), clock)
    notes._backplane.attach(Receiver())
    await notes.publish("ann", 3000, "signed out")
    clock.now = 105.0
    await notes.publish("bob", 3000, "signed out")
    clock.now = 107.0
    await notes.publish("ann", 4000, "banned")

    assert str(notes.refusal("ann", 106.0)) == "banned [4000]"
    assert notes.refusal("ann", 108.0) is None
    assert notes.refusal("eve", 0.0) is None
    assert notes.refusal(None, 0.0) is None
    clock.now = 105.5 + SECONDS
    await notes.publish("eve", 3000, "")
    assert len(notes) == 2
    clock.now = 1000.0
    await notes.publish("eve", 3000, "")
    assert len(notes) == 1


def test_disconnection_of_another_process_closes_older_connections_only():
    closed: list[tuple[str, float]] = []
    clock = Clock(1000.0)
    notes = Disconnections(MemoryBackplane(), clock)
    notes.close = lambda disconnection, at: closed.append((disconnection.user, at))
    text = msgspec.json.encode(Disconnection("ann", 4000, "banned", "other"))
    sent_ten_seconds_ago = time.monotonic() + HISTORY.seconds - 10.0

    notes.receive(KeptMessage(USERS, Position("e", 1, "m"), "", text, frozenset(), sent_ten_seconds_ago))

    [(user, at)] = closed
    assert user == "ann"
    assert 989.0 < at < 991.0
