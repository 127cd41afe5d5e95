from __future__ import annotations

import pytest

from tests.support.clock import Clock
from tests.support.lab import Echo, Lab, Note, Said, Say

ROOM = {"room": "a"}


@pytest.mark.gen_test
async def test_broadcast_counts_as_activity_of_its_receivers(app, make_sockets, connect):
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
async def test_broadcast_can_exclude_and_filter_connections(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, {"room": "a", "level": 1}) as ann, connect(Lab, {"room": "b", "level": 2}) as bob:
        of_bob = next(connection for connection in sockets.connections if bob.is_client_of(connection))
        await sockets.broadcast(Lab, Note("all"))
        await sockets.broadcast(Lab, Note("not bob"), exclude=[of_bob])
        await sockets.broadcast(Lab, Note("high"), filter=lambda connection: connection.params.level > 1)
        await sockets.room(Lab, "a").send(Note("room"))
        await sockets.send_to(Lab, of_bob.connection_id, Note("bob"))
        await sockets.send_to(Lab, "unknown", Note("lost"))

        assert [Note("all"), Note("not bob"), Note("room")] == [await ann.expect(Note) for _ in range(3)]
        assert [Note("all"), Note("high"), Note("bob")] == [await bob.expect(Note) for _ in range(3)]
        await ann.expect_nothing()
        await bob.expect_nothing(0)


@pytest.mark.gen_test
async def test_kept_messages_can_exclude_connections(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann, connect(Lab, ROOM) as bob, connect(Lab, ROOM, subprotocols=()) as plain:
        of_bob = next(connection for connection in sockets.connections if bob.is_client_of(connection))
        start = (await bob.joined(2)).position
        await ann.joined(2)
        await plain.request(Echo("joined"))
        for text in ("1", "2"):
            await sockets.room(Lab, "a").send(Said(text=text), exclude=[of_bob] if text == "1" else ())

        assert [Said(text="1"), Said(text="2")] == [await ann.expect(Said) for _ in range(2)]
        assert [Said(text="1"), Said(text="2")] == [await plain.expect(Said) for _ in range(2)]
        assert Said(text="2") == await bob.expect(Said)
        assert ann.channels.get().position == bob.channels.get().position
        assert await bob.resume(start)  # the number of 1 is skipped again
        assert Said(text="2") == await bob.expect(Said)
        await bob.expect_nothing()


@pytest.mark.gen_test
async def test_kept_messages_cannot_be_filtered(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    with pytest.raises(
        TypeError, match="said is kept for clients that resume; expected exclude= or a room, got filter="
    ):
        await sockets.broadcast(Lab, Said(text="a"), filter=lambda connection: True)


@pytest.mark.gen_test
async def test_invalid_broadcast_is_not_sent(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        with pytest.raises(ValueError, match="said was not sent: invalid_message"):
            await sockets.broadcast(Lab, Said(text="x" * 101))
        with pytest.raises(TypeError, match="expected one of Said, Note, Noise, Price, Confirm, got Say"):
            await sockets.broadcast(Lab, Say(text="hi"))
        await ann.expect_nothing()
