"""Rule of delivery at one channel, with messages that the test makes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.support.receivers import BOUNDS, LOBBY, kept, publication
from tests.support.two_processes import until
from tornado_ws.channels import Channel, KeptMessage, Position
from tornado_ws.channels.redis import RedisBackplane
from tornado_ws.channels.redis.follower import Follower
from tornado_ws.channels.redis.redis_message import encode_kept, encode_plain

pytestmark = pytest.mark.slow


@pytest.fixture
def backplane(redis_server, request, io_loop, receiver) -> Iterator[RedisBackplane]:
    """Return a backplane attached to `receiver`."""
    backplane = RedisBackplane(redis_server.url, prefix=request.node.name)
    backplane.attach(receiver)
    yield backplane
    io_loop.run_sync(backplane.stop)


async def followed(backplane: RedisBackplane) -> Follower:
    await backplane.follow(LOBBY, BOUNDS)
    return backplane._followers[LOBBY]


def payload(message: KeptMessage, *, sender: str = "other") -> bytes:
    epoch, seq, mark = message.position
    rest = encode_kept(kept(message.text), sender=sender, seconds=60)
    return f"k{epoch} {seq} {mark} {message.previous} ".encode() + rest


def message(at: Position, seq: int) -> KeptMessage:
    """Return a message whose mark is its number."""
    previous = at.mark if seq == at.seq + 1 else str(seq - 1)
    return KeptMessage(LOBBY, Position(at.epoch, seq, str(seq)), previous, b"%d" % seq, frozenset(), 1e9)


@pytest.mark.gen_test
async def test_gap_that_closes_by_itself_is_not_read(backplane, receiver):
    follower = await followed(backplane)
    at = backplane.position(LOBBY)
    readings = backplane.counters()["readings"]

    for seq in (2, 3, 1):
        follower.on_message(payload(message(at, seq)))
    await asyncio.sleep(0.1)

    assert [b"1", b"2", b"3"] == receiver.texts
    assert (readings, 2) == (backplane.counters()["readings"], backplane.counters()["gaps"])


@pytest.mark.gen_test
async def test_gap_that_stays_is_read(backplane, receiver):
    follower = await followed(backplane)
    at = backplane.position(LOBBY)

    follower.on_message(payload(message(at, 2)))  # Redis has neither 1 nor 2
    await until(lambda: backplane.counters()["readings"] >= 2)

    assert [] == receiver.texts
    assert [] == receiver.resets


@pytest.mark.gen_test
async def test_message_that_never_fits_does_not_lead_to_a_busy_loop(backplane, receiver):
    follower = await followed(backplane)
    at = backplane.position(LOBBY)
    end = asyncio.get_running_loop().time() + 1

    while asyncio.get_running_loop().time() < end:
        follower.on_message(payload(message(at._replace(epoch="old"), 5)))
        await asyncio.sleep(0.001)

    assert backplane.counters()["readings"] < 20


@pytest.mark.gen_test
async def test_own_message_from_the_subscription_is_dropped(backplane, receiver):
    follower = await followed(backplane)
    position = await backplane.publish(kept(b"1"))
    readings = backplane.counters()["readings"]

    follower.on_message(payload(receiver.kept[0], sender=backplane.history.process_id))
    follower.on_message(encode_plain(publication(), sender=backplane.history.process_id))
    await asyncio.sleep(0.1)

    assert [b"1"] == receiver.order
    assert position == backplane.position(LOBBY)
    assert readings == backplane.counters()["readings"]


@pytest.mark.gen_test
async def test_message_of_another_version_is_logged(backplane, receiver, caplog):
    follower = await followed(backplane)

    for _ in range(10):
        follower.on_message(b"?")
        follower.on_message(b"p{")

    assert ["a message for chat is of another version: expected a message of this version, got b'?'"] == [
        record.getMessage() for record in caplog.records
    ]
    assert 20 == backplane.counters()["foreign"]


@pytest.mark.gen_test
async def test_history_of_another_version_cannot_be_resumed(backplane, receiver, redis_server):
    follower = await followed(backplane)
    start = backplane.position(LOBBY)
    await backplane.publish(kept())
    redis_server.execute("XADD", follower.keys.stream, "2-0", "m", "?", "t", "0")
    redis_server.execute("HSET", follower.keys.position, "seq", "2", "mark", "x")
    follower.log.forget()

    assert await backplane.missed(LOBBY, start) is None

    assert [(LOBBY, Position(start.epoch, 2, "x"))] == receiver.resets


@pytest.mark.gen_test
async def test_channel_is_followed_for_a_while_after_its_last_member(backplane, receiver, redis_server, monkeypatch):
    from tornado_ws.channels.redis import redis_backplane

    monkeypatch.setattr(redis_backplane, "UNFOLLOW_PAUSE", 0.05)
    name = backplane.history.keys(LOBBY).pubsub
    await followed(backplane)

    backplane.unfollow(LOBBY)
    backplane.unfollow(LOBBY)
    follower = await followed(backplane)
    await asyncio.sleep(0.1)
    assert follower is backplane._followers[LOBBY]
    assert [name.encode(), 1] == redis_server.execute("PUBSUB", "NUMSUB", name)

    backplane.unfollow(LOBBY)
    waiting = asyncio.ensure_future(follower.missed(Position("", 0, "")))
    await until(lambda: backplane.position(LOBBY) is None)
    await until(lambda: [name.encode(), 0] == redis_server.execute("PUBSUB", "NUMSUB", name))
    await asyncio.wait((waiting,))


@pytest.mark.gen_test
async def test_channels_are_left_and_joined_again_within_one_turn(backplane, receiver, redis_server, monkeypatch):
    from tornado_ws.channels.redis import redis_backplane

    monkeypatch.setattr(redis_backplane, "UNFOLLOW_PAUSE", 0)
    channels = [Channel("chat", str(number)) for number in range(500)]
    await asyncio.gather(*(backplane.follow(channel, BOUNDS) for channel in channels))
    for channel in channels:
        backplane.unfollow(channel)
    await asyncio.sleep(0)

    await asyncio.gather(*(backplane.follow(channel, BOUNDS) for channel in channels))
    await asyncio.gather(*(backplane.publish(kept(channel=channel)) for channel in channels))

    assert 500 == len(receiver.kept)
    names = [backplane.history.keys(channel).pubsub for channel in channels]
    assert 500 == sum(redis_server.execute("PUBSUB", "NUMSUB", *names)[1::2])


@pytest.mark.gen_test
async def test_memory_of_recent_messages_is_bounded(redis_server, request, receiver):
    backplane = RedisBackplane(redis_server.url, prefix=request.node.name, history_bytes=20_000)
    backplane.attach(receiver)
    channels = [Channel("chat", str(number)) for number in range(10)]
    starts = []
    for channel in channels:
        await backplane.follow(channel, BOUNDS)
        starts.append(backplane.position(channel))
        await asyncio.gather(*(backplane.publish(kept(b"x" * 100, channel=channel)) for _ in range(10)))

    assert sum(follower.log.bytes for follower in backplane._followers.values()) <= 20_000
    for channel, start in zip(channels, starts, strict=True):
        assert 10 == len(await backplane.missed(channel, start))
    await backplane.stop()
