"""Endpoints and their messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec
from msgspec import Struct

from .options import Options
from .policies import PolicyValue
from .types import Definition, Json, Type
from .validators import Validator

__all__ = ["Endpoint", "ErrorCode", "Message", "Payload", "SourceLocation"]


@dataclass(frozen=True, kw_only=True)
class SourceLocation:
    """Position of a schema in the file that its author wrote."""

    file: str
    line: int
    column: int
    pointer: str
    """JSON Pointer in the file."""


class Payload(Struct, frozen=True, kw_only=True):
    """Data with a schema: a message, a reply, an item of a stream, or params, ticket or presence of an endpoint."""

    type: Type
    validator: Validator
    pointer: str
    """JSON Pointer (RFC 6901) to its schema in :attr:`Endpoint.bundle`, such as ``/$defs/Line``."""
    description: str = ""
    """Description from the schema; also in the definition, if the type has a name."""


class ErrorCode(Struct, frozen=True, kw_only=True):
    """Error code of the application for ``$error`` frames."""

    code: str
    """Code in frames: lower-case words joined by ``_``. An endpoint never has two different errors with one code."""
    description: str = ""
    retryable: bool = False
    data: Payload | None = None
    """Data that the error carries."""


class Message(Struct, frozen=True, kw_only=True):
    """Message in one direction."""

    name: str
    """Name in frames: lower-case words joined by ``_``, ``-`` or ``.``."""
    payload: Payload | None
    reply: Payload | None = None
    """Set for requests."""
    stream: Payload | None = None
    """Item of the stream that answers a request; never set together with :attr:`reply`."""
    cursor: Payload | None = None
    """Part of each item of the stream to which ``resume`` leads: the position after which the stream goes on."""
    policies: Mapping[str, PolicyValue] = msgspec.field(default_factory=dict)
    """Values of the keywords in :data:`.POLICIES` that differ from the default."""
    errors: tuple[ErrorCode, ...] = ()
    """Errors for this message, in addition to those of the endpoint."""
    description: str = ""
    deprecated: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Endpoint:
    """Schema file with a ``kind``."""

    name: str
    """Name of the file without its suffix: lower-case words joined by ``_`` or ``-``."""
    source: str
    """Path of the file as given by the user, with ``/``, such as ``schemas/chat.json``; for file headers."""
    kind: Literal["ephemeral", "persistent"]
    path: str | None
    """Route of a persistent endpoint, such as ``/chat/{room}``; None for ephemeral endpoints."""
    params: Payload | None
    """For persistent endpoints; always a record."""
    ticket: Payload | None
    """For ephemeral endpoints."""
    presence: Payload | None = None
    """Metadata of tracked connections, which the server sends; None if the endpoint has no presence."""
    ttl: float
    """Lifetime of a one-time URL, in seconds."""
    client: tuple[Message, ...]
    """Messages from the client, in schema order."""
    server: tuple[Message, ...]
    """Messages from the server, in schema order."""
    errors: tuple[ErrorCode, ...]
    definitions: tuple[Definition, ...]
    """Named types that payloads use, directly or indirectly; types from ``$defs`` come first, in schema order."""
    validators: Mapping[str, Validator]
    """Targets of :class:`~.validators.Call`, by name; only validators that payloads use."""
    bundle: Mapping[str, Json]
    """JSON Schema 2020-12 document with all schemas of the endpoint; it refers to no other document."""
    description: str = ""
    options: Options = field(default_factory=Options)
    """Options of the project."""
    bigint: bool = False
    """True if values contain ``bigint`` in TypeScript, or are compared with integers beyond 2^53."""
    shared: Mapping[str, str] = field(default_factory=dict)
    """Names of the definitions that all endpoints share, by their names in this endpoint."""
    shared_bundle: Mapping[str, Json] = field(default_factory=dict, repr=False)
    """JSON Schema 2020-12 document with all schemas of shared definitions, at the same pointers or URIs."""
    compatible: tuple[str, ...] = ()
    """Released contracts whose clients and a server with this endpoint understand each other."""
    source_locations: Mapping[str, Callable[[], SourceLocation]] = field(default_factory=dict, repr=False)
    """Functions that find the source locations of definitions and payloads, by their pointers in :attr:`bundle`; and of
    ``kind``, ``path``, messages and errors, by their pointers in the document of the endpoint."""

    @property
    def payloads(self) -> tuple[Payload, ...]:
        """All payloads, in schema order."""
        messages = [
            payload
            for message in (*self.client, *self.server)
            for payload in (message.payload, message.reply, message.stream)
        ]
        errors = [error.data for error in self.all_errors]
        return tuple(
            payload for payload in (self.params, self.ticket, self.presence, *messages, *errors) if payload is not None
        )

    @property
    def all_errors(self) -> tuple[ErrorCode, ...]:
        """Errors of the endpoint and of its messages, each of them once."""
        found = (*self.errors, *(error for message in self.client for error in message.errors))
        return tuple({error.code: error for error in reversed(found)}.values())[::-1]
