from __future__ import annotations

import time
from collections import Counter

import msgspec
import pytest

from tests.support.clock import Clock
from tornado_ws.channels.memory_tickets import MemoryTicketStore
from tornado_ws.channels.ticket_store import TicketGrant, digest, make_key
from tornado_ws.errors import TooManyTickets

GRANT = TicketGrant(endpoint="export", data=msgspec.Raw(b'{"room":"lobby"}'), bound={"user": "x"})


async def issue(tickets: MemoryTicketStore, *, client: str = "ann", ttl: float = 60.0, limit: int = 3) -> str:
    return await tickets.issue(GRANT, client=client, ttl=ttl, limit=limit)


@pytest.mark.gen_test
async def test_key_is_valid_once():
    tickets = MemoryTicketStore()
    key = await issue(tickets)

    assert await tickets.peek(key) is GRANT
    assert await tickets.redeem(key) is GRANT
    assert await tickets.redeem(key) is None
    assert await tickets.peek(key) is None


@pytest.mark.gen_test
async def test_key_expires_exactly_after_its_lifetime():
    clock = Clock()
    tickets = MemoryTicketStore(clock=clock)
    early, late = await issue(tickets, ttl=60), await issue(tickets, ttl=61)
    clock.now += 60

    assert await tickets.redeem(early) is None
    assert await tickets.redeem(late) is GRANT


@pytest.mark.gen_test
async def test_unknown_key_has_no_grant():
    tickets = MemoryTicketStore()

    assert await tickets.redeem("") is None
    assert await tickets.redeem("\ud800") is None
    assert await tickets.redeem(make_key()) is None


@pytest.mark.gen_test
async def test_only_the_digest_is_stored():
    tickets = MemoryTicketStore(make_key=lambda: "the key")
    await issue(tickets)

    assert "the key" not in repr(tickets)
    assert digest("the key") in repr(tickets)


@pytest.mark.gen_test
async def test_error_at_the_limit_states_the_time_until_a_key_expires():
    clock = Clock()
    tickets = MemoryTicketStore(clock=clock)
    for ttl in (50, 40, 60):
        await issue(tickets, ttl=ttl)
    clock.now += 10

    with pytest.raises(TooManyTickets) as raised:
        await issue(tickets)

    assert raised.value.retry_after == 30
    await issue(tickets, client="bob")


@pytest.mark.gen_test
async def test_used_and_expired_keys_do_not_count():
    clock = Clock()
    tickets = MemoryTicketStore(clock=clock)
    first = await issue(tickets)
    await issue(tickets)
    await issue(tickets, ttl=1)
    await tickets.redeem(first)
    await issue(tickets)
    clock.now += 1
    await issue(tickets)

    assert len(tickets) == 3


@pytest.mark.gen_test
async def test_expired_keys_use_no_memory():
    clock = Clock()
    tickets = MemoryTicketStore(clock=clock)
    for number in range(1000):
        await issue(tickets, client=str(number), ttl=number)
    clock.now += 1000

    assert len(tickets) == 0
    assert not any((tickets._entries, tickets._expiries, tickets._by_client))


@pytest.mark.gen_test
async def test_closing_discards_all_keys():
    tickets = MemoryTicketStore()
    key = await issue(tickets)

    tickets.close()

    assert await tickets.redeem(key) is None
    assert len(tickets) == 0


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.slow
@pytest.mark.gen_test
async def test_refusal_at_300_000_keys_of_others_takes_microseconds():
    clock = Clock()
    tickets = MemoryTicketStore(clock=clock)
    for number in range(300_000):
        await issue(tickets, client=str(number // 3))

    began = time.process_time()
    for _ in range(1000):
        with pytest.raises(TooManyTickets):
            await issue(tickets, client="7")

    assert time.process_time() - began < 2.0  # a scan of the keys takes 9 ms, thus 9 s


@pytest.mark.gen_test
async def test_many_expired_keys_are_removed_in_small_steps():
    clock = Clock()
    tickets = MemoryTicketStore(clock=clock)
    keys = [await issue(tickets, client=str(number)) for number in range(10_000)]
    clock.now += 60
    steps = Counter[int]()
    for _ in range(200):
        before = len(tickets._entries)
        await issue(tickets, client="ann", limit=1000)
        steps[before + 1 - len(tickets._entries)] += 1

    assert steps[64] == 10_000 // 64
    assert max(steps) == 64
    assert await tickets.peek(keys[-1]) is None
    assert await tickets.redeem(keys[-1]) is None


@pytest.mark.gen_test
async def test_expired_keys_of_a_client_do_not_count_before_they_are_removed():
    clock = Clock()
    tickets = MemoryTicketStore(clock=clock)
    for number in range(1000):
        await issue(tickets, client=str(number), ttl=59)
    for _ in range(3):
        await issue(tickets)
    clock.now += 60

    await issue(tickets)

    assert len(tickets) == 1
