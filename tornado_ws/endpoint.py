"""Descriptions of endpoints, which generated modules contain."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol, TypeAlias

from .errors import ApplicationError

__all__ = [
    "AttributeCheck",
    "Endpoint",
    "ErrorType",
    "InlineSchema",
    "JsonCheck",
    "MemberCheck",
    "MessageType",
    "ModelAdapter",
    "ObjectCheck",
    "Payload",
    "Replay",
    "ResidualCheck",
    "StandIn",
    "Tag",
    "ValueCheck",
    "Verdicts",
]


@dataclass(frozen=True)
class Tag:
    """Property of a union of objects that selects the only member that can be valid."""

    name: str
    """Name of the property."""
    choices: tuple[tuple[tuple[bool | int | float | str | None, ...], int | Tag], ...]
    """Constants of the property, with the position of the member that they select, or with the tag that selects it."""


class Verdicts(Protocol):
    """Verdicts on the parts of one JSON value; see :class:`.NestedVerdicts`."""

    def may_accept(self, pointer: str, plain: Any) -> bool:
        """Return False if a schema rejects a part of the value by properties that are cheap to read."""
        ...

    def accepts(self, pointer: str, plain: Any, others: Collection[str] = ()) -> bool:
        """Return True if a schema accepts a part of the value.

        Args:
            pointer: JSON Pointer or URI of the schema.
            plain: Part of the value.
            others: Schemas of the other alternatives, which are needed for parts of the part.
        """
        ...


class ModelAdapter(Protocol):
    """Adapter for a type that msgspec does not support. ``Any`` stands for JSON values and values of the type."""

    def build(self, plain: Any, new_verdicts: Callable[[], Verdicts] | None) -> Any:
        """Convert valid JSON to the type.

        Args:
            plain: JSON value that the schema accepts.
            new_verdicts: Function that returns the verdicts on the parts of the value; None to select no alternative
                by its schema.

        Raises:
            ValueError: If the type cannot represent the value.
        """
        ...

    def writer(self, encode: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
        """Return a function that returns a value as JSON text; ``encode`` does the same for values of all types."""
        ...

    def fields(self) -> Mapping[str, Any] | None:
        """Return the types of an object's properties, by name; None if the type declares none."""
        ...


class StandIn(Protocol):
    """Class of an application that stands in for a generated one."""

    def difference(self, new_verdicts: Callable[[], Verdicts], error: Callable[[str, Any], str | None]) -> str | None:
        """Return the first difference between the class and its schema; None if there is none.

        Args:
            new_verdicts: Function that returns the verdicts on the parts of one value.
            error: Function that returns the first error of a value by the schema at a JSON Pointer, with its place.
        """
        ...


@dataclass(frozen=True)
class ValueCheck:
    """Check of a decoded value that equals its JSON, such as a string or a list of integers."""

    schema: str
    """JSON Pointer to a schema in :attr:`Endpoint.schema`."""
    keyword: str | None = None
    """Keyword of the schema to check; None: all of them."""


@dataclass(frozen=True)
class AttributeCheck:
    """Check of one attribute of a decoded record; an unset attribute passes."""

    path: str
    """Name of the attribute, or a dotted path through nested records, such as ``item.price``."""
    schema: str
    """JSON Pointer to a schema in :attr:`Endpoint.schema`."""
    keyword: str | None = None
    """Keyword of the schema to check; None: all of them."""


@dataclass(frozen=True)
class InlineSchema:
    """Schema of one check, for a rule without a schema of its own in :attr:`Endpoint.schema`."""

    text: str
    """JSON Schema (2020-12) as JSON text; its references are absolute URIs into :attr:`Endpoint.schema`."""


@dataclass(frozen=True)
class ObjectCheck:
    """Check of the object that some attributes of a decoded record form; unset attributes are omitted."""

    attributes: tuple[str, ...]
    """Names of the attributes of the object."""
    schema: str | InlineSchema
    """JSON Pointer to a schema in :attr:`Endpoint.schema`, or the schema itself."""
    keyword: str | None = None
    """Keyword of the schema to check; None: all of them."""
    path: str = field(default="", kw_only=True)
    """Dotted path to the nested record with these attributes; empty for the value itself."""
    triggers: tuple[str, ...] = field(default=(), kw_only=True)
    """Further attributes of the object. If there are any and all of them are unset, the check passes."""


@dataclass(frozen=True)
class JsonCheck:
    """Check of a value as JSON, before its conversion to the type."""

    schema: str
    """JSON Pointer to a schema in :attr:`Endpoint.schema`."""
    keyword: str | None = None
    """Keyword of the schema to check; None: all of them."""


@dataclass(frozen=True)
class MemberCheck:
    """Check of one member of a JSON object, before its conversion to the type; an absent member passes."""

    name: str
    """Name of the member in JSON."""
    schema: str
    """JSON Pointer to a schema in :attr:`Endpoint.schema`."""
    keyword: str | None = None
    """Keyword of the schema to check; None: all of them."""


ResidualCheck: TypeAlias = ValueCheck | AttributeCheck | ObjectCheck | JsonCheck | MemberCheck
"""Check by the schema validator, after msgspec has accepted a value."""


