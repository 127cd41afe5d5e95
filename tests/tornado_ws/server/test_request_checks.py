from __future__ import annotations

from tornado_ws.limits import ConnectionQuota, KeyedRateLimiter, Limits, Rate
from tornado_ws.server.origins import Origins
from tornado_ws.server.request_checks import QuotaLease, refuse_origin, refuse_rate

SLOW = Limits(handshakes=Rate(count=1, seconds=10))
FAST = Limits(handshakes=Rate(count=2, seconds=10), ipv6_prefix=128)


def limiter(limits: Limits) -> tuple[KeyedRateLimiter, Limits]:
    assert limits.handshakes is not None
    return KeyedRateLimiter(limits.handshakes), limits


def test_longest_wait_of_all_rates_is_reported_with_its_limit():
    rates = [limiter(FAST), limiter(SLOW)]

    assert refuse_rate(rates, "a", 0.0) is None
    refused = refuse_rate(rates, "a", 0.0)

    assert refused is not None
    assert (10.0, "too many handshakes from a: limits.handshakes=Rate(count=1, seconds=10)") == (
        refused.retry_after,
        refused.detail,
    )


def test_rate_is_not_changed_without_counting():
    rates = [limiter(SLOW)]

    assert [None, None] == [refuse_rate(rates, "a", 0.0, count=False) for _ in range(2)]
    assert refuse_rate(rates, "a", 0.0) is None
    assert [5.0, 5.0] == [refuse_rate(rates, "a", 5.0, count=False).retry_after for _ in range(2)]


def test_each_rate_counts_by_its_own_networks():
    rates = [limiter(SLOW)]

    assert refuse_rate(rates, "2001:db8::1", 0.0) is None
    assert refuse_rate(rates, "2001:db8::2", 0.0) is not None
    assert refuse_rate([limiter(FAST)], "2001:db8::2", 0.0) is None


def test_page_of_the_host_is_not_refused():
    origins = Origins.parse(None, behind_proxy=False)

    assert refuse_origin(origins, {"Origin": "https://a.example", "Host": "a.example"}) is None
    assert refuse_origin(origins, {"Origin": "https://a.example", "Host": "b.example"}) is not None


def test_lease_that_is_refused_by_one_quota_holds_none():
    wide, narrow = ConnectionQuota(Limits()), ConnectionQuota(Limits(per_user=0))
    lease = QuotaLease([wide, narrow], "a", "ann")

    refused = lease.acquire()

    assert refused is not None
    assert ("per_user", "too many connections per user: limits.per_user=0") == (refused.cause, refused.detail)
    assert [0, 0] == [len(wide), len(narrow)]


def test_lease_is_released_once():
    quota = ConnectionQuota(Limits())
    lease = QuotaLease([quota], "a", None)
    assert lease.acquire() is None

    lease.release()
    lease.release()

    assert 0 == len(quota)
