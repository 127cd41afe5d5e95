from __future__ import annotations

import msgspec
import pytest

from tornado_ws.testing.presence_view import PresenceView
from tornado_ws.validation.envelopes import ChangedData, PresenceRow, PresentData


@pytest.fixture
def view() -> PresenceView:
    view = PresenceView(msgspec.json.decode)
    view.offer(1)
    return view


def rows(*ids: str) -> list[PresenceRow]:
    return [PresenceRow(id, "ann", msgspec.Raw(b'"%b"' % id.encode())) for id in ids]


def present(*ids: str, seq: int = 1, more: bool = False) -> PresentData:
    return PresentData(ch=1, epoch="e", seq=seq, entries=rows(*ids), more=more)


def changed(seq: int, *ids: str, left: tuple[str, ...] = ()) -> ChangedData:
    return ChangedData(ch=1, seq=seq, entries=rows(*ids), left=[*left])


def test_changes_follow_the_state(view):
    view.present(present("a"))
    view.change(changed(2, "b"))
    assert view.by_key == {"ann": ("a", "b")}

    view.change(changed(3, left=("a", "b")))
    assert view.by_key == {}
    assert view.changes == 2


def test_changes_during_a_state_are_applied_after_it(view):
    view.present(present("a", more=True))
    view.change(changed(2, left=("a",)))
    view.present(present("b"))

    assert view.by_key == {"ann": ("b",)}


def test_missing_change_fails(view):
    view.present(present("a"))

    with pytest.raises(AssertionError, match=r"^expected change 2 of presence, got 3$"):
        view.change(changed(3))


def test_channel_that_was_left_is_empty(view):
    view.present(present("a"))
    view.leave(1)
    view.leave(2)

    assert view.by_key == {}
