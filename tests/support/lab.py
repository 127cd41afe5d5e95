"""Endpoint ``lab`` with every kind of message and endpoint ``long-job`` with a ticket, as codegen writes them."""

from __future__ import annotations

import abc
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import msgspec

import tornado_ws
from tornado_ws import ErrorType, MessageType, Payload, Replay


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class LabParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    room: Annotated[str, msgspec.Meta(max_length=10)]
    level: Annotated[int, msgspec.Meta(ge=1)] = 1
    tags: list[str] = []


class Say(Line, frozen=True, kw_only=True):
    """Message with a record."""


class Nudge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Message without a payload."""


class Limited(msgspec.Struct, frozen=True):
    """Message type with a rate: two in ten seconds."""

    data: int


class Echo(msgspec.Struct, tornado_ws.Request[str], frozen=True):
    """Request for the same text."""

    data: str


class Count(msgspec.Struct, tornado_ws.Request[int], frozen=True):
    """Request for a stream of numbers from 0."""

    data: int


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Message that is kept for clients that resume."""

    text: Annotated[str, msgspec.Meta(max_length=100)]


class Note(msgspec.Struct, frozen=True):
    """Message that is not kept."""

    data: str


class Noise(msgspec.Struct, frozen=True):
    """Volatile message."""

    data: str


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Message that replaces older ones of the same symbol."""

    symbol: str
    value: int
    padding: str = ""


class Confirm(msgspec.Struct, tornado_ws.ServerRequest[bool, "LabHandler"], frozen=True):
    """Request to the client."""

    data: str


ServerMessage = Said | Note | Noise | Price | Confirm

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
TEXT = {"type": "object", "properties": {"text": {"type": "string", "maxLength": 100}}, "required": ["text"]}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {
        "Line": {
            **TEXT,
            "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 100}},
            "additionalProperties": False,
        },
        "Said": {**TEXT, "additionalProperties": False},
        "Price": {
            "type": "object",
            "properties": {"symbol": STRING, "value": INTEGER, "padding": STRING},
            "required": ["symbol", "value"],
            "additionalProperties": False,
        },
        "Text": STRING,
        "Number": INTEGER,
        "Boolean": {"type": "boolean"},
        "LabParams": {
            "type": "object",
            "properties": {
                "room": {"type": "string", "maxLength": 10},
                "level": {"type": "integer", "minimum": 1},
                "tags": {"type": "array", "items": STRING},
            },
            "required": ["room"],
            "additionalProperties": False,
        },
    },
}


class RoomFull(tornado_ws.ApplicationError):
    code = "room_full"


class RoomLocked(tornado_ws.ApplicationError):
    code = "room_locked"
    retryable = True


class TooLong(tornado_ws.ErrorWithData[int]):
    code = "too_long"


LAB: Final = tornado_ws.Endpoint(
    name="lab",
    kind="persistent",
    contract="lab-1",
    path="/lab/{room}",
    params=Payload(LabParams, "/$defs/LabParams"),
    client=(
        MessageType("say", Say, Payload(Line, "/$defs/Line")),
        MessageType("nudge", Nudge),
        MessageType("limited", Limited, Payload(int, "/$defs/Number"), rate=(2, 10.0)),
        MessageType("echo", Echo, Payload(str, "/$defs/Text"), reply=Payload(str, "/$defs/Text")),
        MessageType("count", Count, Payload(int, "/$defs/Number"), stream=Payload(int, "/$defs/Number")),
    ),
    server=(
        MessageType("said", Said, Payload(Said, "/$defs/Said"), replay=Replay(5)),
        MessageType("note", Note, Payload(str, "/$defs/Text")),
        MessageType("noise", Noise, Payload(str, "/$defs/Text"), volatile=True),
        MessageType("price", Price, Payload(Price, "/$defs/Price"), latest="/symbol"),
        MessageType("confirm", Confirm, Payload(str, "/$defs/Text"), reply=Payload(bool, "/$defs/Boolean")),
    ),
    schema=json.dumps(SCHEMA),
    errors=(
        ErrorType(RoomFull),
        ErrorType(RoomLocked),
        ErrorType(TooLong, Payload(int, "/$defs/Number")),
    ),
)


class LabHandler(tornado_ws.PersistentHandler[LabParams, ServerMessage], abc.ABC):
    endpoint = LAB

    @abc.abstractmethod
    async def on_say(self, say: Line, /) -> None: ...

    @abc.abstractmethod
    async def on_nudge(self) -> None: ...

    @abc.abstractmethod
    async def on_limited(self, limited: int, /) -> None: ...

    @abc.abstractmethod
    async def on_echo(self, echo: str, /) -> str: ...

    @abc.abstractmethod
    def on_count(self, count: int, /) -> AsyncIterator[int]: ...


class Lab(LabHandler):
    """Handler that joins its room and sends each line to it; tests override the rest."""

    async def on_connect(self) -> None:
        await self.join(self.params.room)

    async def on_say(self, say: Line, /) -> None:
        await self.room(self.params.room).send(Said(text=say.text))

    async def on_nudge(self) -> None: ...

    async def on_limited(self, limited: int, /) -> None:
        await self.send(Note(str(limited)))

    async def on_echo(self, echo: str, /) -> str:
        return echo

    async def on_count(self, count: int, /) -> AsyncIterator[int]:
        for number in range(count):
            yield number


class CountingLab(Lab):
    """Lab that counts calls of ``on_connect`` and collects the close codes and reasons of ``on_disconnect``."""

    connected = 0
    ends: list[tuple[int | None, str | None]]

    def __init_subclass__(cls) -> None:
        cls.ends = []

    async def on_connect(self) -> None:
        type(self).connected += 1

    async def on_disconnect(self, code: int | None, reason: str | None) -> None:
        self.ends.append((code, reason))


class JobTicket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    job: int


class Done(msgspec.Struct, frozen=True):
    data: int


class Stop(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Message without a payload."""


JOB: Final = tornado_ws.Endpoint(
    name="long-job",
    kind="ephemeral",
    contract="long-job-1",
    ticket=Payload(JobTicket, "/$defs/JobTicket"),
    ttl=60.0,
    client=(MessageType("stop", Stop),),
    server=(MessageType("done", Done, Payload(int, "/$defs/Number")),),
    schema=json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$defs": {
                "Number": INTEGER,
                "JobTicket": {
                    "type": "object",
                    "properties": {"job": INTEGER},
                    "required": ["job"],
                    "additionalProperties": False,
                },
            },
        }
    ),
)


class JobHandler(tornado_ws.EphemeralHandler[JobTicket, Done], abc.ABC):
    endpoint = JOB

    @abc.abstractmethod
    async def on_stop(self) -> None: ...


class JobAction(tornado_ws.Action[JobTicket], abc.ABC):
    endpoint = JOB


class Job(JobHandler):
    """Handler that sends the number of its ticket."""

    async def on_connect(self) -> None:
        await self.send(Done(self.ticket.job))

    async def on_stop(self) -> None: ...


class StartJob(JobAction):
    """Action that makes a ticket for the number in the path."""

    async def make_ticket(self, *args: Any, **kwargs: Any) -> JobTicket:
        return JobTicket(job=int(self.path_args[0]))
