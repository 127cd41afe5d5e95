"""Endpoints and their messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .types import Definition, Json, Type
from .validators import Check

__all__ = ["Endpoint", "ErrorCode", "Message", "Origin", "Rate", "Payload"]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where an author wrote something."""

    file: str
    line: int
    column: int
    pointer: str
    """In that file."""


@dataclass(frozen=True, kw_only=True)
class Payload:
    """A place in the protocol that a schema describes: a payload, a reply, a stream's item, params or a ticket."""

    type: Type
    check: Check
    pointer: str
    """Where its schema stands in :attr:`Endpoint.bundle`, as a JSON Pointer (RFC 6901) such as ``/$defs/Line``."""
    description: str = ""
    """What the schema says of itself; also in its definition, where the type has a name."""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """How many messages a connection may send."""

    count: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message, in one direction."""

    name: str
    """As on the wire: lower-case words joined by ``_``, ``-`` or ``.``."""
    payload: Payload | None
    reply: Payload | None = None
    """Set on requests."""
    stream: Payload | None = None
    """Set on requests that any number of items answer; never together with :attr:`reply`."""
    volatile: bool = False
    replay: int = 0
    """How many of them are kept for clients that reconnect."""
    latest: str | None = None
    """JSON Pointer into the payload: a slow client gets only the newest message per value found there."""
    rate: Rate | None = None
    description: str = ""
    deprecated: bool = False


@dataclass(frozen=True, kw_only=True)
class ErrorCode:
    """An error of the application that ``$error`` frames may carry."""

    code: str
    description: str = ""
    retryable: bool = False


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One schema file that states a ``kind``."""

    name: str
    """The file's name without suffix: lower-case words joined by ``_`` or ``-``."""
    source: str
    """Path of the file as the user named it, with ``/``, such as ``schemas/chat.json``; for headers."""
    kind: Literal["ephemeral", "persistent"]
    path: str | None
    """The route of a persistent endpoint, such as ``/chat/{room}``; None for ephemeral ones."""
    params: Payload | None
    """Persistent only; always a record."""
    ticket: Payload | None
    """Ephemeral only."""
    ttl: float
    """Seconds a one-time URL is valid."""
    client: tuple[Message, ...]
    """What the client sends, in schema order."""
    server: tuple[Message, ...]
    """What the server sends, in schema order."""
    errors: tuple[ErrorCode, ...]
    definitions: tuple[Definition, ...]
    """Every named type that a slot reaches; those of ``$defs`` first, in schema order."""
    checks: Mapping[str, Check]
    """What :class:`~.checks.Call` refers to, by name; only those that a slot reaches."""
    bundle: Mapping[str, Json]
    """One JSON Schema 2020-12 document that holds every schema of the endpoint; needs no other file."""
    description: str = ""
    formats: bool = False
    """Whether ``format`` refuses values; else it is an annotation."""
    origins: Mapping[str, Origin] = field(default_factory=dict, compare=False, repr=False)
    """Where definitions and slots were written, by their pointers in :attr:`bundle`."""

    @property
    def slots(self) -> tuple[Payload, ...]:
        """Every slot, in schema order."""
        messages = [slot for one in (*self.client, *self.server) for slot in (one.payload, one.reply, one.stream)]
        return tuple(slot for slot in (self.params, self.ticket, *messages) if slot is not None)
