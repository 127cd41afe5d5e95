from __future__ import annotations

from dataclasses import dataclass

import pytest

from tornado_ws.server.rooms import ConnectionRegistry


@dataclass(frozen=True)
class Fake:
    connection_id: str


ANN, BOB = Fake("ann"), Fake("bob")


@pytest.fixture
def registry() -> ConnectionRegistry[Fake]:
    registry: ConnectionRegistry[Fake] = ConnectionRegistry()
    registry.add(ANN)
    registry.add(BOB)
    return registry


def test_members_are_listed_in_the_order_in_which_they_came(registry):
    assert list(registry) == [ANN, BOB]
    assert registry.members() == (ANN, BOB)
    assert len(registry) == 2
    assert registry.get("bob") is BOB
    assert registry.get("eve") is None


def test_joining_twice_is_joining_once(registry):
    assert registry.join(ANN, "lobby")
    assert not registry.join(ANN, "lobby")

    assert registry.members("lobby") == (ANN,)
    assert registry.rooms_of(ANN) == ("lobby",)


def test_a_room_is_gone_with_its_last_member(registry):
    registry.join(ANN, "lobby")

    assert registry.leave(ANN, "lobby")
    assert not registry.leave(ANN, "lobby")
    assert registry.rooms() == ()
    assert registry.members("lobby") == ()


def test_who_leaves_leaves_all_rooms(registry):
    registry.join(ANN, "a")
    registry.join(ANN, "b")
    registry.join(BOB, "b")

    registry.remove(ANN)
    registry.remove(ANN)

    assert registry.rooms() == ("b",)
    assert registry.members() == (BOB,)
    assert not any(ANN in members for members in (registry.members("a"), registry.members("b")))


def test_who_has_left_cannot_join(registry):
    registry.remove(ANN)

    assert not registry.join(ANN, "lobby")
    assert registry.rooms() == ()


def test_a_snapshot_does_not_change_while_members_come_and_go(registry):
    for member in registry:
        registry.remove(member)

    assert len(registry) == 0
