"""Endpoint ``board`` with presence, as codegen writes it."""

from __future__ import annotations

import abc
import json
from typing import Annotated, Final

import msgspec

import tornado_ws
from tornado_ws import MessageType, Payload, Replay


class BoardParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    room: str
    nick: str = ""


class BoardPresence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(max_length=20)]


class Rename(msgspec.Struct, tornado_ws.Request[str], frozen=True):
    """Request to change the metadata, or with an empty name to end it."""

    data: str


class Moved(msgspec.Struct, frozen=True):
    """Message that is kept for clients that resume."""

    data: int


NAME = {"type": "string", "maxLength": 20}

BOARD: Final = tornado_ws.Endpoint(
    name="board",
    kind="persistent",
    contract="board-1",
    path="/board/{room}",
    params=Payload(BoardParams, "/$defs/BoardParams"),
    presence=Payload(BoardPresence, "/$defs/BoardPresence"),
    client=(MessageType("rename", Rename, Payload(str, "/$defs/Text"), reply=Payload(str, "/$defs/Text")),),
    server=(MessageType("moved", Moved, Payload(int, "/$defs/Number"), replay=Replay(5)),),
    schema=json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$defs": {
                "BoardParams": {
                    "type": "object",
                    "properties": {"room": {"type": "string"}, "nick": {"type": "string"}},
                    "required": ["room"],
                    "additionalProperties": False,
                },
                "BoardPresence": {
                    "type": "object",
                    "properties": {"name": NAME},
                    "required": ["name"],
                    "additionalProperties": False,
                },
                "Text": {"type": "string"},
                "Number": {"type": "integer"},
            },
        }
    ),
)


class BoardHandler(
    tornado_ws.PersistentHandler[BoardParams, Moved],
    tornado_ws.PresenceHandler[BoardPresence, Moved],
    abc.ABC,
):
    endpoint = BOARD

    @abc.abstractmethod
    async def on_rename(self, rename: str, /) -> str: ...


class Board(BoardHandler):
    """Handler that is tracked in its room, with its nick as key, if it has one."""

    async def on_connect(self) -> None:
        await self.join(self.params.room)
        if self.params.nick:
            await self.track(BoardPresence(name=self.params.nick), room=self.params.room, key=self.params.nick)

    async def on_rename(self, rename: str, /) -> str:
        if rename:
            await self.track(BoardPresence(name=rename), room=self.params.room, key=self.params.nick)
        else:
            await self.untrack(room=self.params.room)
        return rename
