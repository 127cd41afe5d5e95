"""Contract of a backplane. Every backplane passes these tests.

`Backplane`, `Publication` and `TicketStore` are abstract or have no logic of their own, and are tested here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import msgspec
import pytest

from tests.support.receivers import BOUNDS, LOBBY, Receiver, kept, publication
from tornado_ws.channels import Backplane, Channel, MemoryBackplane, Position, TicketGrant, Unknown
from tornado_ws.channels.redis import RedisBackplane
from tornado_ws.endpoint import Replay
from tornado_ws.errors import ConfigurationError, TooManyTickets

GRANT = TicketGrant(endpoint="export", data=msgspec.Raw(b'{"room":"lobby"}'), bound={"user": "x"})
ENDPOINT = Channel("chat")


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.slow)])
def detached(request: pytest.FixtureRequest, io_loop) -> Iterator[Backplane]:
    """Return a backplane without a controller."""
    backplane = _make(request)
    yield backplane
    io_loop.run_sync(backplane.stop)


def _make(request: pytest.FixtureRequest) -> Backplane:
    if request.param == "memory":
        return MemoryBackplane()
    return RedisBackplane(request.getfixturevalue("redis_server").url, prefix=request.node.name)


@pytest.fixture
def backplane(detached: Backplane, receiver: Receiver) -> Backplane:
    """Return a backplane attached to `receiver`."""
    detached.attach(receiver)
    return detached


@pytest.mark.gen_test
async def test_message_is_delivered_unchanged_before_publish_returns(backplane, receiver):
    await backplane.follow(LOBBY, None)
    message = publication(to="1", exclude=frozenset({"2"}), volatile=True, latest="x")

    assert await backplane.publish(message) is None

    assert [message] == receiver.plain


@pytest.mark.gen_test
async def test_kept_message_is_delivered_with_its_place_before_publish_returns(backplane, receiver):
    await backplane.follow(LOBBY, BOUNDS)
    start = backplane.position(LOBBY)

    position = await backplane.publish(kept(b'{"a":"\xc3\xa9\\n"}', exclude=frozenset({"2 ,3", "x"})))

    (message,) = receiver.kept
    assert (LOBBY, position, start.mark) == (message.channel, message.position, message.previous)
    assert (b'{"a":"\xc3\xa9\\n"}', {"2 ,3", "x"}) == (message.text, message.exclude)
    assert Position(start.epoch, 1, position.mark) == position == backplane.position(LOBBY)
    assert 6 == len(position.mark)


@pytest.mark.gen_test
async def test_each_channel_has_its_own_numbers(backplane, receiver):
    channels = [LOBBY, Channel("chat", "attic"), ENDPOINT, Channel("chat", ""), Channel("other", "lobby")]
    for channel in channels:
        await backplane.follow(channel, BOUNDS)

    for channel in (*channels, LOBBY):
        await backplane.publish(kept(channel=channel))

    assert [(channel, 1) for channel in channels] + [(LOBBY, 2)] == [
        (message.channel, message.position.seq) for message in receiver.kept
    ]
    assert len(channels) == len({backplane.position(channel).epoch for channel in channels})


@pytest.mark.gen_test
@pytest.mark.parametrize("room", ["{a}b", "}{", "a:b", "a b\n", "%7B", "\ud800", "й" * 200])
async def test_room_may_have_any_name(backplane, receiver, room: str):
    channel = Channel("chat", room)
    await backplane.follow(channel, BOUNDS)
    start = backplane.position(channel)

    await backplane.publish(kept(channel=channel))

    assert [channel] == [message.channel for message in receiver.kept]
    assert receiver.kept == await backplane.missed(channel, start)


@pytest.mark.gen_test
async def test_messages_of_one_caller_are_delivered_in_order(backplane, receiver):
    await backplane.follow(LOBBY, BOUNDS)

    for number in range(6):
        message = b"{%d}" % number
        await backplane.publish(kept(message) if number % 2 else publication(message))

    assert [b"{%d}" % number for number in range(6)] == receiver.order


@pytest.mark.gen_test
async def test_many_messages_at_once_are_delivered_once_each_in_order(backplane, receiver):
    await backplane.follow(LOBBY, BOUNDS)

    positions = await asyncio.gather(*(backplane.publish(kept(b"{%d}" % number)) for number in range(300)))

    assert list(range(1, 301)) == [position.seq for position in positions]
    assert [b"{%d}" % number for number in range(300)] == receiver.texts
    receiver.check()


@pytest.mark.gen_test
async def test_channel_without_a_history_has_no_position(backplane, receiver):
    await backplane.follow(LOBBY, None)

    assert backplane.position(LOBBY) is None


@pytest.mark.gen_test
async def test_missed_messages_are_those_after_a_position(backplane, receiver):
    await backplane.follow(LOBBY, BOUNDS)
    positions = [backplane.position(LOBBY)]
    for number in range(3):
        positions.append(await backplane.publish(kept(b"{%d}" % number)))
    await backplane.publish(kept(channel=ENDPOINT))

    for after, position in enumerate(positions):
        missed = await backplane.missed(LOBBY, position)
        assert [b"{0}", b"{1}", b"{2}"][after:] == [message.text for message in missed]
        assert missed == backplane.recent(LOBBY, position)


@pytest.mark.gen_test
async def test_position_of_another_sequence_cannot_resume(backplane, receiver):
    await backplane.follow(LOBBY, BOUNDS)
    first = await backplane.publish(kept())
    at = await backplane.publish(kept())

    for position in (
        at._replace(epoch="other"),
        at._replace(seq=3),
        at._replace(mark="other"),
        first._replace(mark="other"),
        Position(at.epoch, 0, "other"),
        Position(at.epoch, 10**15, "other"),
        Position("", 0, ""),
    ):
        assert await backplane.missed(LOBBY, position) is None
        assert backplane.recent(LOBBY, position) in (None, Unknown.UNKNOWN)


@pytest.mark.gen_test
async def test_number_of_kept_messages_is_bounded_for_each_channel(backplane, receiver):
    bounds = Replay(count=2)
    await backplane.follow(LOBBY, bounds)
    positions = [backplane.position(LOBBY)]
    for _ in range(3):
        positions.append(await backplane.publish(kept(history=bounds)))
    for _ in range(5):
        await backplane.publish(kept(channel=ENDPOINT, history=bounds))

    assert await backplane.missed(LOBBY, positions[0]) is None
    assert [positions[2], positions[3]] == [message.position for message in await backplane.missed(LOBBY, positions[1])]


@pytest.mark.gen_test
async def test_kept_messages_expire_and_numbers_go_on(backplane, receiver):
    bounds = Replay(count=10, seconds=0.05)
    await backplane.follow(LOBBY, bounds)
    start = backplane.position(LOBBY)
    await backplane.publish(kept(history=bounds))

    await asyncio.sleep(0.15)
    position = await backplane.publish(kept(history=bounds))

    assert (start.epoch, 2) == (position.epoch, position.seq)
    assert await backplane.missed(LOBBY, start) is None
    receiver.check()


@pytest.mark.gen_test
async def test_channel_keeps_its_position_without_followers(backplane, receiver):
    await backplane.follow(LOBBY, BOUNDS)
    first = await backplane.publish(kept())

    backplane.unfollow(LOBBY)
    second = await backplane.publish(kept())
    await backplane.follow(LOBBY, BOUNDS)

    assert (first.epoch, 2) == (second.epoch, second.seq)
    assert second == backplane.position(LOBBY)
    assert [second] == [message.position for message in await backplane.missed(LOBBY, first)]


@pytest.mark.gen_test
async def test_publishing_without_a_controller_raises(detached):
    with pytest.raises(RuntimeError, match="said was published before a controller was attached to this backplane"):
        await detached.publish(publication())


@pytest.mark.gen_test
async def test_backplane_is_healthy_after_a_message(backplane, receiver):
    await backplane.follow(LOBBY, BOUNDS)
    await backplane.publish(kept())

    assert backplane.healthy
    assert 0 == backplane.counters()["unshared"]


@pytest.mark.gen_test
async def test_key_can_be_read_any_number_of_times_and_redeemed_once(backplane):
    key = await backplane.tickets.issue(GRANT, client="ann", ttl=10, limit=1)

    assert GRANT == await backplane.tickets.peek(key)
    assert GRANT == await backplane.tickets.peek(key)
    assert GRANT == await backplane.tickets.redeem(key)
    assert await backplane.tickets.redeem(key) is None
    assert await backplane.tickets.peek(key) is None


@pytest.mark.gen_test
async def test_one_of_many_concurrent_calls_redeems_a_key(backplane):
    key = await backplane.tickets.issue(GRANT, client="ann", ttl=10, limit=1)

    grants = await asyncio.gather(*(backplane.tickets.redeem(key) for _ in range(20)))

    assert [GRANT] == [grant for grant in grants if grant is not None]


@pytest.mark.gen_test
@pytest.mark.parametrize("key", ["", "\ud800", "A" * 43])
async def test_unknown_key_has_no_grant(backplane, key: str):
    assert await backplane.tickets.peek(key) is None
    assert await backplane.tickets.redeem(key) is None


@pytest.mark.gen_test
async def test_number_of_open_keys_is_limited_per_client(backplane):
    tickets = backplane.tickets
    first = await tickets.issue(GRANT, client="ann", ttl=10, limit=2)
    await tickets.issue(GRANT, client="ann", ttl=5, limit=2)

    with pytest.raises(TooManyTickets) as raised:
        await tickets.issue(GRANT, client="ann", ttl=10, limit=2)

    assert 2 == raised.value.limit
    assert 4 < raised.value.retry_after <= 5
    await tickets.issue(GRANT, client="bob", ttl=10, limit=2)
    await tickets.redeem(first)
    await tickets.issue(GRANT, client="ann", ttl=10, limit=2)


@pytest.mark.gen_test
async def test_expired_key_has_no_grant_and_does_not_count(backplane):
    tickets = backplane.tickets
    key = await tickets.issue(GRANT, client="ann", ttl=0.05, limit=1)

    await asyncio.sleep(0.1)

    assert await tickets.peek(key) is None
    assert await tickets.redeem(key) is None
    await tickets.issue(GRANT, client="ann", ttl=10, limit=1)


@pytest.mark.gen_test
async def test_second_receiver_is_refused(backplane, receiver):
    with pytest.raises(ConfigurationError, match="of another controller"):
        backplane.attach(Receiver())

    await backplane.follow(LOBBY, None)
    await backplane.publish(publication(b"a"))
    assert [b"a"] == receiver.order
