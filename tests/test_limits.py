from __future__ import annotations

import pytest

from tornado_ws.limits import Limits, Slots


@pytest.mark.parametrize(
    ("limits", "taken", "refused", "limit"),
    [
        (Limits(connections=1), ("a", "ann"), ("b", "bob"), "connections"),
        (Limits(per_address=1), ("a", "ann"), ("a", "bob"), "per_address"),
        (Limits(per_user=1), ("a", "ann"), ("b", "ann"), "per_user"),
    ],
)
def test_a_slot_is_taken_until_it_is_given_back(limits, taken, refused, limit):
    slots = Slots(limits)

    assert slots.take(*taken) is None
    assert slots.take(*refused) == limit
    slots.give_back(*taken)
    assert slots.take(*refused) is None


def test_who_is_not_signed_in_is_not_one_user():
    slots = Slots(Limits(per_user=1))

    assert [None, None] == [slots.take("a", None), slots.take("a", None)]


def test_nothing_is_left_of_clients_that_have_gone():
    slots = Slots(Limits(connections=1000))
    for number in range(1000):
        slots.take(f"address {number}", f"user {number}")
    for number in range(1000):
        slots.give_back(f"address {number}", f"user {number}")

    assert len(slots) == 0
    assert not slots._by_address
    assert not slots._by_user
