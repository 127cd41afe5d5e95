"""Presence in rooms: what clients receive when devices come, change, return and leave."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.board import Board, BoardPresence, Rename
from tests.support.clock import Clock
from tests.support.presence_hub import Hub, HubBackplane
from tornado_ws import InvalidMessage, Limits, Rate
from tornado_ws.channels import MemoryBackplane
from tornado_ws.server import room_presence
from tornado_ws.testing import Client
from tornado_ws.validation.presence_frames import encode_request


def presence(*names: str) -> tuple[BoardPresence, ...]:
    return tuple(BoardPresence(name=name) for name in names)


def params(nick: str = "", room: str = "a") -> dict[str, str]:
    return {"room": room, "nick": nick}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sockets(make_sockets, clock, app):
    """Return a controller whose clock the test sets."""
    sockets = make_sockets(clock=clock)
    app.add_handlers(".*", sockets.persistent(Board))
    return sockets


def pass_time(sockets, clock, seconds: float) -> None:
    clock.now += seconds
    sockets.context.deadlines.run_due()


@pytest.mark.gen_test
async def test_client_receives_the_state_and_then_changes(sockets, connect):
    async with connect(Board, params("ann")) as ann:
        assert await ann.expect_presence("ann") == {"ann": presence("ann")}

        async with connect(Board, params("bob")) as bob:
            assert await bob.expect_presence("ann", "bob") == {"ann": presence("ann"), "bob": presence("bob")}
            await ann.expect_presence("ann", "bob")

            await bob.request(Rename("Bob"))
            await ann.request(Rename("ann"))  # the same as before
            assert await ann.expect_presence("ann", "bob") == {"ann": presence("ann"), "bob": presence("Bob")}

            await bob.request(Rename(""))
            await ann.expect_presence("ann")
            await bob.expect_presence("ann")


@pytest.mark.gen_test
async def test_other_rooms_do_not_see_it(sockets, connect):
    async with connect(Board, params("ann")) as ann, connect(Board, params("bob", "b")) as bob:
        await ann.expect_presence("ann")
        await bob.expect_presence("bob")

        assert sockets.room(Board, "a").present() == {"ann": presence("ann")}
        assert sockets.room(Board, "none").present() == {}


@pytest.mark.gen_test
async def test_devices_of_one_user_have_one_key(sockets, connect, until):
    async with connect(Board, params("ann")) as ann, connect(Board, params("ann")) as other:
        await other.request(Rename("phone"))

        await until(lambda: ann.presence == {"ann": presence("ann", "phone")})
        assert sockets.room(Board, "a").present() == {"ann": presence("ann", "phone")}


@pytest.mark.gen_test
async def test_reconnection_within_the_grace_time_is_no_change(sockets, connect, clock, until):
    async with connect(Board, params()) as eve:
        async with connect(Board, params("ann")) as ann:
            await eve.expect_presence("ann")
            ann.abort()
        await until(lambda: len(sockets.connections) == 1)
        before = eve._presence.changes
        pass_time(sockets, clock, 9.0)

        async with connect(Board, params("ann")) as ann:
            await ann.expect_presence("ann")
            pass_time(sockets, clock, 9.0)
            await eve.ping()
            assert eve._presence.changes == before

        await until(lambda: len(sockets.connections) == 1)
        pass_time(sockets, clock, 9.0)
        await eve.ping()
        assert eve.presence.keys() == {"ann"}
        pass_time(sockets, clock, 2.0)
        await eve.expect_presence()


@pytest.mark.gen_test
async def test_client_that_is_closed_for_good_leaves_at_once(sockets, connect):
    async with connect(Board, params()) as eve, connect(Board, params("ann")) as ann:
        await eve.expect_presence("ann")

        await sockets.disconnect(user="ann")  # another user
        next(one for one in sockets.connections if ann.is_client_of(one)).close(4000)

        await eve.expect_presence()


@pytest.mark.gen_test
async def test_leaving_a_room_ends_the_presence_in_it(sockets, connect):
    async with connect(Board, params()) as eve, connect(Board, params("ann")) as ann:
        await eve.expect_presence("ann")
        handler = next(one for one in sockets.connections if ann.is_client_of(one))

        await handler.leave("a")

        await eve.expect_presence()
        await ann.ping()
        assert ann.presence == {}
        with pytest.raises(ValueError, match=r"track: expected a room of this connection, got 'a'; await self.join"):
            await handler.track(BoardPresence(name="ann"), room="a")


@pytest.mark.gen_test
async def test_a_room_is_forgotten_with_its_last_member_and_device(sockets, connect, clock, until):
    server = sockets.endpoint_servers[0]
    async with connect(Board, params("ann")) as ann:
        await ann.expect_presence("ann")
        assert server.presence.connected == sockets.summary()["presence"]["board"] == 1
    await until(lambda: not sockets.connections)
    assert server.presence._rooms  # in the grace time

    pass_time(sockets, clock, 11.0)
    await asyncio.sleep(0)

    assert server.presence.connected == 0
    assert not server.presence._rooms
    assert not server.presence._clients
    assert not sockets.context.presence._channels


@pytest.mark.gen_test
async def test_client_that_is_lost_while_it_joins_leaves_nothing(sockets, connect, monkeypatch, until):
    shared, follow, unfollowed = sockets.context.presence, MemoryBackplane.follow, []
    entered = asyncio.Event()

    async def wait(self, channel, history):
        await follow(self, channel, history)
        if channel.room is not None and channel.endpoint != "board":
            entered.set()
            await asyncio.Event().wait()

    monkeypatch.setattr(MemoryBackplane, "local", False)
    monkeypatch.setattr(MemoryBackplane, "follow", wait)
    monkeypatch.setattr(MemoryBackplane, "unfollow", lambda self, channel: unfollowed.append(channel.endpoint))
    async with connect(Board, params("ann")) as ann:
        await entered.wait()
        ann.abort()

    await until(lambda: not sockets.connections)
    await until(lambda: not shared._channels)
    assert not sockets.endpoint_servers[0].presence._rooms
    assert {"$presence:board"} == {*unfollowed}


@pytest.mark.gen_test
async def test_metadata_that_violates_the_schema_is_not_tracked(sockets, connect):
    async with connect(Board, params("ann")) as ann:
        handler = sockets.connections[0]
        with pytest.raises(
            InvalidMessage,
            match=r"presence was not sent: invalid_message: expected at most 20 characters .maxLength. at /name",
        ):
            await handler.track(BoardPresence(name="x" * 21), room="a")
        assert await ann.expect_presence("ann") == {"ann": presence("ann")}


@pytest.mark.gen_test
async def test_without_a_key_the_user_or_the_connection_is_the_key(make_sockets, app, connect):
    class Signed(Board):
        def get_current_user(self):
            return self.get_query_argument("nick")

        async def on_connect(self) -> None:
            await self.track(BoardPresence(name="x"))

    sockets = make_sockets()
    app.add_handlers(".*", sockets.persistent(Signed))

    async with connect(Signed, params("ann")) as ann, connect(Signed, params("")) as other:
        await ann.expect_presence("ann", other.hello.connection)
        assert sockets.connections[0].present().keys() == {"ann", other.hello.connection}


@pytest.mark.gen_test
async def test_plain_clients_receive_no_frames(sockets, connect):
    async with connect(Board, params(), subprotocols=()) as eve, connect(Board, params("ann")) as ann:
        await ann.expect_presence("ann")
        await eve.expect_nothing(0.02)
        assert eve.presence == {}


@pytest.mark.gen_test
async def test_state_that_is_larger_than_a_frame_comes_in_parts(sockets, connect):
    async with connect(Board, params("ann")) as ann:
        room = sockets.endpoint_servers[0].presence._rooms["a"]
        for number in range(2000):
            room.track(None, f"user {number}", b'{"name":"%b"}' % (b"x" * 20))
        async with connect(Board, params()) as eve:
            await eve.expect_presence("ann", *(f"user {number}" for number in range(2000)))
        await ann.expect_presence("ann", *(f"user {number}" for number in range(2000)))


@pytest.mark.gen_test
async def test_requests_beyond_the_rate_are_answered_later(make_sockets, app, connect):
    sockets = make_sockets(limits=Limits(resumes=Rate(count=1, seconds=0.05)))
    app.add_handlers(".*", sockets.persistent(Board))

    async with connect(Board, params("ann")) as ann:
        await ann.expect_presence("ann")
        ann._presence.offer(1)
        for _ in range(3):
            await ann.send_text(encode_request(sockets.endpoint_servers[0].registry.channel("a").number))
        await ann.expect_presence("ann")


@pytest.mark.gen_test
async def test_request_for_an_unknown_channel_is_ignored(sockets, connect):
    async with connect(Board, params("ann")) as ann:
        await ann.send_text(encode_request(999_999))
        await ann.expect_presence("ann")


@pytest.mark.gen_test
@pytest.mark.parametrize("key", ["", "a\ud800", 1])
async def test_keys_are_text(sockets, connect, key):
    async with connect(Board, params("ann")) as ann:
        await ann.expect_presence("ann")
        with pytest.raises(
            (ValueError, TypeError), match=r"track: expected (a key, got an empty text|key to be (text|str))"
        ):
            await sockets.connections[0].track(BoardPresence(name="x"), room="a", key=key)
        assert ann.presence.keys() == {"ann"}


@pytest.mark.gen_test
async def test_metadata_of_another_version_of_the_schema_is_left_out(sockets, connect, caplog):
    async with connect(Board, params("ann")):
        room = sockets.endpoint_servers[0].presence._rooms["a"]
        room.track(None, "ann", b"{}")
        room.track(None, "bob", b"{}")

        for _ in range(2):
            assert sockets.room(Board, "a").present() == {"ann": presence("ann")}
    assert [record.message for record in caplog.records if record.name == "tornado_ws.backplane"] == [
        "presence of another version of the schema is left out: invalid_message: expected the property name [required]"
    ] * 2


@pytest.mark.gen_test
async def test_client_that_knows_the_newest_change_receives_nothing(sockets, connect):
    async with connect(Board, params("ann")) as ann:
        await ann.expect_presence("ann")
        room, channel = (
            sockets.endpoint_servers[0].presence._rooms["a"],
            sockets.endpoint_servers[0].registry.channel("a"),
        )
        ann._presence.offer(channel.number)
        await ann.send_text(encode_request(channel.number, room._log.epoch, room._log.seq))
        await ann.ping()
        assert ann.presence == {}
        ann._presence._channels[channel.number].seq = 0
        await ann.send_text(encode_request(channel.number, room._log.epoch, 0))
        await ann.expect_presence("ann")


@pytest.mark.gen_test
async def test_slow_client_receives_the_state_as_fast_as_it_reads(make_sockets, app, connect, until):
    sockets = make_sockets(limits=Limits(write_queue_bytes=200_000))
    app.add_handlers(".*", sockets.persistent(Board))

    async with connect(Board, params("ann")) as ann:
        await ann.expect_presence("ann")
        room = sockets.endpoint_servers[0].presence._rooms["a"]
        ann.pause_reading()
        room.remove(ann.hello.connection)
        for number in range(300):
            room.track(None, f"{number} {'x' * 60_000}", b'{"name":"x"}')
        await asyncio.sleep(0)
        await ann.send_text(encode_request(sockets.endpoint_servers[0].registry.channel("a").number))
        await until(lambda: bool(room._answers))
        room.track(None, "late", b'{"name":"late"}')
        ann.resume_reading()
        await until(lambda: len(ann.presence) == 302)
        assert not room._answers


class Anonymous(Board):
    """Handler that is tracked without a key."""

    async def on_connect(self) -> None:
        await self.track(BoardPresence(name="x"))


@pytest.mark.gen_test
async def test_page_without_a_user_is_recognized_by_its_name(make_sockets, app, connect, until):
    sockets = make_sockets()
    app.add_handlers(".*", sockets.persistent(Anonymous))
    name = "A" * 22

    async with connect(Anonymous, params()) as eve:
        async with connect(Anonymous, params() | {"$page": name}) as page:
            await until(lambda: len(eve.presence) == 2)
            (key,) = eve.presence.keys() - {eve.hello.connection}
            assert key not in (name, page.hello.connection)
            before = eve._presence.changes
        async with connect(Anonymous, params() | {"$page": name}):
            await until(lambda: len(sockets.connections) == 2)
            await eve.ping()
            assert eve._presence.changes == before
            assert eve.presence.keys() == {eve.hello.connection, key}


@pytest.mark.gen_test
@pytest.mark.parametrize("name", ["short", "A" * 21 + "=", ["A" * 22, "A" * 22]])
async def test_client_without_a_user_and_a_name_leaves_at_once(make_sockets, app, connect, until, name):
    sockets = make_sockets()
    app.add_handlers(".*", sockets.persistent(Anonymous))

    async with connect(Anonymous, params()) as eve:
        async with connect(Anonymous, params() | {"$page": name}) as other:
            await eve.expect_presence(eve.hello.connection, other.hello.connection)
        await eve.expect_presence(eve.hello.connection)


@pytest.mark.gen_test
async def test_two_controllers_share_presence(make_sockets, connect, http_port, app, monkeypatch, until):
    monkeypatch.setattr(room_presence, "HOLD_SECONDS", 0.1)
    hub = Hub()
    backplanes = [HubBackplane(hub), HubBackplane(hub)]
    hub.backplanes += backplanes
    one, two = (make_sockets(backplane=backplane) for backplane in backplanes)
    app.add_handlers(".*", [*one.persistent(Board), *two.persistent(Board, path="/other/{room}")])

    async with connect(Board, params("ann")) as ann:
        assert two.room(Board, "a").present() == {}
        await until(lambda: two.room(Board, "a").present() == {"ann": presence("ann")})
        await until(lambda: not two.endpoint_servers[0].presence._rooms)  # not read for some time

        url = f"ws://127.0.0.1:{http_port}/other/a?nick=bob"
        async with Client(Board.endpoint, url, subprotocols=["tornado-ws.1"]) as bob:
            await ann.expect_presence("ann", "bob")
            await bob.expect_presence("ann", "bob")
            assert two.room(Board, "a").present() == one.room(Board, "a").present()
            await bob.request(Rename(""))
            await ann.expect_presence("ann")


@pytest.mark.gen_test
async def test_no_message_is_longer_than_the_change(sockets, connect, until):
    async with connect(Board, params("ann")) as ann:
        await ann.expect_presence("ann")
        room, devices = sockets.endpoint_servers[0].presence._rooms["a"], []
        for _ in range(1000):  # all of one user
            devices.append(room.track(None, "bob", b'{"name":"bob"}'))
            await asyncio.sleep(0)
        for device in devices:
            room.untrack(device)
            await asyncio.sleep(0)
        await until(lambda: ann._presence.changes == 2000)

        assert ann.presence.keys() == {"ann"}
        assert max(map(len, room._log._recent)) < 100


@pytest.mark.gen_test
async def test_change_does_not_overtake_a_long_answer(sockets, connect, monkeypatch, until):
    async with connect(Board, params("ann")) as ann:
        await ann.expect_presence("ann")
        room, changing = sockets.endpoint_servers[0].presence._rooms["a"], []
        for number in range(200):
            room.track(None, f"user {number}", b'{"name":"user"}')
        await asyncio.sleep(0)
        room._log.state()  # as for an earlier client
        device = room.track(None, "bob", b'{"name":""}')

        async def change() -> None:
            for number in range(30):
                room.track(device, "bob", b'{"name":"%d"}' % number)
                await asyncio.sleep(0)

        await change()
        answer = room.answer

        def answer_during_changes(*args: object) -> None:
            changing.append(asyncio.create_task(change()))
            answer(*args)

        monkeypatch.setattr(room, "answer", answer_during_changes)
        async with connect(Board, params("eve")) as eve:
            await eve.expect_presence(*ann.presence.keys() | {"eve"})
            await asyncio.gather(*changing)
            await until(lambda: eve.presence["bob"] == presence("29"))

            assert len(changing) == 1  # a change that is early leads to another request
            assert not room._answers
