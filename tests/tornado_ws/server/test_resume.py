"""Resumption: a returning client receives all missed messages, or ``recovered: false``."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.lab import Echo, Lab, Note, Said, Say

ROOM = {"room": "a"}


async def texts(client, count: int) -> list[str]:
    return [(await client.expect(Said)).text for _ in range(count)]


@pytest.mark.gen_test
async def test_missed_messages_are_sent_in_order(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as bob:
        async with connect(Lab, ROOM) as ann:
            await bob.send(Say(text="1"))
            await texts(ann, 1)
            epoch, seq = ann.hello.epoch, ann.seq
        for text in "234":
            await bob.send(Say(text=text))
        await texts(bob, 4)

        async with connect(Lab, ROOM) as ann:
            assert ann.hello.epoch == epoch
            assert await ann.resume(epoch, seq)
            assert ["2", "3", "4"] == await texts(ann, 3)
            await bob.send(Say(text="5"))
            assert ["5"] == await texts(ann, 1)
            await ann.expect_nothing()


@pytest.mark.gen_test
async def test_new_client_resumes_from_the_position_of_hello(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as bob:
        await bob.send(Say(text="before"))
        await texts(bob, 1)
        async with connect(Lab, ROOM) as ann:
            assert ann.hello.seq == ann.seq == bob.seq
        await bob.send(Say(text="missed"))
        await texts(bob, 1)

        async with connect(Lab, ROOM) as back:
            assert await back.resume(ann.hello.epoch, ann.seq)
            assert ["missed"] == await texts(back, 1)
            await back.expect_nothing()


@pytest.mark.gen_test
async def test_messages_received_before_resuming_are_not_repeated(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as bob:
        await bob.send(Say(text="1"))
        await texts(bob, 1)
        async with connect(Lab, ROOM) as ann:
            await ann.request(Echo("joined"))
            await bob.send(Say(text="2"))
            await texts(ann, 1)

            assert await ann.resume(bob.hello.epoch, 0)
            assert ["1"] == await texts(ann, 1)
            await ann.expect_nothing()


@pytest.mark.gen_test
async def test_nothing_is_sent_if_a_missed_message_is_not_kept_any_more(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as bob:
        for number in range(6):
            await bob.send(Say(text=str(number)))
        await texts(bob, 6)

        async with connect(Lab, ROOM) as ann:
            assert not await ann.resume(bob.hello.epoch, 0)
            await ann.expect_nothing()
        async with connect(Lab, ROOM) as ann:
            assert await ann.resume(bob.hello.epoch, 1)
            assert ["1", "2", "3", "4", "5"] == await texts(ann, 5)


@pytest.mark.gen_test
async def test_other_epoch_is_not_recovered(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        assert not await ann.resume("epoch of another server", 3)


@pytest.mark.gen_test
async def test_other_rooms_are_not_recovered(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as bob, connect(Lab, {"room": "b"}) as eve:
        await bob.send(Say(text="to a"))
        await eve.send(Say(text="to b"))
        await sockets.broadcast(Lab, Said(text="all"))
        await sockets.broadcast(Lab, Note("not kept"))
        await texts(bob, 2)
        await texts(eve, 2)

        async with connect(Lab, {"room": "b"}) as ann:
            assert await ann.resume(bob.hello.epoch, 0)
            assert sorted(await texts(ann, 2)) == ["all", "to b"]
            await ann.expect_nothing()


@pytest.mark.gen_test
async def test_client_can_resume_during_on_connect(app, sockets, connect):
    class Late(Lab):
        async def on_connect(self) -> None:
            await asyncio.sleep(0.1)
            await super().on_connect()

    app.add_handlers(".*", sockets.persistent(Late))
    await sockets.room(Late, "a").send(Said(text="missed"))

    async with connect(Late, ROOM) as ann:
        assert await ann.resume(ann.hello.epoch, 0)
        assert ["missed"] == await texts(ann, 1)


@pytest.mark.gen_test
async def test_message_to_one_client_has_no_sequence_number(app, sockets, connect):
    class Direct(Lab):
        async def on_say(self, say) -> None:
            await self.send(Said(text=say.text))

    app.add_handlers(".*", sockets.persistent(Direct))

    async with connect(Direct, ROOM) as ann:
        await ann.send(Say(text="hi"))
        assert Said(text="hi") == await ann.expect(Said)
        assert ann.seq == 0
