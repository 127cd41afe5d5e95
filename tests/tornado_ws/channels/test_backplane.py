"""Contract of a backplane. Every backplane passes these tests.

`Backplane`, `Bus`, `History` and `TicketStore` are abstract or have no logic of their own, and are tested here.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Iterator

import msgspec
import pytest

from tornado_ws.channels import Backplane, MemoryBackplane, Position, Publication, TicketGrant
from tornado_ws.errors import TooManyTickets

GRANT = TicketGrant(endpoint="export", data=msgspec.Raw(b'{"room":"lobby"}'), bound={"user": "x"})


def publication(**values: object) -> Publication:
    return Publication(**{"endpoint": "chat", "name": "said", "text": b'{"type":"said"}', **values})  # type: ignore[arg-type]


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
def delivered() -> list[Publication]:
    """Return the messages delivered to the connections of this process."""
    return []


@pytest.fixture
def backplane(detached: Backplane, delivered: list[Publication]) -> Backplane:
    """Return a backplane attached to `delivered`."""
    detached.bus.attach(delivered.append)
    return detached


@pytest.mark.gen_test
async def test_message_is_delivered_before_publish_returns(backplane, delivered):
    message = publication(room="lobby", to="1", exclude=frozenset({"2"}), volatile=True, latest="x")

    await backplane.bus.publish(message)

    assert [message] == delivered


@pytest.mark.gen_test
async def test_kept_messages_are_numbered_for_each_endpoint(backplane, delivered):
    for endpoint in ("chat", "chat", "other", "chat"):
        await backplane.bus.publish(publication(endpoint=endpoint, replay=2))

    assert [("chat", 1), ("chat", 2), ("other", 1), ("chat", 3)] == [
        (message.endpoint, message.seq) for message in delivered
    ]
    assert 3 == (await backplane.history.position("chat")).seq
    assert 1 == (await backplane.history.position("other")).seq


@pytest.mark.gen_test
async def test_kept_message_is_delivered_unchanged_except_for_its_number(backplane, delivered):
    message = publication(room="lobby", latest="x", replay=2)

    await backplane.bus.publish(message)

    assert [dataclasses.replace(message, seq=1, replay=0)] == [dataclasses.replace(one, replay=0) for one in delivered]


@pytest.mark.gen_test
async def test_messages_of_one_caller_are_delivered_in_order(backplane, delivered):
    for number in range(6):
        await backplane.bus.publish(publication(text=b"{%d}" % number, replay=number % 2 * 10))

    assert [b"{%d}" % number for number in range(6)] == [message.text for message in delivered]


@pytest.mark.gen_test
async def test_position_begins_at_zero_and_keeps_its_epoch(backplane):
    first = await backplane.history.position("chat")
    await backplane.bus.publish(publication(replay=2))
    second = await backplane.history.position("chat")

    assert 0 == first.seq
    assert Position(first.epoch, 1) == second


@pytest.mark.gen_test
async def test_messages_after_a_position_are_for_the_rooms_or_for_all(backplane):
    start = await backplane.history.position("chat")
    for number, room in enumerate(("lobby", "attic", None, "lobby"), start=1):
        await backplane.bus.publish(publication(room=room, text=b"{%d}" % number, replay=10))

    missed = await backplane.history.messages_after("chat", ["lobby"], start)
    later = await backplane.history.messages_after("chat", ["lobby"], Position(start.epoch, 3))

    assert [(1, b"{1}"), (3, b"{3}"), (4, b"{4}")] == missed
    assert [(4, b"{4}")] == later
    assert [] == await backplane.history.messages_after("chat", ["lobby"], Position(start.epoch, 4))


@pytest.mark.gen_test
@pytest.mark.parametrize("make", [lambda start: Position("other", 1), lambda start: Position(start.epoch, 2)])
async def test_messages_after_a_position_are_none_for_another_epoch_or_a_future_number(
    backplane, make: Callable[[Position], Position]
):
    await backplane.bus.publish(publication(replay=10))
    start = await backplane.history.position("chat")

    assert await backplane.history.messages_after("chat", [], make(start)) is None


@pytest.mark.gen_test
async def test_publishing_without_a_controller_raises(detached):
    with pytest.raises(RuntimeError, match="said was published before a controller was attached to this backplane"):
        await detached.bus.publish(publication())


@pytest.mark.gen_test
async def test_bus_is_healthy_after_a_message(backplane):
    await backplane.bus.publish(publication())

    assert backplane.bus.healthy


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
