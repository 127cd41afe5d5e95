from __future__ import annotations

import asyncio
import gc
import socket
import struct
import weakref
from contextlib import AsyncExitStack

import pytest
from tornado.httputil import HTTPServerRequest, RequestStartLine
from tornado.web import Application, RequestHandler

from tests.support.clock import Clock
from tests.support.lab import Confirm, Count, CountingLab, Echo, Lab, Note, Nudge, Said, Say
from tests.support.peer import handshake_request
from tornado_ws import ConfigurationError, InvalidMessage, SocketHandler
from tornado_ws.server.handshake_handler import HandshakeHandler

ROOM = {"room": "a"}


@pytest.mark.gen_test
async def test_a_message_calls_its_method_which_can_send_to_a_room(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann, connect(Lab, ROOM) as bob, connect(Lab, {"room": "b"}) as eve:
        await ann.send(Say(text="hi"))

        assert Said(text="hi") == await ann.expect(Said)
        assert Said(text="hi") == await bob.expect(Said)
        await eve.expect_nothing()


def test_handler_without_a_controller_is_refused_with_a_hint():
    request = HTTPServerRequest(start_line=RequestStartLine("GET", "/lab/a", "HTTP/1.0"))

    with pytest.raises(ConfigurationError, match=r"not mounted by a controller; add \*sockets\.persistent\(Lab\)"):
        Lab(Application(), request)


@pytest.mark.gen_test
async def test_invalid_messages_are_not_sent(app, sockets, connect):
    raised: list[Exception] = []

    class Wrong(Lab):
        async def on_nudge(self) -> None:
            for message in (Said(text="x" * 101), Say(text="not the server's"), Confirm("a request")):
                try:
                    await self.send(message)  # type: ignore[arg-type]
                except Exception as error:
                    raised.append(error)
            await self.send(Note("done"))

    app.add_handlers(".*", sockets.persistent(Wrong))

    async with connect(Wrong, ROOM) as ann:
        await ann.send(Nudge())
        await ann.expect(Note)
        await ann.expect_nothing()

    invalid, unknown, request = raised
    assert isinstance(invalid, InvalidMessage)
    assert (invalid.pointer, invalid.keyword) == ("/text", "maxLength")
    assert str(unknown) == "expected one of Said, Note, Noise, Price, Confirm, got Say"
    assert str(request) == "confirm is a request: expected a call of send_request()"


@pytest.mark.gen_test
@pytest.mark.parametrize("moment", ["select_subprotocol", "on_finish", "open"])
async def test_stream_that_closes_before_open_is_disconnected_once(
    app, make_sockets, http_server, http_port, until, monkeypatch, moment
):
    opened: list[SocketHandler[object]] = []

    class Vanished(CountingLab):
        pass

    def close_stream(self, *args):
        (self.ws_connection.stream or self.request.connection.stream).close()
        return original(self, *args)

    def open_and_note(self, *args):
        opened.append(self)
        opening(self, *args)

    opening = HandshakeHandler.open
    monkeypatch.setattr(HandshakeHandler, "open", open_and_note)
    original = getattr(Vanished, moment)
    monkeypatch.setattr(HandshakeHandler, moment, close_stream)
    sockets = make_sockets()
    app.add_handlers(".*", sockets.persistent(Vanished))

    reader, writer = await asyncio.open_connection("127.0.0.1", http_port)
    writer.write(handshake_request(http_port, "/lab/a"))
    await reader.read()
    writer.close()
    await until(lambda: opened and Vanished.connected == len(Vanished.ends) and not len(sockets.context.quota))

    assert not sockets.connections
    assert len(Vanished.ends) <= 1


@pytest.mark.gen_test
async def test_client_that_resets_its_connection_in_the_handshake_blocks_no_other_one(
    app, make_sockets, http_server, http_port, connect
):
    go = asyncio.Event()

    class Waiting(Lab):
        async def prepare(self) -> None:
            await go.wait()

        async def on_connect(self) -> None:
            await self.send(Note("open"))

    sockets = make_sockets()
    app.add_handlers(".*", sockets.persistent(Waiting))
    async with AsyncExitStack() as stack:
        first = asyncio.ensure_future(stack.enter_async_context(connect(Waiting, {"room": "a"})))
        await asyncio.sleep(0.1)
        resetting = socket.create_connection(("127.0.0.1", http_port))
        resetting.sendall(handshake_request(http_port, "/lab/b", "Sec-WebSocket-Protocol: tornado-ws.1\r\n"))
        await asyncio.sleep(0.1)
        last = asyncio.ensure_future(stack.enter_async_context(connect(Waiting, {"room": "c"})))
        await asyncio.sleep(0.1)
        go.set()
        resetting.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        resetting.close()

        for client in (await first, await last):
            assert await client.expect(Note) == Note("open")
        await sockets.broadcast(Waiting, Note("all"))
        for client in (await first, await last):
            assert await client.expect(Note) == Note("all")


@pytest.mark.gen_test
@pytest.mark.parametrize("code", [0, 1005, 1006, 1015, 2999, 5000])
async def test_close_with_a_code_that_cannot_be_sent_changes_nothing(app, sockets, connect, code):
    class Closing(Lab):
        async def on_nudge(self) -> None:
            with pytest.raises(ValueError, match=f"expected a close code .*, got {code}$"):
                self.close(code)
            await self.send(Note("open"))

    app.add_handlers(".*", sockets.persistent(Closing))

    async with connect(Closing, ROOM) as ann:
        await ann.send(Nudge())

        assert Note("open") == await ann.expect(Note)
        assert 1 == len(sockets.connections)


@pytest.mark.gen_test
async def test_abort_drops_the_connection(app, sockets, connect, until):
    class Aborting(CountingLab):
        async def on_nudge(self) -> None:
            self.abort()
            await self.send(Note("too late"))

    app.add_handlers(".*", sockets.persistent(Aborting))

    async with connect(Aborting, ROOM) as ann:
        await ann.send(Nudge())
        await ann.expect_close(None)
    await until(lambda: Aborting.ends)

    assert Aborting.ends == [(None, None)]


def test_methods_that_bypass_the_schema_are_disabled():
    with pytest.raises(TypeError, match=r"use send\(\)"):
        Lab.write_message(None, "text")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="override the methods of messages"):
        Lab.on_message(None, "text")  # type: ignore[arg-type]


