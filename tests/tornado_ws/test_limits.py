"""Limits, rates and quotas."""

from __future__ import annotations

import copy
import pickle
import time
from dataclasses import replace

import pytest

from tornado_ws.errors import ConfigurationError
from tornado_ws.limits import ConnectionQuota, KeyedRateLimiter, Limits, Rate, RateLimiter


@pytest.mark.parametrize(
    ("limits", "admitted", "rejected", "limit"),
    [
        (Limits(connections=1), ("a", "ann"), ("b", "bob"), "connections"),
        (Limits(per_address=1), ("a", "ann"), ("a", "bob"), "per_address"),
        (Limits(per_user=1), ("a", "ann"), ("b", "ann"), "per_user"),
        (Limits(per_address=1), ("2001:db8::1", "ann"), ("2001:db8::ffff:0:0:1", "bob"), "per_address"),
        (Limits(per_address=1, ipv6_prefix=48), ("2001:db8::1", None), ("2001:db8:0:1::1", None), "per_address"),
    ],
)
def test_connection_counts_until_it_is_released(limits, admitted, rejected, limit):
    quota = ConnectionQuota(limits)

    assert quota.acquire(*admitted) is None
    assert quota.acquire(*rejected) == limit
    quota.release(*admitted)
    assert quota.acquire(*rejected) is None


@pytest.mark.parametrize(
    ("limits", "first", "second"),
    [
        (Limits(per_address=1), "2001:db8::1", "2001:db8:0:1::1"),
        (Limits(per_address=1, ipv6_prefix=128), "2001:db8::1", "2001:db8::2"),
        (Limits(per_address=1), "192.0.2.1", "192.0.2.2"),
    ],
)
def test_other_networks_count_apart(limits, first, second):
    quota = ConnectionQuota(limits)

    assert [None, None] == [quota.acquire(first, None), quota.acquire(second, None)]


@pytest.mark.parametrize("address", ["fe80::1%eth0", "fe80::2%eth1"])
def test_zone_of_an_address_does_not_count(address):
    assert "fe80::/64" == Limits().network(address)


@pytest.mark.parametrize("prefix", [0, 129, 64.0])
def test_prefix_outside_of_an_address_is_an_error(prefix):
    with pytest.raises(ConfigurationError, match=r"limits\.ipv6_prefix: expected"):
        Limits(ipv6_prefix=prefix)


def test_connections_without_a_user_are_not_limited_per_user():
    quota = ConnectionQuota(Limits(per_user=1))

    assert [None, None] == [quota.acquire("a", None), quota.acquire("a", None)]


def test_quota_keeps_nothing_of_closed_connections():
    quota = ConnectionQuota(Limits(connections=1000))
    for number in range(1000):
        quota.acquire(f"address {number}", f"user {number}")
    for number in range(1000):
        quota.release(f"address {number}", f"user {number}")

    assert len(quota) == 0
    assert not quota._by_address
    assert not quota._by_user


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"connections": -1}, "limits.connections: expected an integer of at least 0, got -1"),
        ({"per_user": "3"}, "limits.per_user: expected an integer of at least 0, got '3'"),
        ({"streams": True}, "limits.streams: expected an integer of at least 0, got True"),
        ({"receive_queue_messages": 0}, "limits.receive_queue_messages: expected an integer of at least 1, got 0"),
        (
            {"receive_queue_messages": None},
            "limits.receive_queue_messages: expected an integer of at least 1, got None",
        ),
        ({"concurrent_requests": 0}, "limits.concurrent_requests: expected an integer of at least 1, got 0"),
        ({"message_bytes": 1e6}, "limits.message_bytes: expected an integer of at least 1, got 1000000.0"),
        ({"write_queue_age": "1"}, "limits.write_queue_age: expected a number of at least 0, got '1'"),
        ({"write_queue_age": None}, "limits.write_queue_age: expected a number of at least 0, got None"),
        ({"idle_timeout": -0.5}, "limits.idle_timeout: expected a number of at least 0, got -0.5"),
        ({"request_timeout": float("inf")}, "limits.request_timeout: expected a number of at least 0, got inf"),
        ({"messages": 5}, "limits.messages: expected Rate, got 5; such as Rate(count=10, seconds=1.0)"),
    ],
)
def test_invalid_limits_are_rejected(given, message):
    with pytest.raises(ConfigurationError) as rejected:
        Limits(**given)

    assert message == str(rejected.value)


