from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from tests.support.lab import Echo, Lab, Note, Nudge
from tornado_ws import ErrorData, LimitReached, Limits, RequestFailed
from tornado_ws.channels import Channel
from tornado_ws.server.rooms import ConnectionRegistry

ROOM = {"room": "a"}


@dataclass(frozen=True)
class FakeMember:
    connection_id: str
    connection: None = None
    has_subprotocol: bool = True


ANN, BOB = FakeMember("ann"), FakeMember("bob")


@pytest.fixture
def unused() -> list[Channel]:
    return []


@pytest.fixture
def registry(unused) -> ConnectionRegistry[FakeMember]:
    registry: ConnectionRegistry[FakeMember] = ConnectionRegistry("chat", unused.append)
    registry.add(ANN)
    registry.add(BOB)
    return registry


def test_members_are_listed_in_the_order_of_their_connections(registry):
    assert list(registry) == [ANN, BOB]
    assert registry.members() == (ANN, BOB)
    assert len(registry) == 2
    assert registry.get("bob") is BOB
    assert registry.get("eve") is None


def test_joining_twice_has_no_effect(registry):
    assert registry.join(ANN, "lobby")
    assert not registry.join(ANN, "lobby")

    assert registry.members("lobby") == (ANN,)
    assert registry.rooms_of(ANN) == ("lobby",)


def test_room_without_members_is_removed(registry, unused):
    registry.join(ANN, "lobby")
    number = registry.channel("lobby").number

    assert registry.leave(ANN, "lobby")
    assert not registry.leave(ANN, "lobby")
    assert registry.rooms() == ()
    assert registry.members("lobby") == ()
    assert registry.channel("lobby") is registry.numbered(number) is None
    assert unused == [Channel("chat", "lobby")]


def test_number_of_a_channel_is_never_used_again(registry):
    numbers = []
    for _ in range(3):
        registry.join(ANN, "lobby")
        numbers.append(registry.channel("lobby").number)
        registry.leave(ANN, "lobby")

    assert numbers == sorted({*numbers})


def test_channel_of_the_endpoint_is_no_room(registry, unused):
    registry.join(ANN, None)

    assert registry.rooms() == registry.rooms_of(ANN) == ()
    assert len(registry.channel(None)) == 1
    registry.remove(ANN)
    assert registry.channel(None) is None
    assert unused == [Channel("chat")]


def test_removed_connection_leaves_all_rooms(registry):
    registry.join(ANN, "a")
    registry.join(ANN, "b")
    registry.join(BOB, "b")

    registry.remove(ANN)
    registry.remove(ANN)

    assert registry.rooms() == ("b",)
    assert registry.members() == (BOB,)
    assert not any(ANN in members for members in (registry.members("a"), registry.members("b")))


def test_removed_connection_cannot_join(registry):
    registry.remove(ANN)

    assert not registry.join(ANN, "lobby")
    assert registry.rooms() == ()


def test_channel_stays_open_while_a_connection_waits(registry, unused):
    channel = registry.open("lobby")
    channel.joining = 1
    registry.join(ANN, "lobby")
    registry.leave(ANN, "lobby")
    assert registry.channel("lobby") is channel
    assert registry.rooms() == ()

    channel.joining = 0
    registry.close_unused("lobby")
    registry.close_unused("lobby")
    assert unused == [Channel("chat", "lobby")]


def test_iteration_uses_a_snapshot(registry):
    for member in registry:
        registry.remove(member)

    assert len(registry) == 0


@pytest.mark.gen_test
async def test_disconnected_members_have_left_their_rooms(app, sockets, connect, until):
    sizes: list[int] = []

    class Leaving(Lab):
        async def on_nudge(self) -> None:
            await self.leave(self.params.room)
            await self.send(Note(str(len(self.room(self.params.room)))))

        async def on_disconnect(self, code: int | None, reason: str | None) -> None:
            sizes.append(len(self.room("a").members))

    app.add_handlers(".*", sockets.persistent(Leaving))

    async with connect(Leaving, ROOM) as ann, connect(Leaving, ROOM) as bob:
        await bob.request(Echo("after on_connect"))
        assert len(sockets.room(Leaving, "a")) == 2
        assert len(sockets.room(Leaving, "b")) == 0
        await ann.send(Nudge())
        assert Note("1") == await ann.expect(Note)
    await until(lambda: len(sizes) == 2)

    assert sorted(sizes) == [0, 0] or sorted(sizes) == [0, 1]
    assert len(sockets.room(Leaving, "a")) == 0


class Joining(Lab):
    """Lab that joins a room for each ``echo``."""

    async def on_connect(self) -> None: ...

    async def on_echo(self, echo: str) -> str:
        await self.join(echo)
        return echo


@pytest.mark.gen_test
async def test_rooms_of_one_connection_are_limited_with_an_error_that_the_page_receives(
    app, make_sockets, connect, caplog
):
    sockets = make_sockets(limits=Limits(rooms=3))
    app.add_handlers(".*", sockets.persistent(Joining))

    async with connect(Joining, ROOM) as ann, connect(Joining, ROOM) as bob:
        for name in ("a", "b", "c", "a"):
            await ann.request(Echo(name))
        with pytest.raises(RequestFailed) as failed:
            await ann.request(Echo("d"))

        assert failed.value.error == ErrorData(
            code="rate_limited", message="too many rooms", expected=3, retryable=True
        )
        assert caplog.messages == ["Joining.on_echo: expected at most 3 rooms of one client (limits.rooms)"]
        assert ann.closed is None
        assert await bob.request(Echo("d")) == "d"
        await sockets.connections[0].leave("a")
        assert await ann.request(Echo("d")) == "d"


@pytest.mark.gen_test
async def test_a_connection_may_be_in_256_rooms_by_default(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Joining))

    async with connect(Joining, ROOM):
        (connection,) = sockets.connections
        for number in range(256):
            await connection.join(str(number))

        with pytest.raises(LimitReached):
            await connection.join("256")
        assert len(sockets.summary()["rooms"]["lab"]) == 256


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.slow
def test_join_leave_and_end_among_300_000_connections_take_microseconds():
    registry: ConnectionRegistry[FakeMember] = ConnectionRegistry("lab", lambda channel: None)
    for number in range(300_000):
        member = FakeMember(str(number))
        registry.add(member)
        registry.join(member, f"room {number % 100_000}")

    began = time.process_time()
    for number in range(1000):
        member = FakeMember(str(number))
        registry.join(member, "other")
        registry.leave(member, "other")
        assert len(registry.rooms_of(member)) == 1
        registry.remove(member)

    assert time.process_time() - began < 1.0  # a scan of the connections or rooms takes milliseconds, thus seconds
