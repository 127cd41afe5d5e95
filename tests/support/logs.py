"""Endpoint with streams that go on after the position of a client, as codegen writes it."""

from __future__ import annotations

import abc
import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import msgspec

import tornado_ws
from tornado_ws import Endpoint, MessageType, Payload

__all__ = ["LINE", "LOGS", "Follow", "Logs", "LogsHandler", "Tick"]

LINE = Payload(Annotated[int, msgspec.Meta(ge=1)], "/$defs/Line")


class Follow(msgspec.Struct, tornado_ws.Stream[int], frozen=True):
    data: int


class Tick(msgspec.Struct, tornado_ws.Stream[int], frozen=True):
    pass


LOGS: Final = Endpoint(
    name="logs",
    kind="persistent",
    path="/logs",
    client=(
        MessageType("follow", Follow, Payload(int, "/$defs/Number"), stream=LINE, cursor=LINE, resume=""),
        MessageType("tick", Tick, stream=LINE, cursor=LINE, resume=""),
    ),
    server=(),
    schema=json.dumps(
        {
            "$id": "https://tornado-ws.invalid/logs.json",
            "$defs": {"Number": {"type": "integer"}, "Line": {"type": "integer", "minimum": 1}},
        }
    ),
    contract="0",
)


class LogsHandler(tornado_ws.PersistentHandler[None, Any], abc.ABC):
    endpoint = LOGS

    @abc.abstractmethod
    def on_follow(self, follow: int, /, *, resume: int | None) -> AsyncIterator[int]: ...

    @abc.abstractmethod
    def on_tick(self, *, resume: int | None) -> AsyncIterator[int]: ...


class Logs(LogsHandler):
    async def on_follow(self, follow: int, *, resume: int | None) -> AsyncIterator[int]:
        for line in range(1 if resume is None else resume + 1, follow + 1):
            yield line

    async def on_tick(self, *, resume: int | None) -> AsyncIterator[int]:
        yield 1 if resume is None else resume + 1
        await asyncio.Event().wait()
