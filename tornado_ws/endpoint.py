"""Endpoints: descriptions of protocols, as generated modules contain them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeAlias

from typing_extensions import TypeVar

__all__ = [
    "AttributeCheck",
    "Endpoint",
    "InlineSchema",
    "JsonCheck",
    "MemberCheck",
    "MessageType",
    "ModelAdapter",
    "ObjectCheck",
    "Payload",
    "Request",
    "ResidualCheck",
    "Stream",
    "ValueCheck",
]


ReplyT_co = TypeVar("ReplyT_co", covariant=True)


class Request(Generic[ReplyT_co]):
    """Base class of requests that one ``ReplyT_co`` answers."""

    __slots__ = ()


class Stream(Generic[ReplyT_co]):
    """Base class of requests that a stream of ``ReplyT_co`` answers."""

    __slots__ = ()


class ModelAdapter(Protocol):
    """Adapter for a type that msgspec does not support. ``Any`` below: JSON values, and values of the type."""

    def build(self, plain: Any, accepts: Callable[[str], Callable[[Any], bool]]) -> Any:
        """Return valid JSON as the type; raise :exc:`ValueError` if the type cannot represent it.

        Args:
            plain: a JSON value that the schema accepts.
            accepts: returns the test of the schema at a JSON Pointer.
        """
        ...

    def fields(self) -> Mapping[str, Any] | None:
        """Return the types of an object's properties, by name; None if the type declares none."""
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
    """Check of one attribute of a decoded record; passes while the attribute is unset."""

    path: str
    """Name of the attribute, or a dotted path through nested records, such as ``item.price``."""
    schema: str
    """JSON Pointer to a schema in :attr:`Endpoint.schema`."""
    keyword: str | None = None
    """Keyword of the schema to check; None: all of them."""


@dataclass(frozen=True)
class InlineSchema:
    """Schema of one check, for a rule that :attr:`Endpoint.schema` states only together with others."""

    text: str
    """JSON Schema (2020-12) as JSON text; its references lead into :attr:`Endpoint.schema`."""


@dataclass(frozen=True)
class ObjectCheck:
    """Check of an object made from a few attributes of a decoded record, without those that are unset."""

    attributes: tuple[str, ...]
    """Names of attributes that the check depends on."""
    schema: str | InlineSchema
    """JSON Pointer to a schema in :attr:`Endpoint.schema`, or the schema itself."""
    keyword: str | None = None
    """Keyword of the schema to check; None: all of them."""
    path: str = field(default="", kw_only=True)
    """Dotted path to the nested record with these attributes; empty: the value itself."""
    triggers: tuple[str, ...] = field(default=(), kw_only=True)
    """Further attributes of the object. If there are any, the check passes while all of them are unset."""


@dataclass(frozen=True)
class JsonCheck:
    """Check of a value as JSON, before it becomes its type."""

    schema: str
    """JSON Pointer to a schema in :attr:`Endpoint.schema`."""
    keyword: str | None = None
    """Keyword of the schema to check; None: all of them."""


@dataclass(frozen=True)
class MemberCheck:
    """Check of one member of a JSON object, before the object becomes its type; passes where the member is absent."""

    name: str
    """Name of the member in JSON."""
    schema: str
    """JSON Pointer to a schema in :attr:`Endpoint.schema`."""
    keyword: str | None = None
    """Keyword of the schema to check; None: all of them."""


ResidualCheck: TypeAlias = ValueCheck | AttributeCheck | ObjectCheck | JsonCheck | MemberCheck
"""Check that the schema validator makes after msgspec has accepted a value."""


@dataclass(frozen=True)
class Payload:
    """Description of a value with a schema: a payload, a reply, an item of a stream, parameters or a ticket."""

    type: Any
    """Type of the value; one that msgspec supports, or contains a union of :mod:`~.validation.untagged_unions`."""
    schema: str
    """JSON Pointer to the schema in :attr:`Endpoint.schema <tornado_ws.endpoint.Endpoint.schema>`."""
    residual_checks: tuple[ResidualCheck, ...] = ()
    """Checks of all that :attr:`type` does not guarantee; none: each value that msgspec accepts is valid."""
    shape: Callable[[], ModelAdapter] | None = field(default=None, kw_only=True, compare=False)
    """Factory of the adapter for a type that msgspec does not support: the schema then validates each whole value."""


@dataclass(frozen=True)
class MessageType:
    """Message, or request, in one direction."""

    name: str
    """Value of ``type`` in its frames."""
    cls: type[Any]
    """Class of the message; the payload's type, a subclass of it, or a wrapper (see :attr:`wraps`)."""
    payload: Payload | None = None
    reply: Payload | None = field(default=None, kw_only=True)
    stream: Payload | None = field(default=None, kw_only=True)
    volatile: bool = field(default=False, kw_only=True)
    replay: int = field(default=0, kw_only=True)
    """Number of messages that are kept for clients that reconnect."""
    latest: str | None = field(default=None, kw_only=True)
    """JSON Pointer into the payload: a slow client receives only the newest message for each value there."""
    rate: tuple[int, float] | None = field(default=None, kw_only=True)
    """Maximum number of messages of one connection, and the period in seconds."""

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
    """Protocol: messages in both directions, and their schema."""

    name: str
    kind: Literal["ephemeral", "persistent"]
    client: tuple[MessageType, ...]
    """Messages from the client."""
    server: tuple[MessageType, ...]
    """Messages from the server."""
    schema: str
    """JSON Schema (2020-12) document with the schemas of every :class:`Payload` and all that they refer to, as text."""
    contract: str
    """Hash of the messages and their schema; client and server compare it to detect an outdated client."""
    path: str | None = None
    """Route of a persistent endpoint, such as ``/chat/{room}``."""
    params: Payload | None = None
    ticket: Payload | None = None
    ttl: float = 120.0
    """Lifetime of a one-time URL, in seconds."""
    errors: tuple[str, ...] = ()
    """Codes of the errors of the application."""
    retryable_errors: tuple[str, ...] = ()
    """Codes of application errors after which the same request may succeed later."""
    formats: bool = False
    """True if ``format`` is asserted; by default it is an annotation (JSON Schema validation, section 7)."""
    message_bytes: int = 1 << 20
    """Maximum size of one message from the client: that of the largest valid one."""
