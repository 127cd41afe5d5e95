from __future__ import annotations

import pytest

from tornado_ws.errors import ConfigurationError
from tornado_ws.rates import Bucket, Buckets, Rate


def test_all_may_come_at_once_and_then_one_by_one():
    bucket = Bucket(Rate(count=3, seconds=6))

    assert [bucket.take(100.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert bucket.take(100.0) == pytest.approx(2.0)
    assert bucket.take(101.0) == pytest.approx(1.0)
    assert bucket.take(102.0) == 0.0
    assert bucket.take(102.0) == pytest.approx(2.0)


def test_what_is_refused_costs_nothing():
    bucket = Bucket(Rate(count=1, seconds=1))
    bucket.take(0.0)
    for _ in range(100):
        assert bucket.take(0.5) > 0

    assert bucket.take(1.0) == 0.0


def test_no_more_than_the_rate_passes_over_time():
    bucket = Bucket(Rate(count=20, seconds=1))

    passed = sum(bucket.take(step / 1000) == 0.0 for step in range(10_000))

    assert 200 <= passed <= 220


def test_keys_have_buckets_of_their_own():
    buckets = Buckets(Rate(count=1, seconds=10))

    assert buckets.take("a", 0.0) == 0.0
    assert buckets.take("b", 0.0) == 0.0
    assert buckets.take("a", 0.0) == pytest.approx(10.0)


def test_full_buckets_are_forgotten():
    buckets = Buckets(Rate(count=1, seconds=1))
    for number in range(1000):
        buckets.take(str(number), number * 2.0)

    assert len(buckets) <= 2


def test_the_number_of_buckets_is_bounded():
    buckets = Buckets(Rate(count=1, seconds=1000), most=50)
    for number in range(1000):
        buckets.take(str(number), 0.0)

    assert len(buckets) == 50


@pytest.mark.parametrize(("count", "seconds"), [(0, 1.0), (1, 0.0), (-1, 1.0)])
def test_impossible_rates_are_refused(count, seconds):
    with pytest.raises(
        ConfigurationError,
        match=r"rate\.(count: expected a whole number, at least 1|seconds: expected a number above 0), got",
    ):
        Rate(count=count, seconds=seconds)
