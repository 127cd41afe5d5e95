from __future__ import annotations

import pytest

from tornado_ws.histogram import BOUNDS, Histogram


@pytest.mark.parametrize(
    ("seconds", "bucket"), [(0.0, 0), (0.0001, 0), (0.00011, 1), (0.5, 10), (0.50001, 11), (10.0, 14), (11.0, 15)]
)
def test_time_is_counted_in_the_bucket_with_the_next_bound(seconds: float, bucket: int) -> None:
    histogram = Histogram()

    histogram.observe(seconds)

    assert [bucket] == [number for number, count in enumerate(histogram.counts) if count]
    assert seconds == histogram.total


def test_buckets_are_cumulative() -> None:
    histogram = Histogram()
    for seconds in (0.0002, 0.0002, 3.0, 20.0):
        histogram.observe(seconds)

    buckets = dict(histogram.cumulative())

    assert (0, 2, 2, 3, 4) == tuple(buckets[bound] for bound in ("0.0001", "0.0005", "2.5", "5.0", "+Inf"))
    assert len(BOUNDS) + 1 == len(buckets)


def test_time_with_a_weight_stands_for_several() -> None:
    histogram = Histogram()

    histogram.observe(0.25, 8)

    assert (8, 2.0) == (sum(histogram.counts), histogram.total)


def test_histograms_can_be_added() -> None:
    first, second = Histogram(), Histogram()
    first.observe(1.0)
    second.observe(1.0)
    second.observe(2.0)

    first.add(second)

    assert (3, 4.0) == (sum(first.counts), first.total)
    assert (2, 3.0) == (sum(second.counts), second.total)
