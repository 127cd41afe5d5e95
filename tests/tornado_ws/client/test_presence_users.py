"""Users in the rooms of a client: the rule, and a real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from tests.support.board import BOARD, Board, BoardParams, BoardPresence, Moved, Rename
from tests.support.typed_clients import FAST
from tests.support.virtual_test import virtual
from tornado_ws import ErrorData, PersistentClientWithParams
from tornado_ws.client import PresenceChanged
from tornado_ws.client.presence_users import FORGET_AFTER, PresenceUsers
from tornado_ws.client.timers import LoopTimers
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.envelopes import ChangedData, PresenceRow, PresentData

CODEC = Codec(BOARD, side="client")


def row(id: str, key: str, name: object = "x") -> PresenceRow:
    return PresenceRow(id, key, msgspec.Raw(json.dumps({"name": name}).encode()))


def named(*names: str) -> tuple[BoardPresence, ...]:
    return tuple(BoardPresence(name=name) for name in names)


class Users:
    """Users of a client that collect their effects."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.events: list[PresenceChanged] = []
        self.invalid: list[ErrorData] = []
        self.all = PresenceUsers(
            CODEC.decode_presence,
            send=lambda text: self.sent.append(json.loads(text)["data"]),
            emit=self.events.append,
            invalid=self.invalid.append,
            timers=LoopTimers(),
        )
        self.all.open()

    def present(self, seq: int, *entries: PresenceRow, epoch: str = "e", more: bool = False) -> None:
        self.all.present(PresentData(ch=1, epoch=epoch, seq=seq, entries=[*entries], more=more))

    def change(self, seq: int, *entries: PresenceRow, left: Sequence[str] = ()) -> None:
        self.all.change(ChangedData(ch=1, seq=seq, entries=[*entries], left=[*left]))


def event(joined: str = "", left: str = "", updated: str = "") -> PresenceChanged:
    return PresenceChanged(
        joined=frozenset(joined.split()), left=frozenset(left.split()), updated=frozenset(updated.split())
    )


@virtual
async def test_state_and_changes_are_users_with_their_devices():
    users = Users()
    users.all.offer(1, "room")
    users.present(3, row("d1", "ann"), more=True)
    users.change(4, row("d3", "bob", "b"))
    users.present(3, row("d2", "ann", "y"))
    users.change(5, row("d3", "bob", "c"), left=["d1"])
    users.change(6, left=["d2", "unknown"])
    users.change(6, row("d9", "old"))

    assert [{"ch": 1}] == users.sent
    assert {"bob": named("c")} == users.all.by_key
    assert [event(joined="ann"), event(joined="bob"), event(updated="ann bob"), event(left="ann")] == users.events
    users.change(7, row("d3", "bob", "c"))  # nothing changes
    assert len(users.events) == 4


@virtual
async def test_missing_change_is_a_reason_to_request_the_state():
    users = Users()
    users.all.offer(1, "room")
    users.present(3, row("d1", "ann"))
    users.change(5, row("d2", "bob"))
    users.change(6, row("d3", "eve"))
    assert [{"ch": 1}] * 2 == users.sent
    users.present(5, row("d2", "bob"))

    assert {"bob", "eve"} == users.all.by_key.keys()


@virtual
async def test_known_state_is_continued_after_a_reconnect_and_rooms_that_were_not_joined_are_forgotten():
    users = Users()
    users.all.offer(1, "room")
    users.present(3, row("d1", "ann"))
    users.all.offer(2, "other")
    users.all.present(PresentData(ch=2, epoch="f", seq=0, entries=[row("d2", "bob")]))
    users.all.stop()
    users.all.open()
    users.all.offer(7, "room")
    assert {"ch": 7, "epoch": "e", "seq": 3} == users.sent[-1]
    assert {"ann", "bob"} == users.all.by_key.keys()
    await asyncio.sleep(FORGET_AFTER + 0.1)

    assert {"ann"} == users.all.by_key.keys()
    users.all.close()
    assert {} == users.all.by_key
    assert event(left="ann") == users.events[-1]


@virtual
async def test_channel_that_was_left_has_no_users():
    users = Users()
    users.all.offer(1, "room")
    users.present(3, row("d1", "ann"))
    users.all.leave(1)
    users.all.leave(1)
    users.present(4, row("d1", "ann"))
    users.change(5, row("d1", "ann"))

    assert {} == users.all.by_key


@virtual
async def test_invalid_metadata_is_reported_and_its_device_is_dropped():
    users = Users()
    users.all.offer(1, "room")
    users.present(0, row("d1", "ann", 5), row("d2", "bob"))

    assert {"bob"} == users.all.by_key.keys()
    assert ["/name"] == [error.pointer for error in users.invalid]


class BoardClient(PersistentClientWithParams[BoardParams, Moved]):
    endpoint = BOARD

    @property
    def presence(self) -> Mapping[str, Sequence[BoardPresence]]:
        return self._presence

    async def request(self, message: Rename, /) -> str:
        return await self._request(message, None)


@pytest.mark.gen_test
async def test_clients_see_each_other_over_a_reconnect(serve, until):
    server = serve(Board)
    async with server.running():
        ann = BoardClient(server.url, BoardParams(room="a", nick="ann"), backoff=FAST)
        async with ann, BoardClient(server.url, BoardParams(room="a", nick="bob"), backoff=FAST) as bob:
            await until(lambda: ann.presence.keys() == bob.presence.keys() == {"ann", "bob"})
            await bob.request(Rename("new"))
            await until(lambda: ann.presence["bob"] == named("new"))
            ann.reconnect()
            await bob.request(Rename("newer"))
            await until(lambda: ann.presence.get("bob") == named("newer"))
            await bob.request(Rename(""))
            await until(lambda: ann.presence.keys() == {"ann"})
        assert {} == ann.presence


class Anonymous(Board):
    """Handler that is tracked without a key."""

    async def on_connect(self) -> None:
        await self.track(BoardPresence(name=self.params.nick))


@pytest.mark.gen_test
async def test_client_without_a_user_is_the_same_after_a_reconnect(serve, until):
    server = serve(Anonymous)
    async with server.running():
        ann = BoardClient(server.url, BoardParams(room="a", nick="ann"), backoff=FAST)
        async with ann, BoardClient(server.url, BoardParams(room="a", nick="bob"), backoff=FAST) as bob:
            await until(lambda: len(ann.presence) == len(bob.presence) == 2)
            users = dict(bob.presence)
            changes: list[PresenceChanged] = []
            bob._on(PresenceChanged, changes.append)
            ann.reconnect()
            async with BoardClient(server.url, BoardParams(room="a", nick="eve"), backoff=FAST):
                await until(lambda: ann.status == "open" and len(bob.presence) == len(ann.presence) == 3)
            assert [1] == [len(change.joined) for change in changes]
            assert users.items() <= bob.presence.items()
