from __future__ import annotations

import msgspec
import pytest

from tornado_ws.presence import Entry, PresenceSet
from tornado_ws.presence.entries import EntryRow, PresenceMessage

from .presence_model import GRACE, run_history


@pytest.fixture
def ids():
    return iter("abcdefgh")


@pytest.fixture
def own(ids) -> PresenceSet:
    return PresenceSet("p1", grace=GRACE, new_id=lambda: next(ids))


def message(*rows: tuple[str, str, str, bool], process="p2", **members) -> PresenceMessage:
    entries = [EntryRow(id, key, msgspec.Raw(text.encode()), away) for id, key, text, away in rows]
    return PresenceMessage(process=process, entries=entries, **members)


def test_a_device_is_tracked_changed_and_untracked(own):
    ann = own.track(None, "ann", b"1")
    assert own.take_changes() == ([Entry("a", "ann", b"1")], [])

    assert own.track(ann, "ann", b"2") is ann
    assert own.take_changes() == ([Entry("a", "ann", b"2")], [])

    own.untrack(ann)
    assert own.take_changes() == ([], ["a"])
    assert not own.take_changes()
    assert own.by_key() == {}


def test_changes_that_cancel_each_other_are_none(own):
    ann = own.track(None, "ann", b"1")
    own.untrack(ann)
    assert not own.take_changes()

    bob = own.track(None, "bob", b"1")
    own.take_changes()
    own.track(bob, "bob", b"2")
    own.track(bob, "bob", b"1")
    assert not own.take_changes()


def test_another_key_makes_another_device(own):
    ann = own.track(None, "ann", b"1")
    own.take_changes()

    own.track(ann, "bob", b"1")

    assert own.take_changes() == ([Entry("b", "bob", b"1")], ["a"])


def test_devices_of_one_user_have_one_key(own):
    own.track(None, "ann", b"1")
    own.track(None, "ann", b"2")

    assert own.by_key() == {"ann": [Entry("a", "ann", b"1"), Entry("b", "ann", b"2")]}


def test_device_that_returns_within_the_grace_time_changes_nothing(own):
    ann = own.track(None, "ann", b"1")
    own.take_changes()

    own.leave(ann, 0.0)
    own.track(None, "ann", b"1")

    assert own.end_grace(GRACE + 1) is None
    assert not own.take_changes()


def test_device_that_does_not_return_leaves_after_the_grace_time(own):
    own.leave(own.track(None, "ann", b"1"), 5.0)
    own.take_changes()

    assert own.end_grace(5.0 + GRACE - 1) == 5.0 + GRACE
    assert not own.take_changes()
    assert own.end_grace(5.0 + GRACE) is None
    assert own.take_changes() == ([], ["a"])


def test_without_a_grace_time_a_device_leaves_at_once():
    own = PresenceSet("p1", grace=0.0, new_id=lambda: "a")
    device = own.track(None, "ann", b"1")
    own.take_changes()

    own.leave(device, 0.0)

    assert own.take_changes() == ([], ["a"])


def test_device_that_returns_to_another_process_changes_nothing(own):
    own.receive(message(("x", "ann", "1", False)))
    own.receive(message(("x", "ann", "1", True)))
    own.take_changes()

    device = own.track(None, "ann", b"1")
    own.receive(message(left=["x"]))

    assert device.id == "x"
    assert not own.take_changes()


def test_own_device_that_is_away_ends_when_another_process_has_it(own):
    own.leave(own.track(None, "ann", b"1"), 0.0)
    own.take_changes()
    own.take_outgoing()

    own.receive(message(("a", "ann", "1", False)))

    assert own.take_outgoing() == ([], ["a"])
    assert own.end_grace(GRACE) is None
    assert not own.take_changes()


def test_place_of_a_device_that_two_processes_give_away_is_taken_by_one(own):
    own.receive(message(("x", "ann", "1", True), process="p3"))
    device = own.track(None, "ann", b"1")
    own.receive(message(("x", "ann", "2", False), process="p0"))

    assert device.id == "a"
    assert own.by_key() == {"ann": [Entry("x", "ann", b"2"), Entry("a", "ann", b"1")]}
    own.untrack(device)
    assert [*own.visible] == ["x"]


def test_statement_ends_the_entries_that_it_does_not_contain(own):
    own.receive(message(("x", "ann", "1", False), ("y", "bob", "1", False)))
    own.take_changes()

    own.receive(message(("y", "bob", "2", False), begin=True))
    assert own.take_changes() == ([Entry("y", "bob", b"2")], [])
    own.receive(message(("z", "eve", "1", False), end=True))

    assert own.take_changes() == ([Entry("z", "eve", b"1")], ["x"])


def test_entries_of_a_process_end_with_it(own):
    own.track(None, "ann", b"1")
    own.receive(message(("x", "bob", "1", False)))
    assert own.processes == {"p2"}

    own.drop_process("p2")

    assert own.processes == set()
    assert [*own.visible] == ["a"]


def test_own_messages_are_ignored(own):
    own.receive(message(("x", "bob", "1", False), process="p1"))

    assert own.visible == {}


def test_random_histories_end_with_the_devices_that_exist(unmeasured):
    for seed in range(400):
        run_history(seed)
