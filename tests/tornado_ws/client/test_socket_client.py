"""Clients of real servers: connection, calls, messages and listeners."""

from __future__ import annotations

import asyncio
import contextlib
import re
import warnings
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tornado.testing import bind_unused_port

from tests.support.lab import (
    Confirm,
    Count,
    Echo,
    Lab,
    LabParams,
    Limited,
    Line,
    Note,
    Nudge,
    RoomFull,
    RoomLocked,
    Said,
    Say,
)
from tests.support.orders import Note as OrdersNote
from tests.support.orders import Order, Orders, SoldOut, Status
from tests.support.typed_clients import FAST, ROOM, LabClient, OrdersClient, lab
from tornado_ws import ConnectFailed, ConnectionClosed, GuardRefused, InvalidMessage, RequestFailed, RequestTimeout
from tornado_ws.client import ClientState, Invalid, Refused, Unconfirmed
from tornado_ws.client.client_connection import ClientConnection, ConnectionOptions, Target


@pytest.mark.gen_test
async def test_messages_requests_and_streams_are_typed_instances(serve):
    async with serve(Lab).running() as server, lab(server) as client:
        await client.send(Say(text="hi"))

        assert Said(text="hi") == await anext(client)
        assert await client.request(Echo("a")) == "a"
        assert [*range(200)] == [item async for item in client.stream(Count(200))]
        assert client.status == "open"
        assert client.close_code is None

    assert client.closed
    assert client.close_code == 1000
    assert [] == [message async for message in client]


@pytest.mark.gen_test
async def test_failed_calls_raise(serve):
    class Failing(Lab):
        async def on_echo(self, echo: str, /) -> str:
            if echo == "slow":
                await asyncio.sleep(60)
            if echo == "fault":
                raise LookupError
            raise RoomFull

        async def on_count(self, count: int, /) -> AsyncIterator[int]:
            yield 1
            raise RoomLocked().retry_after(2)

    async with serve(Failing).running() as server, lab(server) as client:
        with pytest.raises(RoomFull, match="room_full: room full"):
            await client.request(Echo("a"))
        with pytest.raises(RequestFailed, match=r"echo failed: internal: .*, reference"):
            await client.request(Echo("fault"))
        with pytest.raises(RequestTimeout, match=r"echo failed: timeout: no reply within 0\.02 s"):
            await client.request(Echo("slow"), timeout=0.02)
        with pytest.raises(TypeError, match="echo: expected timeout to be int or float, got str"):
            await client.request(Echo("slow"), timeout="1")  # type: ignore[arg-type]
        with pytest.raises(RoomLocked) as caught:
            [item async for item in client.stream(Count(2))]
        assert caught.value.retry_after_ms == 2000
        with pytest.raises(InvalidMessage, match="say was not sent: invalid_message: expected at least 1 character"):
            await client.send(Say(text=""))
        for call, message, expected in (
            (client.send, Echo("a"), "request(), got send()"),
            (client.send, Count(2), "stream(), got send()"),
            (client.request, Say(text="a"), "send(), got request()"),
            (client.request, Count(2), "stream(), got request()"),
            (lambda message: anext(client.stream(message)), Echo("a"), "request(), got stream()"),
        ):
            with pytest.raises(TypeError, match=re.escape(f": expected a call of {expected}")):
                await call(message)
        with pytest.raises(TypeError, match="expected one of Say, Nudge, Limited, Echo, Count, got Said"):
            await client.send(Said(text="a"))  # type: ignore[arg-type]


@pytest.mark.gen_test
async def test_cancelled_calls_cancel_on_the_server(serve, until):
    cancelled = []

    class Slow(Lab):
        async def on_echo(self, echo: str, /) -> str:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                cancelled.append(echo)
                raise
            return echo

        async def on_count(self, count: int, /) -> AsyncIterator[int]:
            try:
                while True:
                    yield 1
            finally:
                cancelled.append("count")

    async with serve(Slow).running() as server, lab(server) as client:
        request = asyncio.ensure_future(client.request(Echo("a")))
        await until(lambda: client._session.confirmations._sent)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        await until(lambda: cancelled)

        stream = client.stream(Count(1))
        assert await anext(stream) == 1
        await stream.aclose()
        await until(lambda: len(cancelled) == 2)

        assert ["a", "count"] == cancelled
        assert not client._session.requests._requests


@pytest.mark.gen_test
async def test_stream_is_read_with_credit(serve, until):
    sent = []

    class Counting(Lab):
        async def on_count(self, count: int, /) -> AsyncIterator[int]:
            for number in range(count):
                sent.append(number)
                yield number

    async with serve(Counting).running() as server, lab(server) as client:
        stream = client.stream(Count(1000))
        await anext(stream)
        await client.request(Echo("later"))
        assert len(sent) <= 65

        assert len([item async for item in stream]) == 999


