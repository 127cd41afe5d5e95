"""Contract of a backplane. Every backplane passes these tests.

`Backplane`, `Publication` and `TicketStore` are abstract or have no logic of their own, and are tested here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
import pytest

from tornado_ws.channels import Backplane, Channel, KeptMessage, MemoryBackplane, Position, Publication, TicketGrant
from tornado_ws.endpoint import Replay
from tornado_ws.errors import TooManyTickets

GRANT = TicketGrant(endpoint="export", data=msgspec.Raw(b'{"room":"lobby"}'), bound={"user": "x"})


LOBBY, ATTIC, ALL = Channel("chat", "lobby"), Channel("chat", "attic"), Channel("chat")
HISTORY = Replay(3)


def publication(**values: object) -> Publication:
    return Publication(**{"channel": LOBBY, "name": "said", "text": b'{"type":"said"}', **values})  # type: ignore[arg-type]


@dataclass
class Receiver:
    """Receiver that records what it receives."""

    publications: list[Publication] = field(default_factory=list)
    kept: list[KeptMessage] = field(default_factory=list)
    resets: list[tuple[Channel, Position]] = field(default_factory=list)

    def deliver(self, publication: Publication) -> None:
        self.publications.append(publication)

    def deliver_kept(self, message: KeptMessage) -> None:
        self.kept.append(message)

    def reset(self, channel: Channel, position: Position) -> None:
        self.resets.append((channel, position))


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.slow)])
def detached(request: pytest.FixtureRequest, io_loop) -> Iterator[Backplane]:
    """Return a backplane without a controller."""
    backplane = _make(request)
    yield backplane
    io_loop.run_sync(backplane.stop)


def _make(request: pytest.FixtureRequest) -> Backplane:
    if request.param == "memory":
        return MemoryBackplane()
    from tornado_ws.channels.redis import RedisBackplane

    return RedisBackplane(request.getfixturevalue("redis_server").url, prefix=request.node.name)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def backplane(detached: Backplane, receiver: Receiver) -> Backplane:
    """Return a backplane attached to `receiver`."""
    detached.attach(receiver)
    return detached


@pytest.mark.gen_test
async def test_message_is_delivered_before_publish_returns(backplane, receiver):
    message = publication(to="1", exclude=frozenset({"2"}), volatile=True, latest="x")
    await backplane.follow(LOBBY, None)

    assert await backplane.publish(message) is None
    assert [message] == receiver.publications
    assert backplane.position(LOBBY) is None


@pytest.mark.gen_test
async def test_kept_messages_are_numbered_for_each_channel(backplane, receiver, until):
    channels = (LOBBY, LOBBY, ATTIC, ALL, LOBBY)
    for channel in {*channels}:
        await backplane.follow(channel, HISTORY)

    positions = [await backplane.publish(publication(channel=channel, history=HISTORY)) for channel in channels]

    assert [1, 2, 1, 1, 3] == [position.seq for position in positions]
    await until(lambda: len(receiver.kept) == 5)
    assert {*zip(channels, positions, strict=True)} == {
        (message.channel, message.position) for message in receiver.kept
    }
    assert backplane.position(LOBBY) == positions[-1]
    assert [] == receiver.resets


@pytest.mark.gen_test
async def test_kept_message_names_its_predecessor(backplane, receiver, until):
    await backplane.follow(LOBBY, HISTORY)
    start = backplane.position(LOBBY)
    for text in (b"{1}", b"{2}"):
        await backplane.publish(publication(text=text, exclude=frozenset({"x"}), history=HISTORY))
    await until(lambda: len(receiver.kept) == 2)

    first, second = receiver.kept
    assert (0, "") == start[1:]
    assert [(1, b"{1}"), (2, b"{2}")] == [(message.position.seq, message.text) for message in receiver.kept]
    assert (start.epoch, start.mark) == (first.position.epoch, first.previous)
    assert (start.epoch, first.position.mark) == (second.position.epoch, second.previous)
    assert {frozenset({"x"})} == {message.exclude for message in receiver.kept}


@pytest.mark.gen_test
async def test_messages_of_one_caller_and_channel_are_delivered_in_order(backplane, receiver, until):
    await backplane.follow(LOBBY, HISTORY)
    for number in range(20):
        await backplane.publish(publication(text=b"{%d}" % number, history=HISTORY))
    await until(lambda: len(receiver.kept) == 20)

    assert [b"{%d}" % number for number in range(20)] == [message.text for message in receiver.kept]


@pytest.mark.gen_test
async def test_messages_after_a_position_are_recovered(backplane, until):
    await backplane.follow(LOBBY, HISTORY)
    start = backplane.position(LOBBY)
    positions = [await backplane.publish(publication(text=b"{%d}" % number, history=HISTORY)) for number in (1, 2, 3)]
    await until(lambda: backplane.position(LOBBY) == positions[-1])

    for position, texts in ((start, [b"{1}", b"{2}", b"{3}"]), (positions[1], [b"{3}"]), (positions[2], [])):
        missed = await backplane.missed(LOBBY, position)
        recent = backplane.recent(LOBBY, position)
        assert texts == [message.text for message in missed] == [message.text for message in recent]
    await backplane.publish(publication(history=HISTORY))
    await until(lambda: backplane.position(LOBBY).seq == 4)
    assert await backplane.missed(LOBBY, start) is None


@pytest.mark.gen_test
@pytest.mark.parametrize("change", [{"epoch": "other"}, {"mark": "other"}, {"seq": 9}])
async def test_position_of_another_sequence_is_not_recovered(backplane, change):
    await backplane.follow(LOBBY, HISTORY)
    position = await backplane.publish(publication(history=HISTORY))

    assert await backplane.missed(LOBBY, position._replace(**change)) is None


@pytest.mark.gen_test
async def test_channel_keeps_its_position_without_followers(backplane):
    await backplane.follow(LOBBY, HISTORY)
    await backplane.publish(publication(history=HISTORY))
    backplane.unfollow(LOBBY)
    position = await backplane.publish(publication(history=HISTORY))

    await backplane.follow(LOBBY, HISTORY)

    assert backplane.position(LOBBY) == position
    assert 2 == position.seq


@pytest.mark.gen_test
async def test_publishing_without_a_controller_raises(detached):
    with pytest.raises(RuntimeError, match="said was published before a controller was attached to this backplane"):
        await detached.publish(publication())


@pytest.mark.gen_test
async def test_backplane_is_healthy_after_a_message(backplane):
    await backplane.publish(publication(history=HISTORY))

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
