from __future__ import annotations

import re

import msgspec
import pytest

from tests.support.clock import Clock
from tornado_ws.channels.tickets import Grant, Tickets, digest, make_key
from tornado_ws.errors import TooManyTickets

GRANT = Grant(endpoint="export", data=msgspec.Raw(b'{"room":"lobby"}'), bound={"user": "x"})


def issue(tickets: Tickets, *, client: str = "ann", ttl: float = 60.0, most: int = 3) -> str:
    return tickets.issue(GRANT, client=client, ttl=ttl, most=most)


def test_a_key_is_good_once():
    tickets = Tickets()
    key = issue(tickets)

    assert tickets.peek(key) is GRANT
    assert tickets.redeem(key) is GRANT
    assert tickets.redeem(key) is None
    assert tickets.peek(key) is None


def test_a_key_expires_to_the_second():
    clock = Clock()
    tickets = Tickets(clock=clock)
    early, late = issue(tickets, ttl=60), issue(tickets, ttl=61)
    clock.now += 60

    assert tickets.redeem(early) is None
    assert tickets.redeem(late) is GRANT


def test_unknown_keys_are_good_for_nothing():
    tickets = Tickets()

    assert tickets.redeem("") is None
    assert tickets.redeem("\ud800") is None
    assert tickets.redeem(make_key()) is None


def test_keys_have_256_bits_and_no_two_are_equal():
    keys = {make_key() for _ in range(100)}

    assert len(keys) == 100
    assert all(re.fullmatch(r"[\w-]{43}", key) for key in keys)


def test_only_the_hash_is_kept():
    tickets = Tickets(key=lambda: "the key")
    issue(tickets)

    assert "the key" not in repr(tickets)
    assert digest("the key") in repr(tickets)


def test_the_number_per_client_is_bounded_and_the_error_says_for_how_long():
    clock = Clock()
    tickets = Tickets(clock=clock)
    for ttl in (50, 40, 60):
        issue(tickets, ttl=ttl)
    clock.now += 10

    with pytest.raises(TooManyTickets) as many:
        issue(tickets)

    assert many.value.retry_after == 30
    issue(tickets, client="bob")


def test_used_and_expired_keys_make_room():
    clock = Clock()
    tickets = Tickets(clock=clock)
    first, *_ = issue(tickets), issue(tickets), issue(tickets, ttl=1)
    tickets.redeem(first)
    issue(tickets)
    clock.now += 1
    issue(tickets)

    assert len(tickets) == 3


def test_nothing_is_left_of_keys_that_nobody_used():
    clock = Clock()
    tickets = Tickets(clock=clock)
    for number in range(1000):
        issue(tickets, client=str(number), ttl=number)
    clock.now += 1000

    assert len(tickets) == 0
    assert not any((tickets._entries, tickets._ends, tickets._of_client))


def test_clear_forgets_everything():
    tickets = Tickets()
    key = issue(tickets)

    tickets.clear()

    assert tickets.redeem(key) is None
    assert len(tickets) == 0
