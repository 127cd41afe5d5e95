"""Clients of real servers whose connections are lost: resumption, repeated messages, new attempts and reports."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import pytest

from tests.support.lab import Echo, Lab, Line, Note, Said, Say
from tests.support.logs import LOGS, Follow, Logs
from tests.support.orders import Order, Orders
from tests.support.typed_clients import FAST, ROOM, LabClient, OrdersClient, lab
from tornado_ws import ConnectionClosed, GuardRefused, PersistentClient
from tornado_ws.client import ChannelResumed, Unconfirmed
from tornado_ws.validation.codec import Codec


@pytest.mark.gen_test
async def test_client_reconnects_and_resumes_kept_messages(serve, until):
    server = serve(Lab)
    resumed: list[ChannelResumed] = []
    async with server.running(), lab(server) as client:
        client.on(ChannelResumed, resumed.append)
        await client.send(Say(text="1"))
        assert Said(text="1") == await anext(client)

        await server.stop()
        await until(lambda: client.status in ("waiting", "connecting"))
        await server.sockets.room(Lab, "a").send(Said(text="2"))
        await server.sockets.room(Lab, "a").send(Said(text="3"))
        server.start()

        assert [Said(text="2"), Said(text="3")] == [await anext(client), await anext(client)]
        await until(lambda: client.recovered)
        assert all(one.recovered for one in resumed)
        assert client.positions.keys() >= {one.channel for one in resumed}


@pytest.mark.gen_test
async def test_lost_messages_are_reported(serve, until):
    server = serve(Lab)
    resumed: list[ChannelResumed] = []
    async with server.running(), lab(server) as client:
        client.on(ChannelResumed, resumed.append)
        await server.stop()
        for number in range(8):  # more than the server keeps
            await server.sockets.room(Lab, "a").send(Said(text=str(number)))
        server.start()
        await until(lambda: client.recovered is False)

        assert [False] == [one.recovered for one in resumed if not one.recovered]


@pytest.mark.gen_test
async def test_later_client_resumes_from_the_positions_of_an_earlier_one(serve):
    async with serve(Lab).running() as server:
        async with lab(server) as earlier:
            await earlier.send(Say(text="1"))
            assert Said(text="1") == await anext(earlier)
        await server.sockets.room(Lab, "a").send(Said(text="missed"))
        stored = json.loads(json.dumps(earlier.positions))
        async with lab(server, positions=stored) as later:
            assert Said(text="missed") == await anext(later)


@pytest.mark.gen_test
async def test_messages_wait_for_the_next_connection(serve, until):
    received = []

    class Recorder(Lab):
        async def on_say(self, say: Line, /) -> None:
            received.append(say.text)

    server = serve(Recorder)
    async with server.running(), lab(server, outbox=2) as client:
        await server.stop()
        await until(lambda: client.status in ("waiting", "connecting"))
        await client.send(Say(text="1"))
        request = asyncio.ensure_future(client.request(Echo("later")))
        await asyncio.sleep(0)
        blocked = asyncio.ensure_future(client.send(Say(text="2")))
        await asyncio.sleep(0.01)
        assert not blocked.done()  # the outbox is full
        cancelled = asyncio.ensure_future(client.send(Say(text="never")))
        await asyncio.sleep(0)
        cancelled.cancel()
        server.start()

        assert await request == "later"
        await blocked
        await client.flush(timeout=10)
        assert ["1", "2"] == received


@pytest.mark.gen_test
async def test_request_fails_with_its_connection(serve, until):
    class Slow(Lab):
        async def on_echo(self, echo: str, /) -> str:
            await asyncio.sleep(60)
            return echo

    server = serve(Slow)
    async with server.running(), lab(server) as client:
        request = asyncio.ensure_future(client.request(Echo("a")))
        await until(lambda: client._session.confirmations._sent)
        server.cut()
        with pytest.raises(ConnectionClosed, match="the connection closed with code 1006"):
            await request
        await until(lambda: client.status == "open")


@pytest.mark.gen_test
async def test_stream_goes_on_after_a_reconnect_if_its_items_have_positions(serve, until):
    class LogsClient(PersistentClient[Any]):
        endpoint = LOGS

        def stream(self, message: Follow, /) -> AsyncGenerator[int, None]:
            return self._stream(message)

    asked = []

    class Cutting(Logs):
        async def on_follow(self, follow: int, *, resume: int | None) -> AsyncIterator[int]:
            asked.append(resume)
            if len(asked) == 1:
                await asyncio.sleep(0)
                self.abort()  # before the first item
                return
            for line in range(1 if resume is None else resume + 1, follow + 1):
                yield line
                if line == 70 and len(asked) == 2:
                    self.abort()
                    return

    server = serve(Cutting)
    async with server.running(), LogsClient(server.url, backoff=FAST) as client:
        assert [*range(1, 101)] == [item async for item in client.stream(Follow(100))]
        assert asked[:2] == [None, None]
        assert len(asked) == 3

        stream = client.stream(Follow(1))
        await client.close()
        with pytest.raises(ConnectionClosed, match="closed by this client"):
            await anext(stream)


@pytest.mark.gen_test
async def test_unconfirmed_messages_are_reported(serve, until, caplog):
    lost: list[Unconfirmed] = []
    server = serve(Lab)
    async with server.running(), lab(server) as client:
        client.on(Unconfirmed, lost.append)
        await client.send(Say(text="1"))
        client._loop.fail(ConnectionClosed(1006, "cut"))  # before the confirmation
        await until(lambda: lost)
        assert [Unconfirmed(messages=(Say(text="1"),))] == lost


@pytest.mark.gen_test
async def test_credentials_are_read_before_each_attempt(serve, until):
    tokens = iter(["old", "good", "better"])
    seen = []

    async def guard(handler: Any) -> bool:
        token = handler.request.headers.get("Authorization")
        seen.append((token, handler.request.headers["Cookie"], handler.request.headers["X-Tag"]))
        if token == "Bearer old":
            raise GuardRefused("sign in again", 3000)
        return True

    async def token() -> str:
        await asyncio.sleep(0)
        return next(tokens)

    options: dict[str, Any] = {"cookies": {"a": "1", "b": "2"}, "headers": lambda: {"X-Tag": "t"}}
    async with serve(Lab, guards=[guard]).running() as server:
        async with lab(server, token=token, **options) as client:
            client.reconnect()
            await until(lambda: len(seen) == 3 and client.status == "open")
        with pytest.raises(ConnectionClosed, match="code 3000"):
            async with LabClient(server.url, ROOM, token="old", cookies={"a": "1"}, headers={"X-Tag": "t"}):
                pass

    assert [(f"Bearer {one}", "a=1; b=2", "t") for one in ("old", "good", "better")] == seen[:3]


@pytest.mark.gen_test
async def test_acknowledged_message_is_handled_once_over_a_cut_connection(serve, until):
    handled = []

    class Cutting(Orders):
        async def on_order(self, order: Order, /) -> None:
            handled.append(order.item)
            if len(handled) == 1:
                self.abort()  # before the acknowledgement

    server = serve(Cutting)
    async with server.running(), OrdersClient(server.url, backoff=FAST) as client:
        await asyncio.gather(*(client.deliver(Order(item=str(number))) for number in range(20)))

    assert [str(number) for number in range(20)] == handled


class Stripped(Lab):
    """Lab behind a proxy that removes the subprotocol."""

    urls: list[str]

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        self.urls.append(self.request.uri or "")
        return None


@pytest.mark.gen_test
async def test_lost_subprotocol_is_offered_in_the_query(serve, caplog):
    urls: list[str] = []

    class Proxied(Stripped):
        pass

    Proxied.urls = urls
    async with serve(Proxied).running() as server, lab(server) as client:
        assert client.state.outdated is False  # of $hello
        await client.send(Say(text="hi"))
        assert Said(text="hi") == await anext(client)
        client.reconnect()
        await client.request(Echo("later"))

    assert ["/lab/a?level=1", *["/lab/a?level=1&%24subprotocol=tornado-ws.1"] * 2] == urls
    assert caplog.text.count("has lost its subprotocol: does a proxy remove Sec-WebSocket-Protocol?") == 1


@pytest.mark.parametrize("speaks", [True, False])
@pytest.mark.gen_test
async def test_server_without_the_subprotocol_has_plain_messages(serve, monkeypatch, speaks):
    urls: list[str] = []

    class Old(Stripped):
        async def on_connect(self) -> None:
            await super().on_connect()
            if speaks:
                await self.send(Note("first"))

    Old.urls = urls
    monkeypatch.setattr("tornado_ws.server.handler.has_subprotocol", lambda selected, request: False)
    async with serve(Old).running() as server, lab(server, connect_timeout=15 if speaks else 0.3) as client:
        if speaks:
            assert Note("first") == await anext(client)
        await client.send(Say(text="hi"))
        assert Said(text="hi") == await anext(client)
        await client.flush()
        assert client.state.outdated is None
        client.reconnect()
        await client.request(Echo("later"))

    assert ["/lab/a?level=1", "/lab/a?level=1&%24subprotocol=tornado-ws.1", "/lab/a?level=1"] == urls


@pytest.mark.gen_test
async def test_outdated_client_is_told(serve, caplog):
    async with serve(Lab).running() as server:
        with caplog.at_level(logging.WARNING):
            client = lab(server)
            object.__setattr__(client._session, "endpoint", Codec(Orders.endpoint).endpoint)
            async with client:
                assert client.state.outdated is True
    assert "is outdated" in caplog.text
