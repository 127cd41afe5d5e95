from __future__ import annotations

import pytest

from tests.support.clock import Clock
from tornado_ws.channels.replay import ReplayLog, numbered


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(clock: Clock) -> ReplayLog:
    return ReplayLog(clock=clock, idle=60, epoch="e")


def say(log: ReplayLog, room: str | None, *texts: str, size: int = 3) -> None:
    for text in texts:
        log.append(room, "said", text.encode(), size=size)


def missed(log: ReplayLog, rooms: list[str], seq: int, epoch: str = "e") -> str | None:
    kept = log.missed(rooms, epoch, seq)
    return None if kept is None else "".join(entry.text.decode() for entry in kept)


def test_all_that_was_missed_comes_in_order_and_only_of_the_rooms_one_is_in(log):
    say(log, "a", "1")
    say(log, "b", "2")
    say(log, None, "3")
    say(log, "a", "4")

    assert missed(log, ["a"], 0) == "134"
    assert missed(log, ["a"], 1) == "34"
    assert missed(log, ["b"], 2) == "3"
    assert missed(log, [], 3) == ""


def test_nothing_is_recovered_when_something_is_not_kept_any_more(log):
    say(log, "a", *"12345")

    assert missed(log, ["a"], 1) is None
    assert missed(log, ["a"], 2) == "345"


def test_what_another_room_has_lost_does_not_matter(log):
    say(log, "a", "1")
    say(log, "b", *"2345678")

    assert missed(log, ["a"], 0) == "1"
    assert missed(log, ["a", "b"], 0) is None


def test_kinds_of_messages_do_not_push_each_other_out(log):
    say(log, "a", "1")
    for number in range(10):
        log.append("a", "other", str(number).encode(), size=2)

    assert missed(log, ["a"], 0) is None
    assert missed(log, ["a"], 9) == "89"


def test_another_epoch_or_a_number_from_the_future_is_not_recovered(log):
    say(log, "a", "1")

    assert missed(log, ["a"], 1, epoch="other") is None
    assert missed(log, ["a"], 2) is None


def test_quiet_rooms_are_forgotten_and_then_nothing_is_claimed_about_them(log, clock):
    say(log, "a", "1")
    clock.now += 30
    say(log, "b", "2")
    clock.now += 30

    assert missed(log, ["a"], 0) is None
    assert missed(log, ["a"], 1) == ""
    assert missed(log, ["b"], 1) == "2"
    assert len(log) == 1


def test_a_room_that_was_forgotten_starts_anew(log, clock):
    say(log, "a", "1")
    clock.now += 61
    say(log, "a", "2")

    assert missed(log, ["a"], 0) is None
    assert missed(log, ["a"], 1) == "2"


def test_epochs_differ():
    assert ReplayLog(clock=Clock()).epoch != ReplayLog(clock=Clock()).epoch


def test_a_frame_gets_its_number():
    assert numbered(b'{"type":"said","data":1}', 42) == b'{"seq":42,"type":"said","data":1}'
