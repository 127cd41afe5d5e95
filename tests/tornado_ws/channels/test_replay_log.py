from __future__ import annotations

import pytest

from tests.support.clock import Clock
from tornado_ws.channels.history import Position
from tornado_ws.channels.replay_log import ReplayLog


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(clock: Clock) -> ReplayLog:
    return ReplayLog(clock=clock, idle=60, epoch="e")


def append(log: ReplayLog, room: str | None, *texts: str, size: int = 3) -> None:
    for text in texts:
        log.append(room, "said", text.encode(), size=size)


def numbers_after(log: ReplayLog, rooms: list[str], seq: int, epoch: str = "e") -> str | None:
    messages = log.messages_after(rooms, Position(epoch, seq))
    return None if messages is None else "".join(message.text.decode() for message in messages)


def test_missed_messages_are_in_order_and_only_of_the_given_rooms(log):
    append(log, "a", "1")
    append(log, "b", "2")
    append(log, None, "3")
    append(log, "a", "4")

    assert numbers_after(log, ["a"], 0) == "134"
    assert numbers_after(log, ["a"], 1) == "34"
    assert numbers_after(log, ["b"], 2) == "3"
    assert numbers_after(log, [], 3) == ""


def test_nothing_is_recovered_if_one_message_is_no_longer_kept(log):
    append(log, "a", *"12345")

    assert numbers_after(log, ["a"], 1) is None
    assert numbers_after(log, ["a"], 2) == "345"


def test_discarded_messages_of_another_room_do_not_matter(log):
    append(log, "a", "1")
    append(log, "b", *"2345678")

    assert numbers_after(log, ["a"], 0) == "1"
    assert numbers_after(log, ["a", "b"], 0) is None


def test_each_message_name_has_its_own_limit(log):
    append(log, "a", "1")
    for number in range(10):
        log.append("a", "other", str(number).encode(), size=2)

    assert numbers_after(log, ["a"], 0) is None
    assert numbers_after(log, ["a"], 9) == "89"


def test_another_epoch_or_a_future_number_is_not_recovered(log):
    append(log, "a", "1")

    assert numbers_after(log, ["a"], 1, epoch="other") is None
    assert numbers_after(log, ["a"], 2) is None


def test_messages_of_an_idle_room_are_discarded_and_not_recovered(log, clock):
    append(log, "a", "1")
    clock.now += 30
    append(log, "b", "2")
    clock.now += 30

    assert numbers_after(log, ["a"], 0) is None
    assert numbers_after(log, ["a"], 1) == ""
    assert numbers_after(log, ["b"], 1) == "2"
    assert len(log) == 1


def test_room_can_be_used_again_after_it_was_discarded(log, clock):
    append(log, "a", "1")
    clock.now += 61
    append(log, "a", "2")

    assert numbers_after(log, ["a"], 0) is None
    assert numbers_after(log, ["a"], 1) == "2"


def test_position_is_the_number_of_the_newest_message(log):
    assert Position("e", 0) == log.position

    append(log, "a", "1", "2")

    assert Position("e", 2) == log.position


def test_epochs_are_random():
    assert ReplayLog(clock=Clock()).position.epoch != ReplayLog(clock=Clock()).position.epoch