@pytest.mark.gen_test
async def test_closed_connections_are_freed_without_the_garbage_collector(app, sockets, connect, until):
    held: list[weakref.ref[Lab]] = []

    class Held(Lab):
        async def on_connect(self) -> None:
            held.append(weakref.ref(self))
            await super().on_connect()

    app.add_handlers(".*", sockets.persistent(Held))

    gc.disable()
    try:
        async with connect(Held, ROOM) as ann, connect(Held, ROOM) as bob:
            await ann.request(Echo("a"))
            assert [0, 1] == [number async for number in ann.stream(Count(2))]
            await bob.send_text('{"type": "say"}')
            await bob.expect_error("invalid_message")
            bob.abort()
        await until(lambda: not any(each() for each in held))
    finally:
        gc.enable()
    assert len(held) == 2


@pytest.mark.gen_test
async def test_address_is_forwarded_by_trusted_proxies_only(app, make_sockets, connect):
    trusting = make_sockets(trusted_proxies=["127.0.0.1"], origins=["*"])
    suspicious = make_sockets()
    app.add_handlers(".*", [*trusting.persistent(Lab), *suspicious.persistent(Lab, path="/direct/{room}")])
    headers = {"X-Forwarded-For": "6.6.6.6, 1.2.3.4"}

    async with connect(Lab, ROOM, headers=headers), connect(Lab, url="/direct/a", headers=headers):
        assert trusting.connections[0].address == "1.2.3.4"
        assert suspicious.connections[0].address == "127.0.0.1"


@pytest.mark.gen_test
async def test_handler_has_times_of_its_connection_and_activity(app, make_sockets, connect):
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


@pytest.mark.gen_test
@pytest.mark.parametrize("fails", [False, True])
async def test_base_class_whose_on_connection_close_does_not_call_tornados_loses_no_end(
    app, sockets, connect, until, fails
):
    log: list[str] = []

    class Base(RequestHandler):
        def on_connection_close(self) -> None:
            log.append("base")
            if fails:
                raise LookupError

    class Mine(Base, Lab):  # type: ignore[misc]
        async def on_disconnect(self, code: int | None, reason: str | None) -> None:
            log.append("disconnected")

    app.add_handlers(".*", sockets.persistent(Mine))

    async with connect(Mine, ROOM):
        pass

    await until(lambda: ["base", "disconnected"] == log)
    assert 0 == len(sockets.context.quota)
