from __future__ import annotations

import pytest

from tornado_ws.errors import ConfigurationError
from tornado_ws.websocket.keepalive import Heartbeat, Keepalive, KeepaliveAction

HEARTBEAT = Heartbeat(interval=10, timeout=4)


def next_action(keepalive: Keepalive, now: float, *, sign_of_life: bool = False) -> KeepaliveAction:
    return keepalive.next_action(now, sign_of_life=sign_of_life, last_activity=0)


def test_ping_is_due_after_each_interval():
    keepalive = Keepalive(HEARTBEAT, None, 0.0)

    assert keepalive.deadline == 10
    assert next_action(keepalive, 10) is KeepaliveAction.PING
    assert keepalive.deadline == 14
    assert next_action(keepalive, 14, sign_of_life=True) is KeepaliveAction.WAIT
    assert keepalive.deadline == 20
    assert next_action(keepalive, 20) is KeepaliveAction.PING


def test_client_that_does_not_answer_is_unresponsive_after_the_timeout():
    keepalive = Keepalive(HEARTBEAT, None, 0.0)
    next_action(keepalive, 10)

    assert next_action(keepalive, 13.9) is KeepaliveAction.WAIT
    assert next_action(keepalive, 14) is KeepaliveAction.UNRESPONSIVE


def test_pings_continue_during_a_timeout_longer_than_the_interval():
    keepalive = Keepalive(Heartbeat(interval=10, timeout=25), None, 0.0)

    assert [KeepaliveAction.PING] * 3 == [next_action(keepalive, now) for now in (10, 20, 30)]
    assert keepalive.deadline == 35
    assert next_action(keepalive, 35) is KeepaliveAction.UNRESPONSIVE


def test_timeout_starts_with_the_first_ping():
    keepalive = Keepalive(Heartbeat(interval=10, timeout=1), None, 5.0)

    assert next_action(keepalive, 15) is KeepaliveAction.PING


def test_idle_timeout_starts_with_the_last_activity():
    keepalive = Keepalive(HEARTBEAT, 3.0, 0.0)

    assert keepalive.deadline == 3
    assert keepalive.next_action(3, sign_of_life=False, last_activity=1) is KeepaliveAction.WAIT
    assert keepalive.deadline == 4
    assert keepalive.next_action(4, sign_of_life=False, last_activity=1) is KeepaliveAction.IDLE


def test_interval_must_be_above_zero():
    with pytest.raises(ConfigurationError, match=r"heartbeat\.interval: expected a number greater than 0, got 0"):
        Heartbeat(interval=0)


def test_lifetime_ends_although_the_connection_is_active():
    keepalive = Keepalive(HEARTBEAT, None, 0.0, lifetime=15.0)

    assert next_action(keepalive, 10, sign_of_life=True) is KeepaliveAction.PING
    assert next_action(keepalive, 14, sign_of_life=True) is KeepaliveAction.WAIT
    assert keepalive.deadline == 15
    assert next_action(keepalive, 15, sign_of_life=True) is KeepaliveAction.EXPIRED


def test_end_of_the_lifetime_waits_a_while_for_a_message_that_is_handled():
    keepalive = Keepalive(HEARTBEAT, None, 0.0, lifetime=5.0)

    def action(now: float, *, busy: bool) -> KeepaliveAction:
        return keepalive.next_action(now, sign_of_life=True, last_activity=0, busy=busy)

    assert action(5, busy=True) is KeepaliveAction.WAIT
    assert keepalive.deadline == 5.25
    assert action(5.25, busy=False) is KeepaliveAction.EXPIRED
    assert action(15, busy=True) is KeepaliveAction.EXPIRED
