"""Resumption: a returning client receives all missed messages of a channel, or its new position."""

from __future__ import annotations

import asyncio
import dataclasses
import socket

import pytest

from tests.support.lab import LAB, Echo, Lab, Note, Nudge, Said, Say
from tornado_ws import Limits, Rate, Replay
from tornado_ws.channels import Position
from tornado_ws.validation.channel_frames import encode_resume

ROOM = {"room": "a"}


SAID, *OTHERS = LAB.server


def keeping(count: int) -> type[Lab]:
    """Return a Lab that keeps more messages."""
    said = dataclasses.replace(SAID, replay=Replay(count))

    class Keeping(Lab):
        endpoint = dataclasses.replace(LAB, server=(said, *OTHERS))

    return Keeping


async def texts(client, count: int) -> list[str]:
    return [(await client.expect(Said)).text for _ in range(count)]


async def position_in_room(client) -> Position:
    """Return the position of a client in its room: Lab joins the endpoint's channel, then the room."""
    return (await client.joined(2)).position


@pytest.mark.gen_test
async def test_missed_messages_are_sent_in_order(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as bob:
        async with connect(Lab, ROOM) as ann:
            await ann.joined(2)
            await bob.send(Say(text="1"))
            await texts(ann, 1)
            position, channel = await position_in_room(ann), ann.channels.get().channel
        for text in "234":
            await bob.send(Say(text=text))
        await texts(bob, 4)

        async with connect(Lab, ROOM) as ann:
            state = await ann.joined(2)
            assert (state.channel, state.position.epoch, state.position.seq) == (channel, position.epoch, 4)
            assert await ann.resume(position)
            assert ["2", "3", "4"] == await texts(ann, 3)
            await bob.send(Say(text="5"))
            assert ["5"] == await texts(ann, 1)
            await ann.expect_nothing()


@pytest.mark.gen_test
async def test_new_client_begins_at_the_position_of_joined(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as bob:
        await bob.send(Say(text="before"))
        await texts(bob, 1)
        async with connect(Lab, ROOM) as ann:
            position = await position_in_room(ann)
            assert position == bob.channels.get().position
        await bob.send(Say(text="missed"))
        await texts(bob, 1)

        async with connect(Lab, ROOM) as back:
            await back.joined(2)
            assert await back.resume(position)
            assert ["missed"] == await texts(back, 1)
            await back.expect_nothing()


@pytest.mark.gen_test
async def test_one_live_message_before_the_replay_and_another_drop_lose_nothing(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as bob:
        async with connect(Lab, ROOM) as ann:
            await ann.joined(2)
            positions = ann.positions
        for text in "12":
            await bob.send(Say(text=text))
        room = bob.channels.get().channel
        async with connect(Lab, ROOM) as ann:
            await ann.joined(2)
            ann.channels.start_resuming(ann.channels.get().ch, positions[room])  # `$resume` is lost
            await bob.send(Say(text="3"))
            await texts(bob, 3)
            await ann.request(Echo("after 3"))
            ann.abort()
            positions = ann.positions

        async with connect(Lab, ROOM, positions=positions) as ann:
            assert ["1", "2", "3"] == await texts(ann, 3)


@pytest.mark.gen_test
async def test_nothing_is_sent_if_a_missed_message_is_not_kept_any_more(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as bob:
        start = await position_in_room(bob)
        await bob.send(Say(text="0"))
        await texts(bob, 1)
        first = bob.channels.get().position
        for number in range(1, 6):
            await bob.send(Say(text=str(number)))
        await texts(bob, 5)

        async with connect(Lab, ROOM) as ann:
            await ann.joined(2)
            assert not await ann.resume(start)
            assert ann.channels.get().position == bob.channels.get().position
            await ann.expect_nothing()
            assert await ann.resume(first)
            assert ["1", "2", "3", "4", "5"] == await texts(ann, 5)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "change",
    [
        lambda position: position._replace(epoch="of another server"),
        lambda position: position._replace(mark="other"),
        lambda position: position._replace(seq=position.seq + 1),
    ],
)
async def test_position_of_another_history_is_not_recovered(app, sockets, connect, change):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        await ann.joined(2)
        await ann.send(Say(text="1"))
        await texts(ann, 1)
        position = ann.channels.get().position

        assert not await ann.resume(change(position))
        assert ann.channels.get().position == position


@pytest.mark.gen_test
async def test_channels_have_numbers_of_their_own(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as bob, connect(Lab, {"room": "b"}) as eve:
        start = await position_in_room(bob)
        await eve.joined(2)
        await bob.send(Say(text="to a"))
        await eve.send(Say(text="to b"))
        await sockets.broadcast(Lab, Said(text="all"))
        await sockets.broadcast(Lab, Note("not kept"))
        await texts(bob, 2)
        await texts(eve, 2)

        assert [1, 1] == [state.position.seq for state in bob.channels.states]
        assert [1, 1] == [state.position.seq for state in eve.channels.states]
        assert bob.channels.states[0].ch == eve.channels.states[0].ch
        assert bob.channels.states[1].ch != eve.channels.states[1].ch
        assert await eve.resume(start, ch=eve.channels.states[1].ch) is False


@pytest.mark.gen_test
async def test_busy_room_costs_a_quiet_room_nothing(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))
    busy = sockets.room(Lab, "busy")

    async with connect(Lab, ROOM) as bob:
        start = await position_in_room(bob)
        await bob.send(Say(text="quiet"))
        await texts(bob, 1)
        for number in range(9000):
            await busy.send(Said(text=str(number)))

        async with connect(Lab, ROOM) as ann:
            await ann.joined(2)
            loop = asyncio.get_running_loop()
            began = loop.time()
            for _ in range(40):
                assert await ann.resume(start)
            assert loop.time() - began < 1.0  # 40 times 0.1 to 1.1 s, with one sequence for all rooms
            assert ["quiet"] == await texts(ann, 1)


@pytest.mark.gen_test
async def test_client_resumes_while_a_method_runs(app, sockets, connect):
    release = asyncio.Event()

    class Busy(Lab):
        async def on_nudge(self) -> None:
            await release.wait()

    app.add_handlers(".*", sockets.persistent(Busy))

    async with connect(Busy, ROOM) as ann:
        start = await position_in_room(ann)
        await sockets.room(Busy, "a").send(Said(text="1"))
        await ann.send(Nudge())

        assert await ann.resume(start)
        release.set()


@pytest.mark.gen_test
async def test_message_to_one_client_has_no_number(app, sockets, connect):
    class Direct(Lab):
        async def on_say(self, say) -> None:
            await self.send(Said(text=say.text))
            await sockets.send_to(Direct, self.connection_id, Said(text=say.text))

    app.add_handlers(".*", sockets.persistent(Direct))

    async with connect(Direct, ROOM) as ann:
        start = await position_in_room(ann)
        await ann.send(Say(text="hi"))
        assert ["hi", "hi"] == await texts(ann, 2)
        assert ann.channels.get().position == start


@pytest.mark.gen_test
async def test_reconnects_under_talk_neither_invert_nor_repeat(app, sockets, connect, until):
    Hall = keeping(1000)
    app.add_handlers(".*", sockets.persistent(Hall))
    talking = True
    count = 0

    async def talk(client) -> None:
        nonlocal count
        while talking:
            count += 1
            await client.send(Say(text=str(count)))
            await asyncio.sleep(0.0005)

    async with connect(Hall, ROOM) as bob:
        await bob.joined(2)
        positions = bob.positions
        talker = asyncio.create_task(talk(bob))
        received: list[str] = []
        for _ in range(25):
            async with connect(Hall, ROOM, positions=positions) as ann:
                state = await ann.joined(2)
                await until(lambda state=state: state.recovered is not False and not state.resuming)
                received += await texts(ann, state.position.seq - len(received))
                expected = state.position.seq + 2
                await until(lambda state=state, expected=expected: state.position.seq >= expected)
                positions = ann.positions
                received += await texts(ann, state.position.seq - len(received))
        talking = False
        await talker
        assert received == [str(number) for number in range(1, len(received) + 1)]
        assert len(received) > 50


@pytest.mark.gen_test
async def test_repeated_requests_are_delayed_and_answered(app, make_sockets, connect, until):
    sockets = make_sockets(limits=Limits(resumes=Rate(count=100, seconds=10.0)))
    app.add_handlers(".*", sockets.persistent(Lab))
    server = next(iter(sockets._endpoints))

    async with connect(Lab, ROOM, timeout=5.0) as ann:
        start = await position_in_room(ann)
        for text in "12345":
            await ann.send(Say(text=text))
        await texts(ann, 5)
        state = ann.channels.get()
        loop = asyncio.get_running_loop()
        began = loop.time()
        for _ in range(200):
            await ann.send_text(encode_resume(state.ch, start))
        assert "now" == await ann.request(Echo("now"))  # others do not wait
        assert loop.time() - began < 2.0

        (client,) = server.registry
        await until(lambda: not client._resumption._tasks)
        await ann.request(Echo("after all answers"))
        assert await ann.resume(start)
        assert ["1", "2", "3", "4", "5"] == await texts(ann, 5)
        assert state.position.seq == 5


@pytest.mark.gen_test
async def test_client_that_does_not_read_is_not_too_slow_because_of_its_own_resume(app, make_sockets, connect, until):
    Hall = keeping(10_000)
    sockets = make_sockets(limits=Limits(write_queue_bytes=20_000))
    app.add_handlers(".*", sockets.persistent(Hall))
    server = next(iter(sockets._endpoints))

    async with connect(Hall, ROOM) as ann:
        start = await position_in_room(ann)
    for number in range(10_000):
        await sockets.room(Hall, "a").send(Said(text=f"{number}".ljust(100, ".")))

    async with connect(Hall, ROOM) as ann:
        await ann.joined(2)
        client = next(iter(server.registry))
        client.connection.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
        ann.pause_reading()
        state = await ann.start_resume(start)
        await until(lambda: client.connection.wait_writable() is not None)
        blocked = client._resumption._tasks
        await asyncio.sleep(0.1)
        assert 1 == len(blocked)
        assert sockets.context.counters.too_slow == 0

        ann.resume_reading()
        await until(lambda: state.recovered is not None)
        assert state.position.seq == 10_000
        await until(lambda: not blocked)