@dataclass(frozen=True)
class Payload:
    """Description of a value with a schema: a payload, a reply, an item of a stream, parameters, ticket or presence."""

    type: Any
    """Type of the value. It may contain unions of :mod:`~.validation.untagged_unions`."""
    schema: str
    """JSON Pointer to the schema in :attr:`Endpoint.schema <tornado_ws.endpoint.Endpoint.schema>`."""
    residual_checks: tuple[ResidualCheck, ...] = ()
    """Checks of the rules that :attr:`type` does not guarantee. Without any, the type guarantees the schema."""
    adapter: Callable[[], ModelAdapter] | None = field(default=None, kw_only=True, compare=False)
    """Factory of the adapter for a type that msgspec does not support. Its values are validated by the whole schema."""


@dataclass(frozen=True)
class ErrorType:
    """Error of the application, which the server may answer with."""

    cls: type[ApplicationError]
    """Class of the error in the generated module."""
    data: Payload | None = None
    """Payload of :attr:`.ErrorWithData.data`."""

    @property
    def code(self) -> str:
        """Code of the error."""
        return self.cls.code


@dataclass(frozen=True)
class Replay:
    """Bounds of the messages that a channel keeps for clients that reconnect."""

    count: int
    """Maximum number of messages."""
    seconds: float = 600.0
    """Seconds until a message is dropped."""


@dataclass(frozen=True)
class MessageType:
    """Type of a message or a request, in one direction."""

    name: str
    """Value of ``type`` in its frames."""
    cls: type[Any]
    """Class of the message; the payload's type, a subclass of it, or a wrapper (see :attr:`wraps`)."""
    payload: Payload | None = None
    reply: Payload | None = field(default=None, kw_only=True)
    """Payload of the reply to a request."""
    stream: Payload | None = field(default=None, kw_only=True)
    """Payload of each item of the stream that answers a request."""
    volatile: bool = field(default=False, kw_only=True)
    """True if the message may be dropped for a slow client."""
    replay: Replay | None = field(default=None, kw_only=True)
    """Bounds of the messages that are kept for clients that reconnect; None if they are not kept."""
    latest: str | None = field(default=None, kw_only=True)
    """JSON Pointer (RFC 6901) into the payload: a slow client receives only the newest message for each value there."""
    rate: tuple[int, float] | None = field(default=None, kw_only=True)
    """Maximum rate on one connection: number of messages, and the period in seconds."""
    cursor: Payload | None = field(default=None, kw_only=True)
    """Position of each item of the stream, after which a client that reconnects goes on."""
    resume: str | None = field(default=None, kw_only=True)
    """JSON Pointer (RFC 6901) into the items to :attr:`cursor`."""
    acknowledged: bool = field(default=False, kw_only=True)
    """True if the client repeats the message until it is acknowledged, and the server handles it once."""
    errors: tuple[ErrorType, ...] = field(default=(), kw_only=True)
    """Errors of the application for this message, in addition to those of the endpoint."""
    concurrent: bool | int = field(default=False, kw_only=True)
    """True if requests of a connection run beside its other messages; a number: at most that many at a time."""
    timeout: float | None = field(default=None, kw_only=True)
    """Seconds until a request without a reply fails; None for the default of the asker."""

    @property
    def has_queue_policy(self) -> bool:
        """True if a full write queue may drop or replace the message."""
        return self.volatile or self.latest is not None

    @property
    def wraps(self) -> bool:
        """True if the payload is the attribute ``data`` of the class, because its type is not a base class."""
        return self.payload is not None and self.payload.type not in self.cls.__mro__

    @property
    def answer(self) -> Payload | None:
        """Payload of the answer, :attr:`reply` or :attr:`stream`; None for messages."""
        return self.reply or self.stream

    @property
    def method(self) -> str:
        """Name of the method in handlers."""
        return "on_" + self.name.replace("-", "_").replace(".", "_")


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Description of one protocol: messages in both directions, and their schema."""

    name: str
    kind: Literal["ephemeral", "persistent"]
    client: tuple[MessageType, ...]
    """Messages from the client."""
    server: tuple[MessageType, ...]
    """Messages from the server."""
    schema: str
    """JSON text of a JSON Schema (2020-12) document with the schema of every :class:`Payload` and all it refers to."""
    contract: str
    """Hash of the messages and their schema; client and server compare it to detect an outdated client."""
    compatible: tuple[str, ...] = ()
    """Contracts of earlier clients that are not outdated, although theirs is another one."""
    path: str | None = None
    """Route of a persistent endpoint, such as ``/chat/{room}``."""
    params: Payload | None = None
    ticket: Payload | None = None
    presence: Payload | None = None
    """Metadata of tracked devices; None if the endpoint has no presence."""
    ttl: float = 120.0
    """Lifetime of a one-time URL, in seconds."""
    errors: tuple[ErrorType, ...] = ()
    """Errors of the application for all messages from the client."""
    stand_ins: tuple[StandIn, ...] = ()
    """Classes of the application among the types of payloads."""
    formats: bool = False
    """True if ``format`` is asserted; by default it is an annotation (JSON Schema validation, section 7)."""
    message_bytes: int = 1 << 20
    """Size of the largest valid message from the client, in bytes."""

    @cached_property
    def all_errors(self) -> tuple[ErrorType, ...]:
        """Errors of the application for any message, without repetitions."""
        return tuple(dict.fromkeys((*self.errors, *(error for message in self.client for error in message.errors))))

    def errors_of(self, message: str | None) -> tuple[ErrorType, ...]:
        """Return the errors of the application for a message from the client, by its name; None for no message."""
        own = (error for one in self.client if one.name == message for error in one.errors)
        return tuple(dict.fromkeys((*self.errors, *own)))