@pytest.mark.gen_test
async def test_listeners_are_called_for_messages_and_events(serve, caplog):
    seen: list[object] = []

    def fail(_: object) -> None:
        raise ValueError("no")

    async with serve(Lab).running() as server:
        client = lab(server)
        client.on(Said, fail)
        remove = client.on(Said, seen.append)
        client.on(ClientState, lambda state: seen.append(state.status))
        async with client:
            await client.send(Say(text="1"))
            assert Said(text="1") == await anext(client)
            remove()
            await client.send(Say(text="2"))
            assert Said(text="2") == await anext(client)
            with pytest.raises(
                TypeError, match=r"expected one of Said, Note, Noise, Price, ClientState, .*, got Confirm"
            ):
                client.on(Confirm, seen.append)  # type: ignore[type-var]

    assert [one for one in seen if one != "open"] == ["connecting", Said(text="1"), "closed"]
    assert "a function for Said raised" in caplog.text


@pytest.mark.gen_test
async def test_leaving_sends_what_is_queued(serve):
    received = []

    class Recorder(Lab):
        async def on_say(self, say: Line, /) -> None:
            received.append(say.text)

        async def on_limited(self, limited: int, /) -> None:
            received.append(limited)

    async with serve(Recorder).running() as server:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            async with lab(server) as client:
                for number in range(50):
                    await client.send(Say(text=str(number)))

    assert [str(number) for number in range(50)] == received
    with pytest.raises(ConnectionClosed, match="closed by this client"):
        await client.send(Nudge())


@pytest.mark.gen_test
async def test_messages_that_were_not_sent_are_reported_when_the_client_closes(serve, caplog):
    lost: list[Unconfirmed] = []
    async with serve(Lab).running() as server:
        client = lab(server, close_timeout=0.05)
        client.on(Unconfirmed, lost.append)
        async with client:
            for number in range(3):  # two in ten seconds
                await client.send(Limited(number))

    assert [(Limited(1), Limited(2))] == [one.messages for one in lost]


@pytest.mark.gen_test
async def test_slow_reader_gets_an_error_and_continues(serve):
    async with serve(Lab).running() as server, lab(server, unread=3) as client:
        for number in range(5):
            await client.send(Say(text=str(number)))
        await client.request(Echo("all sent"))
        with pytest.raises(OverflowError, match="more than 3 messages were unread, and are lost"):
            await anext(client)
        await client.send(Say(text="next"))
        assert Said(text="next") == await anext(client)


@pytest.mark.gen_test
async def test_final_error_ends_everything(serve, until):
    class Closing(Lab):
        async def on_nudge(self) -> None:
            self.close(4001, "enough")

    async with serve(Closing).running() as server, lab(server) as client:
        waiting = asyncio.ensure_future(anext(client))
        await client.send(Nudge())
        with pytest.raises(ConnectionClosed, match=r"the connection closed with code 4001 \(enough\)"):
            await waiting
        await client.wait_closed()
        assert client.close_code == 4001
        with pytest.raises(ConnectionClosed, match="4001"):
            await client.request(Echo("a"))
        client.reconnect()
        assert client.closed


@pytest.mark.gen_test
async def test_refused_client_raises_on_entry(serve):
    async def guard(handler: Any) -> bool:
        raise GuardRefused("members only")

    async with serve(Lab, guards=[guard]).running() as server:
        with pytest.raises(ConnectionClosed, match=r"code 3003 \(members only\)"):
            async with lab(server):
                pass


@pytest.mark.gen_test
async def test_missing_server_raises_after_the_time_to_open(serve):
    server = serve(Lab)
    with pytest.raises(
        ConnectFailed, match=r"cannot connect: no connection to ws://127.*/lab/a: .*refused; start .* \[network\]"
    ):
        async with lab(server, open_timeout=0.4):
            pass

    entering = asyncio.ensure_future(lab(server).__aenter__())
    await asyncio.sleep(0.03)
    server.start()
    client = await entering  # the server started later
    await client.close()
    await server.stop()


@pytest.mark.gen_test
async def test_server_that_does_not_answer_is_named():
    listening, port = bind_unused_port()  # accepts connections, as a server without TLS does for https
    with contextlib.closing(listening):
        text = rf"cannot connect: nothing answers at wss://127\.0\.0\.1:{port}/lab/a in 0\.1 s; check scheme"
        with pytest.raises(ConnectFailed, match=text):
            async with LabClient(f"https://127.0.0.1:{port}", ROOM, open_timeout=0.1, backoff=FAST):
                pass


@pytest.mark.gen_test
async def test_entry_can_be_cancelled(serve):
    entering = asyncio.ensure_future(lab(serve(Lab)).__aenter__())
    await asyncio.sleep(0.02)
    entering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await entering
    assert not [task for task in asyncio.all_tasks() if "ConnectionLoop" in str(task.get_coro())]


