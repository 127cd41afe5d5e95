from __future__ import annotations

import pytest

from tornado_ws import ConfigurationError, ConnectFailed, ConnectionClosed
from tornado_ws.client import Backoff
from tornado_ws.client.reconnect import Reconnection

LOST = ConnectionClosed(1006, None)


def make(random: float = 1.0) -> Reconnection:
    return Reconnection(Backoff(), lambda: random)


def test_delays_double_up_to_a_bound_and_start_over_after_a_stable_connection():
    policy = make()
    delays = [policy.delay_after(LOST, 0.0, can_change=False) for _ in range(7)]
    assert [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0] == delays
    assert policy.failures == 7

    policy.open(100.0)
    assert policy.delay_after(LOST, 104.0, can_change=False) == 10.0  # not stable
    policy.open(200.0)
    assert policy.delay_after(LOST, 206.0, can_change=False) == 0.5


def test_delays_are_random():
    assert make(0.25).delay_after(LOST, 0.0, can_change=False) == 0.125
    assert make(0.0).delay_after(LOST, 0.0, can_change=False) == 0.0


@pytest.mark.parametrize("code", [1000, 1002, 1009, 3000, 3003, 4000, 4404, 4499])
def test_final_codes_end_the_client(code):
    assert make().delay_after(ConnectionClosed(code, "no"), 0.0, can_change=False) is None


@pytest.mark.parametrize("code", [1001, 1005, 1006, 1011, 1012, 1013, 3008, 4501, 4508, 4999])
def test_other_codes_are_retried(code):
    assert make().delay_after(ConnectionClosed(code, ""), 0.0, can_change=False) == 0.5


def test_server_may_require_a_longer_delay():
    assert make().delay_after(ConnectionClosed(1001, "retry after 3"), 0.0, can_change=False) == 3.5
    assert make().delay_after(ConnectionClosed(1001, "retry after nine"), 0.0, can_change=False) == 0.5
    failed = ConnectFailed("unreachable", "busy", status=503, retry_after=1e9)
    assert make().delay_after(failed, 0.0, can_change=False) == 86_400.5


def test_refused_credentials_are_asked_once_more():
    policy, refused = make(), ConnectionClosed(3000, "sign in again")

    assert policy.delay_after(refused, 0.0, can_change=True) == 0.0
    assert policy.delay_after(refused, 0.0, can_change=True) is None
    policy.open(0.0)
    policy.delay_after(LOST, 10.0, can_change=True)
    assert policy.delay_after(refused, 10.0, can_change=True) == 0.0


def test_failure_that_waiting_does_not_change_is_retried_rarely():
    failed = ConnectFailed("not_found", "nothing", status=404, retryable=False)

    assert make(0.1).delay_after(failed, 0.0, can_change=False) == 10.0


def test_invalid_delays_are_refused():
    with pytest.raises(ConfigurationError, match=r"backoff\.base: expected a number of at least 0, got -1"):
        Backoff(base=-1)
    with pytest.raises(ConfigurationError, match=r"backoff\.cap"):
        Backoff(cap=float("inf"))
