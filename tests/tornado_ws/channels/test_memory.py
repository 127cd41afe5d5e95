"""Behavior that only the backplane of one process has; test_backplane.py tests the rest."""

from __future__ import annotations

import msgspec
import pytest

from tests.support.clock import Clock
from tornado_ws import ConfigurationError, Replay
from tornado_ws.channels import Channel, KeptMessage, MemoryBackplane, Publication, TicketGrant
from tornado_ws.channels.history_budget import CHANNEL_BYTES

GRANT = TicketGrant(endpoint="export", data=msgspec.Raw(b"1"))
LOBBY, ATTIC = Channel("chat", "lobby"), Channel("chat", "attic")
HISTORY = Replay(2, 60.0)


class Receiver:
    def __init__(self) -> None:
        self.kept: list[KeptMessage] = []

    def deliver(self, publication) -> None:
        raise AssertionError("expected kept messages only")

    def deliver_kept(self, message) -> None:
        self.kept.append(message)

    def reset(self, channel, position) -> None:
        raise AssertionError("expected no reset")


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def backplane(receiver, clock) -> MemoryBackplane:
    backplane = MemoryBackplane(clock=clock)
    backplane.attach(receiver)
    return backplane


def said(channel: Channel = LOBBY, size: int = 2) -> Publication:
    return Publication(channel=channel, name="said", text=b"{}".ljust(size), history=HISTORY)


@pytest.mark.gen_test
async def test_messages_beyond_the_count_are_not_recovered(backplane):
    await backplane.follow(LOBBY, HISTORY)
    start = backplane.position(LOBBY)
    first, *_ = [await backplane.publish(said()) for _ in range(3)]

    assert backplane.recent(LOBBY, start) is None
    missed = await backplane.missed(LOBBY, first)
    assert missed is not None
    assert [2, 3] == [message.position.seq for message in missed]


@pytest.mark.gen_test
async def test_messages_expire_by_the_clock_of_the_controller(backplane, clock):
    await backplane.follow(LOBBY, HISTORY)
    start = backplane.position(LOBBY)
    last = await backplane.publish(said())

    clock.now += 60

    assert backplane.recent(LOBBY, start) is None
    assert [] == backplane.recent(LOBBY, last)


@pytest.mark.gen_test
async def test_unused_channel_is_discarded_after_the_time_of_its_history(backplane, clock):
    await backplane.follow(LOBBY, HISTORY)
    epoch = backplane.position(LOBBY).epoch
    clock.now += 100
    backplane.unfollow(LOBBY)
    clock.now += 59
    await backplane.publish(said(ATTIC))
    assert epoch == backplane.position(LOBBY).epoch

    clock.now += 1
    await backplane.publish(said(ATTIC))

    assert backplane.position(LOBBY) is None
    await backplane.follow(LOBBY, HISTORY)
    assert epoch != backplane.position(LOBBY).epoch


@pytest.mark.gen_test
async def test_followed_channel_loses_its_messages_but_not_its_position(receiver):
    backplane = MemoryBackplane(history_bytes=3 * CHANNEL_BYTES)
    backplane.attach(receiver)
    await backplane.follow(LOBBY, HISTORY)
    start = backplane.position(LOBBY)
    last = await backplane.publish(said())

    await backplane.publish(said(ATTIC, size=2 * CHANNEL_BYTES - 500))

    assert backplane.recent(LOBBY, start) is None
    assert [] == backplane.recent(LOBBY, last)
    assert 2 == (await backplane.publish(said())).seq


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.gen_test
async def test_hundred_thousand_rooms_are_bounded(receiver):
    backplane = MemoryBackplane(history_bytes=1 << 20)
    backplane.attach(receiver)
    first = Channel("chat", "0")
    for number in range(100_000):
        channel = Channel("chat", str(number))
        await backplane.follow(channel, HISTORY)
        await backplane.publish(said(channel))
        backplane.unfollow(channel)

    assert backplane._budget.bytes <= 1 << 20
    assert len(backplane._histories) == len(backplane._budget) < 1000
    assert backplane.position(first) is None


@pytest.mark.gen_test
async def test_busy_room_costs_no_other_room_its_history(backplane):
    await backplane.follow(LOBBY, HISTORY)
    start = backplane.position(LOBBY)
    await backplane.publish(said())
    for _ in range(20_000):
        await backplane.publish(said(ATTIC))

    assert 1 == len(backplane.recent(LOBBY, start))


@pytest.mark.gen_test
async def test_keys_expire_by_the_clock_of_the_controller(backplane, clock):
    key = await backplane.tickets.issue(GRANT, client="ann", ttl=10, limit=1)

    clock.now += 10

    assert await backplane.tickets.peek(key) is None


def test_one_process_is_local(backplane):
    assert backplane.local
    assert backplane.healthy


@pytest.mark.gen_test
async def test_closing_discards_keys_and_messages(backplane):
    key = await backplane.tickets.issue(GRANT, client="ann", ttl=10, limit=1)
    await backplane.follow(LOBBY, HISTORY)

    backplane.close()

    assert await backplane.tickets.redeem(key) is None
    assert backplane.position(LOBBY) is None
    assert backplane._budget.bytes == 0


@pytest.mark.parametrize("value", [-1, 0.5, None])
def test_invalid_limit_of_the_history_is_refused(value):
    with pytest.raises(ConfigurationError, match="history_bytes: expected an integer of at least 0"):
        MemoryBackplane(history_bytes=value)
