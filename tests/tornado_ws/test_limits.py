from __future__ import annotations

import pytest

from tornado_ws.errors import ConfigurationError
from tornado_ws.limits import ConnectionQuota, KeyedRateLimiter, Limits, Rate, RateLimiter


@pytest.mark.parametrize(
    ("limits", "taken", "refused", "limit"),
    [
        (Limits(connections=1), ("a", "ann"), ("b", "bob"), "connections"),
        (Limits(per_address=1), ("a", "ann"), ("a", "bob"), "per_address"),
        (Limits(per_user=1), ("a", "ann"), ("b", "ann"), "per_user"),
    ],
)
def test_a_slot_is_taken_until_it_is_given_back(limits, taken, refused, limit):
    slots = ConnectionQuota(limits)

    assert slots.acquire(*taken) is None
    assert slots.acquire(*refused) == limit
    slots.release(*taken)
    assert slots.acquire(*refused) is None


def test_who_is_not_signed_in_is_not_one_user():
    slots = ConnectionQuota(Limits(per_user=1))

    assert [None, None] == [slots.acquire("a", None), slots.acquire("a", None)]


def test_nothing_is_left_of_clients_that_have_gone():
    slots = ConnectionQuota(Limits(connections=1000))
    for number in range(1000):
        slots.acquire(f"address {number}", f"user {number}")
    for number in range(1000):
        slots.release(f"address {number}", f"user {number}")

    assert len(slots) == 0
    assert not slots._by_address
    assert not slots._by_user


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"connections": -1}, "limits.connections: expected a whole number, at least 0, got -1"),
        ({"per_user": "3"}, "limits.per_user: expected a whole number, at least 0, got '3'"),
        ({"streams": True}, "limits.streams: expected a whole number, at least 0, got True"),
        ({"receive_queue_messages": 0}, "limits.receive_queue_messages: expected a whole number, at least 1, got 0"),
        (
            {"receive_queue_messages": None},
            "limits.receive_queue_messages: expected a whole number, at least 1, got None",
        ),
        ({"message_bytes": 1e6}, "limits.message_bytes: expected a whole number, at least 1, got 1000000.0"),
        ({"write_queue_age": "1"}, "limits.write_queue_age: expected a number, at least 0, got '1'"),
        ({"write_queue_age": None}, "limits.write_queue_age: expected a number, at least 0, got None"),
        ({"idle_timeout": -0.5}, "limits.idle_timeout: expected a number, at least 0, got -0.5"),
        ({"request_timeout": float("inf")}, "limits.request_timeout: expected a number, at least 0, got inf"),
        ({"messages": 5}, "limits.messages: expected Rate, got 5; such as Rate(count=10, seconds=1.0)"),
    ],
)
def test_impossible_limits_are_refused(given, words):
    with pytest.raises(ConfigurationError) as refused:
        Limits(**given)

    assert words == str(refused.value)


def test_every_limit_may_be_its_default():
    assert Limits() == Limits(**vars(Limits()))


def test_all_may_come_at_once_and_then_one_by_one():
    bucket = RateLimiter(Rate(count=3, seconds=6))

    assert [bucket.acquire(100.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert bucket.acquire(100.0) == pytest.approx(2.0)
    assert bucket.acquire(101.0) == pytest.approx(1.0)
    assert bucket.acquire(102.0) == 0.0
    assert bucket.acquire(102.0) == pytest.approx(2.0)


def test_what_is_refused_costs_nothing():
    bucket = RateLimiter(Rate(count=1, seconds=1))
    bucket.acquire(0.0)
    for _ in range(100):
        assert bucket.acquire(0.5) > 0

    assert bucket.acquire(1.0) == 0.0


def test_no_more_than_the_rate_passes_over_time():
    bucket = RateLimiter(Rate(count=20, seconds=1))

    passed = sum(bucket.acquire(step / 1000) == 0.0 for step in range(10_000))

    assert 200 <= passed <= 220


def test_keys_have_buckets_of_their_own():
    buckets = KeyedRateLimiter(Rate(count=1, seconds=10))

    assert buckets.acquire("a", 0.0) == 0.0
    assert buckets.acquire("b", 0.0) == 0.0
    assert buckets.acquire("a", 0.0) == pytest.approx(10.0)


def test_full_buckets_are_forgotten():
    buckets = KeyedRateLimiter(Rate(count=1, seconds=1))
    for number in range(1000):
        buckets.acquire(str(number), number * 2.0)

    assert len(buckets) <= 2


def test_the_number_of_buckets_is_bounded():
    buckets = KeyedRateLimiter(Rate(count=1, seconds=1000), most=50)
    for number in range(1000):
        buckets.acquire(str(number), 0.0)

    assert len(buckets) == 50


@pytest.mark.parametrize(("count", "seconds"), [(0, 1.0), (1, 0.0), (-1, 1.0)])
def test_impossible_rates_are_refused(count, seconds):
    with pytest.raises(
        ConfigurationError,
        match=r"rate\.(count: expected a whole number, at least 1|seconds: expected a number above 0), got",
    ):
        Rate(count=count, seconds=seconds)
