from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.clock import Clock
from tornado_ws.errors import ConfigurationError
from tornado_ws.websocket.keepalive import DeadlineScheduler, Heartbeat, Keepalive, KeepaliveAction

BEATS = Heartbeat(interval=10, timeout=4)


def test_a_client_is_asked_every_interval():
    pulse = Keepalive(BEATS, None, 0.0)

    assert pulse.due == 10
    assert pulse.beat(10, heard=0, active=0) is KeepaliveAction.PING
    assert pulse.due == 14
    assert pulse.beat(14, heard=10.1, active=0) is KeepaliveAction.WAIT
    assert pulse.due == 20
    assert pulse.beat(20, heard=10.1, active=0) is KeepaliveAction.PING


def test_a_client_that_does_not_answer_is_given_up_after_the_timeout():
    pulse = Keepalive(BEATS, None, 0.0)
    pulse.beat(10, heard=9, active=0)

    assert pulse.beat(13.9, heard=9, active=0) is KeepaliveAction.WAIT
    assert pulse.beat(14, heard=9, active=0) is KeepaliveAction.UNRESPONSIVE


def test_a_long_timeout_is_waited_for_while_pings_go_on():
    pulse = Keepalive(Heartbeat(interval=10, timeout=25), None, 0.0)

    assert [KeepaliveAction.PING] * 3 == [pulse.beat(now, heard=9, active=0) for now in (10, 20, 30)]
    assert pulse.due == 35
    assert pulse.beat(35, heard=9, active=0) is KeepaliveAction.UNRESPONSIVE


def test_nothing_heard_before_the_first_ping_is_no_fault():
    pulse = Keepalive(Heartbeat(interval=10, timeout=1), None, 5.0)

    assert pulse.beat(15, heard=4.9, active=0) is KeepaliveAction.PING


def test_idle_clients_are_found_when_they_are_due():
    pulse = Keepalive(BEATS, 3.0, 0.0)

    assert pulse.due == 3
    assert pulse.beat(3, heard=0, active=1) is KeepaliveAction.WAIT
    assert pulse.due == 4
    assert pulse.beat(4, heard=0, active=1) is KeepaliveAction.IDLE


def test_impossible_heartbeats_are_refused():
    with pytest.raises(ConfigurationError, match=r"heartbeat\.interval: expected a number greater than 0, got 0"):
        Heartbeat(interval=0)


class Timers:
    """Timers that ring when the clock is moved."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.armed: dict[int, tuple[float, Callable[[], None]]] = {}
        self.made = 0

    def later(self, delay: float, call: Callable[[], None]) -> Timer:
        self.made += 1
        self.armed[self.made] = (self.clock.now + delay, call)
        return Timer(self, self.made)

    def advance(self, seconds: float) -> None:
        end = self.clock.now + seconds
        while self.armed:
            number, (due, call) = min(self.armed.items(), key=lambda item: item[1][0])
            if due > end:
                break
            del self.armed[number]
            self.clock.now = due
            call()
        self.clock.now = end


class Timer:
    def __init__(self, timers: Timers, number: int) -> None:
        self.timers, self.number = timers, number

    def cancel(self) -> None:
        self.timers.armed.pop(self.number, None)


class Member:
    def __init__(self, every: float | None) -> None:
        self.every = every
        self.beats: list[float] = []

    def _beat(self, now: float) -> float | None:
        self.beats.append(now)
        return None if self.every is None else now + self.every


def test_one_timer_serves_all_members():
    clock = Clock(0.0)
    timers = Timers(clock)
    heart = DeadlineScheduler(clock, timers.later)
    slow, fast = Member(3.0), Member(2.0)
    heart.add(slow, 3.0)
    heart.add(fast, 2.0)

    timers.advance(6.0)

    assert slow.beats == [3.0, 6.0]
    assert fast.beats == [2.0, 4.0, 6.0]
    assert len(timers.armed) == 1


def test_who_is_removed_is_not_called_and_without_members_no_timer_runs():
    clock = Clock(0.0)
    timers = Timers(clock)
    heart = DeadlineScheduler(clock, timers.later)
    one, once = Member(1.0), Member(None)
    heart.add(one, 1.0)
    heart.add(once, 1.0)
    timers.advance(1.0)
    heart.remove(one)
    heart.remove(one)

    timers.advance(10.0)

    assert one.beats == [1.0]
    assert once.beats == [1.0]
    assert not timers.armed
    assert len(heart) == 0


def test_a_member_may_remove_itself_or_others_while_it_is_called():
    clock = Clock(0.0)
    timers = Timers(clock)
    heart = DeadlineScheduler(clock, timers.later)
    other = Member(1.0)

    class Leaving(Member):
        def _beat(self, now: float) -> float | None:
            heart.remove(self)
            heart.remove(other)
            return super()._beat(now)

    leaving = Leaving(1.0)
    heart.add(leaving, 1.0)
    heart.add(other, 1.0)
    timers.advance(5.0)

    assert leaving.beats == [1.0]
    assert other.beats == []
    assert not timers.armed
