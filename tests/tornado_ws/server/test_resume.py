"""Clients that come back are sent all that they have missed, or are told that they are not."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.lab import Echo, Lab, Note, Said, Say

ROOM = {"room": "a"}


async def said(client, count: int) -> list[str]:
    return [(await client.expect(Said)).text for _ in range(count)]


@pytest.mark.gen_test
async def test_what_was_missed_is_sent_again_in_order(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as bob:
        async with connect(Lab, ROOM) as ann:
            await bob.send(Say(text="1"))
            await said(ann, 1)
            epoch, seq = ann.hello.epoch, ann.seq
        for text in "234":
            await bob.send(Say(text=text))
        await said(bob, 4)

        async with connect(Lab, ROOM) as ann:
            assert ann.hello.epoch == epoch
            assert await ann.resume(epoch, seq)
            assert ["2", "3", "4"] == await said(ann, 3)
            await bob.send(Say(text="5"))
            assert ["5"] == await said(ann, 1)
            await ann.expect_nothing()


@pytest.mark.gen_test
async def test_who_has_seen_nothing_yet_resumes_from_where_it_came_in(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as bob:
        await bob.send(Say(text="before"))
        await said(bob, 1)
        async with connect(Lab, ROOM) as ann:
            assert ann.hello.seq == ann.seq == bob.seq
        await bob.send(Say(text="missed"))
        await said(bob, 1)

        async with connect(Lab, ROOM) as back:
            assert await back.resume(ann.hello.epoch, ann.seq)
            assert ["missed"] == await said(back, 1)
            await back.expect_nothing()


@pytest.mark.gen_test
async def test_what_came_before_the_question_does_not_come_twice(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as bob:
        await bob.send(Say(text="1"))
        await said(bob, 1)
        async with connect(Lab, ROOM) as ann:
            await ann.request(Echo("joined"))
            await bob.send(Say(text="2"))
            await said(ann, 1)

            assert await ann.resume(bob.hello.epoch, 0)
            assert ["1"] == await said(ann, 1)
            await ann.expect_nothing()


@pytest.mark.gen_test
async def test_nothing_is_sent_again_when_something_is_not_kept_any_more(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as bob:
        for number in range(6):
            await bob.send(Say(text=str(number)))
        await said(bob, 6)

        async with connect(Lab, ROOM) as ann:
            assert not await ann.resume(bob.hello.epoch, 0)
            await ann.expect_nothing()
        async with connect(Lab, ROOM) as ann:
            assert await ann.resume(bob.hello.epoch, 1)
            assert ["1", "2", "3", "4", "5"] == await said(ann, 5)


@pytest.mark.gen_test
async def test_another_epoch_is_not_recovered(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        assert not await ann.resume("that of a server which is gone", 3)


@pytest.mark.gen_test
async def test_other_rooms_are_not_recovered(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as bob, connect(Lab, {"room": "b"}) as eve:
        await bob.send(Say(text="to a"))
        await eve.send(Say(text="to b"))
        await sockets.broadcast(Lab, Said(text="to all"))
        await sockets.broadcast(Lab, Note("not kept"))
        await said(bob, 2)
        await said(eve, 2)

        async with connect(Lab, {"room": "b"}) as ann:
            assert await ann.resume(bob.hello.epoch, 0)
            assert sorted(await said(ann, 2)) == ["to all", "to b"]
            await ann.expect_nothing()


@pytest.mark.gen_test
async def test_a_client_can_ask_before_on_connect_has_finished(app, sockets, connect):
    class Late(Lab):
        async def on_connect(self) -> None:
            await asyncio.sleep(0.1)
            await super().on_connect()

    app.add_handlers(".*", sockets.persistent(Late))
    await sockets.room(Late, "a").send(Said(text="missed"))

    async with connect(Late, ROOM) as ann:
        assert await ann.resume(ann.hello.epoch, 0)
        assert ["missed"] == await said(ann, 1)


@pytest.mark.gen_test
async def test_what_is_sent_to_one_client_only_has_no_number(app, sockets, connect):
    class Direct(Lab):
        async def on_say(self, say) -> None:
            await self.send(Said(text=say.text))

    app.add_handlers(".*", sockets.persistent(Direct))

    async with connect(Direct, ROOM) as ann:
        await ann.send(Say(text="hi"))
        assert Said(text="hi") == await ann.expect(Said)
        assert ann.seq == 0
