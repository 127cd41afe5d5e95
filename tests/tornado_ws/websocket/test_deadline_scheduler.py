from __future__ import annotations

from collections.abc import Callable

from tests.support.clock import Clock
from tornado_ws.websocket.deadline_scheduler import DeadlineScheduler


class Timers:
    """Timers that fire when a test advances the clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.active: dict[int, tuple[float, Callable[[], None]]] = {}
        self.created = 0

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        self.created += 1
        self.active[self.created] = (self.clock.now + delay, callback)
        return Timer(self, self.created)

    def advance(self, seconds: float) -> None:
        end = self.clock.now + seconds
        while self.active:
            number, (deadline, callback) = min(self.active.items(), key=lambda item: item[1][0])
            if deadline > end:
                break
            del self.active[number]
            self.clock.now = deadline
            callback()
        self.clock.now = end


class Timer:
    def __init__(self, timers: Timers, number: int) -> None:
        self.timers, self.number = timers, number

    def cancel(self) -> None:
        self.timers.active.pop(self.number, None)


class Owner:
    """Owner with a deadline at regular intervals, or with only one."""

    def __init__(self, interval: float | None) -> None:
        self.interval = interval
        self.calls: list[float] = []

    def _on_deadline(self, now: float) -> float | None:
        self.calls.append(now)
        return None if self.interval is None else now + self.interval


def test_one_timer_serves_all_owners():
    clock = Clock(0.0)
    timers = Timers(clock)
    scheduler = DeadlineScheduler(clock, timers.call_later)
    slow, fast = Owner(3.0), Owner(2.0)
    scheduler.add(slow, 3.0)
    scheduler.add(fast, 2.0)

    timers.advance(6.0)

    assert slow.calls == [3.0, 6.0]
    assert fast.calls == [2.0, 4.0, 6.0]
    assert len(timers.active) == 1


def test_timer_stops_after_the_last_owner():
    clock = Clock(0.0)
    timers = Timers(clock)
    scheduler = DeadlineScheduler(clock, timers.call_later)
    repeated, once = Owner(1.0), Owner(None)
    scheduler.add(repeated, 1.0)
    scheduler.add(once, 1.0)
    timers.advance(1.0)
    scheduler.remove(repeated)
    scheduler.remove(repeated)

    timers.advance(10.0)

    assert repeated.calls == [1.0]
    assert once.calls == [1.0]
    assert not timers.active
    assert len(scheduler) == 0


def test_call_may_remove_its_owner_and_others():
    clock = Clock(0.0)
    timers = Timers(clock)
    scheduler = DeadlineScheduler(clock, timers.call_later)
    other = Owner(1.0)

    class Removing(Owner):
        def _on_deadline(self, now: float) -> float | None:
            scheduler.remove(self)
            scheduler.remove(other)
            return super()._on_deadline(now)

    removing = Removing(1.0)
    scheduler.add(removing, 1.0)
    scheduler.add(other, 1.0)
    timers.advance(5.0)

    assert removing.calls == [1.0]
    assert other.calls == []
    assert not timers.active