@pytest.mark.gen_test
async def test_cancelled_client_leaves_no_connection(serve, until):
    disconnected = []

    class Greeting(Lab):
        async def on_connect(self) -> None:
            for number in range(5):
                await self.send(Note(str(number)))

        async def on_disconnect(self, code: int | None, reason: str | None) -> None:
            disconnected.append(code)

    def reading() -> list[asyncio.Task[Any]]:
        return [task for task in asyncio.all_tasks() if "_receive_frame_loop" in str(task.get_coro())]

    async with serve(Greeting).running() as server:
        target = Target(url=f"ws{server.url[4:]}/lab/a", headers={}, subprotocols=["tornado-ws.1"])
        opening = asyncio.ensure_future(ClientConnection.open(target, ConnectionOptions(timeout=5)))
        await asyncio.sleep(0)
        opening.cancel()
        await until(lambda: len(disconnected) == 1)  # the handshake has gone on
        await until(lambda: not reading())

        client = await lab(server).__aenter__()
        assert client._task is not None
        client._task.cancel()
        await until(lambda: len(disconnected) == 2)
        await until(lambda: not reading())


@pytest.mark.gen_test
async def test_wrong_url_raises_at_once(serve):
    async with serve(Lab).running() as server:
        with pytest.raises(ConnectFailed, match=r"/nothing/lab/a answers with status 404: .* \[not_found\]"):
            async with LabClient(f"{server.url}/nothing", ROOM):
                pass


@pytest.mark.gen_test
async def test_client_is_used_once_and_only_in_its_block(serve):
    async with serve(Lab).running() as server:
        client = lab(server)
        with pytest.raises(RuntimeError, match="use the client in 'async with'"):
            await client.send(Nudge())
        with pytest.raises(RuntimeError, match="use the client in 'async with'"):
            await anext(client)
        async with client:
            with pytest.raises(RuntimeError, match="a client connects once"):
                await client.__aenter__()
        await client.close()


@pytest.mark.gen_test
async def test_failing_function_for_an_option_is_reported(serve, caplog):
    def token() -> str:
        raise LookupError("no token")

    with pytest.raises(ConnectFailed, match=r"a function for an option raised LookupError: no token \[option\]"):
        async with lab(serve(Lab), token=token, open_timeout=0.4):
            pass
    assert "a function for an option raised" in caplog.text


@pytest.mark.gen_test
async def test_invalid_params_raise_on_entry():
    with pytest.raises(InvalidMessage, match=r"params was not sent: .* expected at most 10 characters .* at /room"):
        async with LabClient("http://127.0.0.1:1", LabParams(room="a" * 11)):
            pass


@pytest.mark.gen_test
async def test_invalid_frames_are_reported_once_in_the_log_and_skipped(serve, until, caplog):
    class Loose(Lab):
        """Lab that sends any text."""

        async def on_say(self, say: Line, /) -> None:
            for text in ('{"type":"note","data":1}', '{"type":"new"}', "[]", '{"type":"note","data":2}'):
                self._ws_client.connection.send_text(text.encode())
            await self.send(Note("valid"))

    caught: list[Invalid] = []
    async with serve(Loose).running() as server, lab(server) as client:
        client.on(Invalid, caught.append)
        await client.send(Say(text="go"))
        assert Note("valid") == await anext(client)

    assert ["invalid_message", "unknown_message", "unsupported_frame", "invalid_message"] == [
        one.error.code for one in caught
    ]
    assert caplog.text.count("invalid frame from the server") == 3


@pytest.mark.gen_test
async def test_refused_messages_are_events(serve, caplog):
    refused: list[Refused] = []
    async with serve(Lab).running() as server, lab(server) as client:
        client.on(Refused, refused.append)
        client._session.send(b'{"type":"say","data":{"text":""}}')
        await client.request(Echo("later"))

    assert [("invalid_message", "say")] == [(one.error.code, one.error.type) for one in refused]


@pytest.mark.gen_test
async def test_rejected_and_abandoned_deliveries_raise(serve, until):
    class Busy(Orders):
        async def on_order(self, order: Order, /) -> None:
            if order.item == "slow":
                await asyncio.sleep(60)
            raise SoldOut

    server = serve(Busy)
    async with server.running(), OrdersClient(server.url, backoff=FAST) as client:
        with pytest.raises(SoldOut, match="sold_out: sold out"):
            await client.deliver(Order(item="nut"))
        with pytest.raises(RequestTimeout, match=r"order failed: timeout: no reply within 0\.02 s"):
            await client.deliver(Order(item="slow"), timeout=0.02)
        with pytest.raises(InvalidMessage, match="order was not sent"):
            await client.deliver(Order(item="x" * 21))
        with pytest.raises(TypeError, match=r"note: expected a call of send\(\), got deliver\(\)"):
            await client.deliver(OrdersNote("a"))  # type: ignore[arg-type]
        waiting = asyncio.ensure_future(client.deliver(Order(item="slow")))
        await asyncio.sleep(0)
        await client.close()
        with pytest.raises(ConnectionClosed, match="closed by this client"):
            await waiting


@pytest.mark.gen_test
async def test_status_messages_of_an_endpoint_without_params(serve):
    class Reporting(Orders):
        async def on_note(self, note: str, /) -> None:
            await self.send(Status(note))

    async with serve(Reporting).running() as server, OrdersClient(server.url) as client:
        await client.send(OrdersNote("a"))
        assert Status("a") == await anext(client)
