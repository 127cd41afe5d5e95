from __future__ import annotations

import json

import pytest

from tornado_ws.presence import Entry
from tornado_ws.server import presence_log as module
from tornado_ws.server.presence_log import PresenceLog


@pytest.fixture
def log() -> PresenceLog:
    return PresenceLog()


def read(data: bytes) -> dict:
    return json.loads(b"{%b}" % data)


def states(log: PresenceLog) -> list[dict]:
    parts, changes = log.state()
    assert changes == []
    return [read(one) for one in parts]


def entry(id: str, text: bytes = b"1") -> Entry:
    return Entry(id, "ann", text)


def test_changes_have_numbers_without_gaps(log):
    changes = [*log.change([entry("a")], ()), *log.change([entry("b")], ["a"]), *log.change((), ["b"])]

    assert [read(one) for one in changes] == [
        {"seq": 1, "entries": [["a", "ann", 1]], "left": []},
        {"seq": 2, "entries": [["b", "ann", 1]], "left": ["a"]},
        {"seq": 3, "entries": [], "left": ["b"]},
    ]


def test_state_has_the_number_of_the_newest_change(log):
    [*log.change([entry("a"), entry("b")], ())]
    [*log.change([entry("a", b"2")], ["b"])]

    assert states(log) == [{"epoch": log.epoch, "seq": 2, "entries": [["a", "ann", 2]]}]
    assert [one["entries"] for one in states(PresenceLog())] == [[]]


def test_large_changes_and_states_come_in_parts(log, monkeypatch):
    monkeypatch.setattr(module, "FRAME_BYTES", 40)
    changes = [read(one) for one in log.change([entry(f"id {number}") for number in range(5)], ())]
    parts = states(log)

    assert [one["seq"] for one in changes] == [1, 2, 3]
    assert [one.get("more", False) for one in parts] == [True, True, False]
    assert [one["seq"] for one in parts] == [3, 3, 3]
    assert [row for one in parts for row in one["entries"]] == [row for one in changes for row in one["entries"]]


def test_missed_changes_are_sent_while_they_are_kept(log, monkeypatch):
    monkeypatch.setattr(module, "RECENT_BYTES", 200)
    changes = [data for number in range(9) for data in log.change([entry(f"{number}")], ())]

    assert log.missed(log.epoch, 9) == []
    assert log.missed(log.epoch, 7) == changes[7:]
    assert log.missed(log.epoch, 0) is None
    assert log.missed(log.epoch, 10) is None
    assert log.missed("other", 9) is None
    assert log.missed(None, None) is None


def test_state_is_encoded_again_after_many_changes(log):
    [*log.change([entry(f"id {number}") for number in range(20)], ())]
    parts, _ = log.state()
    [change] = log.change((), ["id 0"])

    assert log.state() == (parts, [change])
    for number in range(1, 10):
        [*log.change((), [f"id {number}"])]
    assert len(states(log)[0]["entries"]) == 10


def test_state_is_encoded_again_if_changes_since_then_are_dropped(log, monkeypatch):
    monkeypatch.setattr(module, "RECENT_BYTES", 60)
    [*log.change([entry(f"id {number}") for number in range(20)], ())]
    log.state()
    [*log.change((), ["id 0"])]
    [*log.change((), ["id 1"])]

    assert len(states(log)[0]["entries"]) == 18
