from __future__ import annotations

import asyncio
import socket

import pytest

from tests.support.lab import CountingLab, Lab, Noise, Note, Nudge, Price
from tornado_ws import CloseCode, Limits
from tornado_ws.testing import Client

ROOM = {"room": "a"}


def shrink_buffers(connection: Lab, client: Client) -> None:
    """Shrink the send buffer of the server's socket, and pause reading of the client."""
    connection.ws_connection.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
    client.pause_reading()


@pytest.mark.gen_test
async def test_slow_client_gets_the_latest_message_and_does_not_delay_others(app, make_sockets, connect):
    class Counted(CountingLab): ...

    sockets = make_sockets(limits=Limits(write_queue_bytes=400_000))
    app.add_handlers(".*", sockets.persistent(Counted))

    async with connect(Counted, ROOM) as ann, connect(Counted, ROOM, timeout=5) as bob:
        stuck = next(connection for connection in sockets.connections if bob.is_client_of(connection))
        shrink_buffers(stuck, bob)
        for value in range(1000):
            price = Price(symbol="a", value=value, padding="x" * 10_000)
            await sockets.broadcast(Counted, price, filter=lambda connection: connection is stuck)
            await asyncio.sleep(0)
        await sockets.broadcast(Counted, Note("all"))

        assert Note("all") == await ann.expect(Note)
        assert bob.closed is None
        bob.resume_reading()
        values = []
        while not values or values[-1] != 999:
            values.append((await bob.expect(Price)).value)
        assert values == sorted(values)
        assert len(values) < 900
        assert Note("all") == await bob.expect(Note)
        assert sockets.context.counters.coalesced == 1000 - len(values)


@pytest.mark.gen_test
async def test_volatile_messages_to_a_slow_client_are_dropped(app, make_sockets, connect):
    sockets = make_sockets(limits=Limits(write_queue_bytes=400_000))
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM, timeout=5) as bob:
        shrink_buffers(sockets.connections[0], bob)
        for _ in range(1000):
            await sockets.broadcast(Lab, Noise("x" * 10_000))
            await asyncio.sleep(0)
        await sockets.broadcast(Lab, Note("after"))

        bob.resume_reading()
        assert Note("after") == await bob.expect(Note)
        assert 0 < sockets.context.counters.dropped < 1000


@pytest.mark.gen_test
async def test_slow_client_with_a_full_write_queue_is_closed(app, make_sockets, connect, until):
    class Counted(CountingLab): ...

    sockets = make_sockets(limits=Limits(write_queue_bytes=400_000, closing_timeout=0.1))
    app.add_handlers(".*", sockets.persistent(Counted))

    async with connect(Counted, ROOM) as ann, connect(Counted, ROOM, timeout=15) as bob:
        stuck = next(connection for connection in sockets.connections if bob.is_client_of(connection))
        shrink_buffers(stuck, bob)
        for _ in range(1000):
            await sockets.broadcast(Counted, Note("x" * 10_000), filter=lambda connection: connection is stuck)
        await until(lambda: stuck not in sockets.connections)

        bob.resume_reading()
        await bob.expect_close()
        await until(lambda: Counted.ends)
        assert Counted.ends == [(CloseCode.TOO_SLOW, "too slow")]
        assert ann.closed is None
        assert sockets.context.counters.too_slow == 1


@pytest.mark.gen_test
async def test_send_waits_for_a_slow_client(app, make_sockets, connect, until):
    sockets = make_sockets(limits=Limits(write_queue_bytes=200_000))
    sent = 0

    class Sending(Lab):
        async def on_nudge(self) -> None:
            nonlocal sent
            while sent < 200:
                await self.send(Note("x" * 10_000))
                sent += 1

    app.add_handlers(".*", sockets.persistent(Sending))

    async with connect(Sending, ROOM, timeout=15) as bob:
        shrink_buffers(sockets.connections[0], bob)
        await bob.send(Nudge())
        await until(lambda: sent)
        await asyncio.sleep(0.3)
        assert 0 < sent < 190

        bob.resume_reading()
        for _ in range(200):
            await bob.expect(Note)