def test_defaults_are_valid():
    assert Limits() == replace(Limits())


def test_burst_is_admitted_and_then_single_events():
    limiter = RateLimiter(Rate(count=3, seconds=6))

    assert [limiter.acquire(100.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert limiter.acquire(100.0) == pytest.approx(2.0)
    assert limiter.acquire(101.0) == pytest.approx(1.0)
    assert limiter.acquire(102.0) == 0.0
    assert limiter.acquire(102.0) == pytest.approx(2.0)


def test_rejected_events_do_not_count():
    limiter = RateLimiter(Rate(count=1, seconds=1))
    limiter.acquire(0.0)
    for _ in range(100):
        assert limiter.acquire(0.5) > 0

    assert limiter.acquire(1.0) == 0.0


def test_rate_holds_over_time():
    limiter = RateLimiter(Rate(count=20, seconds=1))

    passed = sum(limiter.acquire(step / 1000) == 0.0 for step in range(10_000))

    assert 200 <= passed <= 220


def test_each_key_has_its_own_limiter():
    limiters = KeyedRateLimiter(Rate(count=1, seconds=10))

    assert limiters.acquire("a", 0.0) == 0.0
    assert limiters.acquire("b", 0.0) == 0.0
    assert limiters.acquire("a", 0.0) == pytest.approx(10.0)


def test_full_limiters_are_dropped():
    limiters = KeyedRateLimiter(Rate(count=1, seconds=1))
    for number in range(1000):
        limiters.acquire(str(number), number * 2.0)

    assert len(limiters) <= 2


def test_the_number_of_limiters_is_bounded():
    limiters = KeyedRateLimiter(Rate(count=1, seconds=1000), max_keys=50)
    for number in range(1000):
        limiters.acquire(str(number), 0.0)

    assert len(limiters) == 50


@pytest.mark.parametrize(("count", "seconds"), [(0, 1.0), (1, 0.0), (-1, 1.0)])
def test_invalid_rates_are_rejected(count, seconds):
    with pytest.raises(
        ConfigurationError,
        match=r"rate\.(count: expected an integer of at least 1|seconds: expected a number greater than 0), got",
    ):
        Rate(count=count, seconds=seconds)


@pytest.mark.slow
def test_a_refused_key_among_300_000_takes_microseconds():
    limiter = KeyedRateLimiter(Rate(count=1, seconds=1e6), max_keys=300_000)
    for number in range(300_000):
        limiter.acquire(str(number), 0.0)

    began = time.process_time()
    refused = sum(limiter.acquire("299999", 1.0) > 0 for _ in range(1000))

    assert refused == 1000
    assert time.process_time() - began < 1.0  # a scan of the keys takes milliseconds, thus seconds


def test_limits_of_an_endpoint_change_the_given_ones_only():
    limits = Limits(connections=5, per_user=1, idle_timeout=60.0)

    changed = limits.with_changes(Limits(per_user=3, idle_timeout=None))

    assert Limits(connections=5, per_user=3, idle_timeout=None) == changed
    assert limits == limits.with_changes(Limits()) == limits.with_changes(None)


def test_copies_of_limits_change_the_same_ones():
    changes = pickle.loads(pickle.dumps(copy.copy(Limits(per_user=3))))

    assert Limits(connections=5, per_user=3) == Limits(connections=5).with_changes(changes)


def test_replaced_limits_of_an_endpoint_change_those_that_differ_from_the_defaults():
    changes = replace(Limits(per_user=3), per_address=7)

    assert Limits(connections=5, per_user=3, per_address=7) == Limits(connections=5).with_changes(changes)
