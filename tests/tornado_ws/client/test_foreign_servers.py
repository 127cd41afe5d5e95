"""Clients of servers that misbehave, and functions of applications that do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from tests.support.lab import LAB, Confirm, Echo, LabParams, Note, Nudge, Said, Say, TooLong
from tests.support.typed_clients import FAST, LabClient, OrdersClient
from tornado_ws import ConnectFailed, ConnectionClosed, InvalidMessage, MessageType, Payload
from tornado_ws.client.message_instances import message_instance

ROOM = LabParams(room="a")
HELLO = {"type": "$hello", "data": {"connection": "c", "contracts": ["lab-1"], "heartbeat": 20}}


@asynccontextmanager
async def foreign(*frames: object, **methods: Callable[..., Any]) -> AsyncIterator[str]:
    """Serve connections that begin with frames, and return the URL."""

    def open_connection(self: WebSocketHandler, *_: str) -> None:
        for frame in frames:
            self.write_message(frame if isinstance(frame, str | bytes) else json.dumps(frame), isinstance(frame, bytes))

    handler = type(
        "Foreign",
        (WebSocketHandler,),
        {
            "select_subprotocol": lambda self, offered: "tornado-ws.1",
            "open": open_connection,
            "on_message": lambda self, message: None,
            **methods,
        },
    )
    listening, port = bind_unused_port()
    server = HTTPServer(Application([(".*", handler)]))
    server.add_sockets([listening])
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()
        await server.close_all_connections()


@pytest.mark.gen_test
async def test_server_that_never_sends_hello_is_given_up():
    async with foreign() as url:
        with pytest.raises(ConnectFailed, match=r"the connection is open, but \$hello does not arrive in time"):
            async with LabClient(url, ROOM, connect_timeout=0.3, open_timeout=1, backoff=FAST):
                pass


@pytest.mark.gen_test
async def test_frames_that_are_no_json_are_dropped():
    frames = ("{", b"\xff\x00", "[" * 5000, {"type": "$new"}, {"type": "note", "data": "ok"})
    async with foreign(HELLO, *frames) as url, LabClient(url, ROOM) as client:
        assert Note("ok") == await anext(client)


@pytest.mark.gen_test
async def test_silent_server_is_pinged_and_then_left(until):
    pings = []
    hello = {"type": "$hello", "data": {"connection": "c", "contracts": [], "heartbeat": 0.05}}
    async with foreign(hello, on_message=lambda self, message: pings.append(message)) as url:
        async with LabClient(url, ROOM, backoff=FAST) as client:
            await until(lambda: len(pings) >= 2 and client.status == "open")
        assert '{"type":"$ping"}' == pings[0]


@pytest.mark.gen_test
async def test_closing_ends_in_time_although_the_server_does_not_answer(until):
    hung, freed = asyncio.Event(), asyncio.Event()

    async def hang(self: WebSocketHandler, message: str) -> None:
        hung.set()
        await freed.wait()  # Tornado reads no other frame meanwhile, not even the close frame

    async with foreign(HELLO, on_message=hang) as url:
        client = await LabClient(url, ROOM, close_timeout=0.1).__aenter__()
        request = asyncio.ensure_future(client.request(Echo("a")))
        await hung.wait()
        async with asyncio.timeout(5):
            await client.close()
        with pytest.raises(ConnectionClosed, match="closed by this client"):
            await request
        assert client.close_code == 1000
        assert [] == [message async for message in client]
        freed.set()


@pytest.mark.gen_test
async def test_function_for_an_option_has_a_time_limit():
    async def token() -> str:
        await asyncio.sleep(60)
        return ""

    with pytest.raises(ConnectFailed, match="a function for an option does not return in time"):
        async with LabClient(
            "http://127.0.0.1:1", ROOM, token=token, connect_timeout=0.05, open_timeout=0.4, backoff=FAST
        ):
            pass


@pytest.mark.gen_test
async def test_exception_within_the_client_ends_it_with_a_log(monkeypatch, caplog):
    async with foreign(HELLO) as url:
        client = LabClient(url, ROOM)
        monkeypatch.setattr(client._session.channels, "open", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            async with client:
                pass
    assert "lab: the client failed" in caplog.text
    assert "the connection closed with code 1006 (the client failed: ZeroDivisionError)" == str(client.error)


@pytest.mark.gen_test
async def test_cancelled_block_closes_the_connection(until):
    closed = []
    async with foreign(HELLO, on_close=lambda self: closed.append(self.close_code)) as url:

        async def use() -> None:
            async with LabClient(url, ROOM):
                entered.set()
                await asyncio.sleep(60)

        entered = asyncio.Event()
        task = asyncio.ensure_future(use())
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: closed)
        assert [1000] == closed


@pytest.mark.gen_test
async def test_message_that_is_too_big_is_not_sent():
    async with foreign(HELLO) as url:
        client = LabClient(url, ROOM)
        client._session.endpoint = replace(LAB, message_bytes=50)
        async with client:
            with pytest.raises(InvalidMessage, match="say was not sent: too_big: expected at most 50 bytes"):
                await client.send(Say(text="a" * 50))


@pytest.mark.gen_test
async def test_answer_with_invalid_data_of_an_error_is_internal(until, caplog):
    received = []
    ask = {"type": "confirm", "id": 1, "data": "sure?"}

    def refuse(confirm: Confirm) -> bool:
        raise TooLong("three")  # type: ignore[arg-type]

    async with foreign(HELLO, ask, on_message=lambda self, message: received.append(json.loads(message))) as url:
        client = LabClient(url, ROOM)
        client.answer(Confirm, refuse)
        async with client:
            await until(lambda: received)

    assert {
        "type": "$error",
        "re": 1,
        "data": {"code": "internal", "message": "the client failed to answer"},
    } == received[0]
    assert "lab failed to answer confirm" in caplog.text


@pytest.mark.gen_test
async def test_delivery_and_stream_need_an_entered_client():
    with pytest.raises(RuntimeError, match="use the client in 'async with'"):
        LabClient("http://h", ROOM).stream(Nudge())  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="use the client in 'async with'"):
        await OrdersClient("http://h").deliver(Nudge())  # type: ignore[arg-type]


def test_payloads_become_instances_of_message_classes():
    class Loud(Said, frozen=True):
        pass

    line = Payload(Said, "/$defs/Said")
    assert Nudge() == message_instance(MessageType("nudge", Nudge), None)
    assert Echo("a") == message_instance(MessageType("echo", Echo, Payload(str, "")), "a")
    assert Said(text="a") == message_instance(MessageType("said", Said, line), Said(text="a"))
    loud = message_instance(MessageType("loud", Loud, line), Said(text="a"))
    assert type(loud) is Loud
    assert "a" == loud.text
