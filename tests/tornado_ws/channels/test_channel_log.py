"""The rule of one channel, case by case; test_delivery_model.py tests it over random histories."""

from __future__ import annotations

import pytest

from tornado_ws.channels.channel import Channel, KeptMessage, Position
from tornado_ws.channels.channel_log import MAX_HELD, MESSAGE_BYTES, ChannelLog, LogStatus, Unknown

CHANNEL = Channel("chat", "lobby")
START = Position("e", 0, "")


def kept(seq: int, *, epoch: str = "e", mark: str | None = None, previous: str | None = None, expires_at: float = 0.0):
    """Return message number `seq` of a sequence whose marks are `m1`, `m2` and so on."""
    mark = f"m{seq}" if mark is None else mark
    if previous is None:
        previous = f"m{seq - 1}" if seq > 1 else ""
    return KeptMessage(CHANNEL, Position(epoch, seq, mark), previous, b"12345", frozenset(), expires_at)


def position(seq: int) -> Position:
    return kept(seq).position if seq else START


@pytest.fixture
def delivered() -> list[int]:
    return []


@pytest.fixture
def log(delivered: list[int]) -> ChannelLog:
    return ChannelLog(START, lambda message: delivered.append(message.position.seq), count=3)


def test_messages_that_follow_are_delivered(log, delivered):
    assert [LogStatus.COMPLETE] * 3 == [log.receive(kept(seq)) for seq in (1, 2, 3)]

    assert [1, 2, 3] == delivered
    assert log.position == position(3)


def test_repetition_is_dropped(log, delivered):
    for seq in (1, 2, 3):
        log.receive(kept(seq))

    assert [LogStatus.COMPLETE] * 3 == [log.receive(kept(seq)) for seq in (3, 2, 1)]
    assert [1, 2, 3] == delivered


def test_gap_holds_messages_until_the_history_was_read(log, delivered):
    log.receive(kept(1))

    assert log.receive(kept(3)) is LogStatus.BEHIND
    assert log.begin_reading() == position(1)
    assert log.receive(kept(4)) is LogStatus.COMPLETE
    assert [1] == delivered
    assert log.finish_reading(position(3), [kept(2), kept(3)]) is LogStatus.COMPLETE
    assert [1, 2, 3, 4] == delivered


def test_late_message_fills_the_gap(log, delivered):
    log.receive(kept(2))

    assert log.receive(kept(1)) is LogStatus.COMPLETE
    assert [1, 2] == delivered


def test_message_that_follows_another_one_has_diverged(log, delivered):
    log.receive(kept(1))

    assert log.receive(kept(2, previous="other")) is LogStatus.DIVERGED
    assert log.receive(kept(2)) is LogStatus.COMPLETE  # held until the reset
    assert [1] == delivered
    assert log.reset(Position("new", 0, "")) is LogStatus.BEHIND
    assert log.position == Position("new", 0, "")


def test_old_number_with_another_mark_requires_a_reading(log):
    for seq in (1, 2, 3):
        log.receive(kept(seq))

    assert log.receive(kept(2, mark="other")) is LogStatus.BEHIND
    assert log.receive(kept(3, mark="other")) is LogStatus.BEHIND


def test_message_of_another_epoch_requires_a_reading(log):
    assert log.receive(kept(1, epoch="new")) is LogStatus.BEHIND
    assert log.begin_reading() == START
    assert log.finish_reading(Position("new", 1, "m1"), [kept(1, epoch="new")]) is LogStatus.LOST


@pytest.mark.parametrize("head", [position(1), Position("e", 2, "other")])
def test_history_behind_the_log_has_diverged(log, head):
    log.receive(kept(1))
    log.receive(kept(2))
    log.begin_reading()

    assert log.finish_reading(head, []) is LogStatus.DIVERGED


def test_history_with_another_message_of_the_same_number_has_diverged(log):
    log.receive(kept(1))
    log.begin_reading()

    messages = [kept(1, mark="x"), kept(2, previous="x")]
    assert log.finish_reading(position(2), messages) is LogStatus.DIVERGED


def test_history_that_does_not_reach_back_is_lost(log, delivered):
    log.begin_reading()

    assert log.finish_reading(position(5), [kept(4), kept(5)]) is LogStatus.LOST
    assert log.receive(kept(6)) is LogStatus.COMPLETE
    assert log.reset(position(5)) is LogStatus.COMPLETE
    assert [6] == delivered


def test_message_that_seems_to_follow_waits_for_the_reading(log, delivered):
    log.receive(kept(1))
    log.receive(kept(2, epoch="new", previous="m1"))
    log.begin_reading()
    log.receive(kept(2))  # of the old epoch, late

    assert log.finish_reading(Position("new", 2, "m2"), []) is LogStatus.LOST
    assert [1] == delivered  # otherwise the numbers seem to have gone back


def test_reading_decides_about_earlier_messages_only(log):
    log.receive(kept(5))
    log.begin_reading()

    assert log.finish_reading(START, []) is LogStatus.COMPLETE  # 5 is lost

    log.begin_reading()
    log.receive(kept(5))
    assert log.finish_reading(START, []) is LogStatus.BEHIND  # 5 may be newer than the answer


def test_failed_reading_is_repeated(log, delivered):
    log.receive(kept(2))
    log.begin_reading()
    log.receive(kept(3))
    log.cancel_reading()

    log.begin_reading()
    assert log.finish_reading(position(2), [kept(1), kept(2)]) is LogStatus.COMPLETE
    assert [1, 2, 3] == delivered


def test_number_of_held_messages_is_bounded(log):
    log.begin_reading()
    for seq in range(2, MAX_HELD + 10):
        log.receive(kept(seq))

    assert log.finish_reading(START, []) is LogStatus.BEHIND
    assert len(log._held) == MAX_HELD


def test_recent_messages_are_bounded_in_number_and_time(log):
    for seq in range(1, 6):
        log.receive(kept(seq, expires_at=float(seq)))
    assert (len(log), log.bytes) == (3, 3 * (5 + MESSAGE_BYTES))

    log.discard_expired(4.0)
    assert (len(log), log.bytes) == (1, 5 + MESSAGE_BYTES)

    log.forget()
    assert (len(log), log.bytes, log.position) == (0, 0, position(5))


def test_missed_messages_come_from_the_recent_ones(log):
    for seq in range(1, 6):
        log.receive(kept(seq))

    assert [] == log.missed(position(5))
    assert [kept(4), kept(5)] == log.missed(position(3))
    assert [kept(3), kept(4), kept(5)] == log.missed(position(2))
    assert log.missed(position(1)) is Unknown.UNKNOWN
    assert log.missed(position(6)) is Unknown.UNKNOWN
    assert log.missed(Position("new", 5, "m5")) is Unknown.UNKNOWN
    assert log.missed(Position("e", 3, "other")) is Unknown.UNKNOWN
    assert log.missed(Position("e", 5, "other")) is None


def test_missed_messages_come_from_a_history_and_the_recent_ones(log):
    for seq in range(1, 6):
        log.receive(kept(seq))
    history = [kept(1), kept(2), kept(3)]

    assert [kept(2), kept(3), kept(4), kept(5)] == log.missed_in(history, position(1))
    assert [kept(5)] == log.missed_in(history, position(4))
    assert log.missed_in([kept(1)], position(1)) is None
    assert log.missed_in(history, Position("e", 1, "other")) is None
    assert log.missed_in([kept(1), kept(2, mark="other")], position(1)) is None
    assert log.missed_in(history, position(6)) is None
    assert log.missed_in(history, Position("new", 1, "m1")) is None
