"""Endpoints: what a generated module states about one protocol."""

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
    """Base of message classes that are answered, by a ``ReplyT_co``."""

    __slots__ = ()


class Stream(Generic[ReplyT_co]):
    """Base of message classes that any number of ``ReplyT_co`` answer."""

    __slots__ = ()


class ModelAdapter(Protocol):
    """A type that msgspec does not know. ``Any`` below: JSON values and what is made of them."""

    def build(self, plain: Any, accepts: Callable[[str], Callable[[Any], bool]]) -> Any:
        """Return valid JSON as the type; raise :exc:`ValueError` if that cannot hold it.

        Args:
            plain: what the schema has accepted.
            accepts: gives the test of the schema at a JSON Pointer.
        """
        ...

    def fields(self) -> Mapping[str, Any] | None:
        """Return the types of an object's properties, by name; None if it states none."""
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
    """A place in the protocol that a schema describes: a payload, a reply, a stream's item, params or a ticket."""

    type: Any
    """What msgspec decodes; any type it can build a decoder for, or that of :mod:`~tornado_ws.untagged`."""
    schema: str
    """Where the schema stands in :attr:`Endpoint.schema <tornado_ws.endpoint.Endpoint.schema>`, as a JSON Pointer."""
    residual_checks: tuple[ResidualCheck, ...] = ()
    """Checks of all that :attr:`type` does not guarantee; none: each value that msgspec accepts is valid."""
    shape: Callable[[], ModelAdapter] | None = field(default=None, kw_only=True, compare=False)
    """What makes the type, where msgspec does not know it: then the schema judges each value as a whole."""


@dataclass(frozen=True)
class MessageType:
    """One message, in one direction."""

    name: str
    """As on the wire."""
    cls: type[Any]
    """What handlers send; the payload's type, a subclass of it, or a wrapper (see :attr:`wraps`)."""
    payload: Payload | None = None
    reply: Payload | None = field(default=None, kw_only=True)
    stream: Payload | None = field(default=None, kw_only=True)
    volatile: bool = field(default=False, kw_only=True)
    replay: int = field(default=0, kw_only=True)
    """How many of them are kept for clients that reconnect."""
    latest: str | None = field(default=None, kw_only=True)
    """JSON Pointer into the payload: a slow client gets only the newest message per value found there."""
    rate: tuple[int, float] | None = field(default=None, kw_only=True)
    """How many a connection may send, in how many seconds."""

    @property
    def wraps(self) -> bool:
        """Whether the payload is the attribute ``data`` of the class, since its type is no base of it."""
        return self.payload is not None and self.payload.type not in self.cls.__mro__

    @property
    def answer(self) -> Payload | None:
        """What answers it, once (:attr:`reply`) or many times (:attr:`stream`); None: it is no request."""
        return self.reply or self.stream

    @property
    def method(self) -> str:
        """Name of the handler's method."""
        return "on_" + self.name.replace("-", "_").replace(".", "_")


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One protocol: its messages in both directions and the schema that judges them."""

    name: str
    kind: Literal["ephemeral", "persistent"]
    client: tuple[MessageType, ...]
    """What the client sends."""
    server: tuple[MessageType, ...]
    """What the server sends."""
    schema: str
    """The JSON Schema (2020-12) document that every :class:`Payload` points into, as JSON text; needs no other one."""
    contract: str
    """Hash of the messages and their schema; client and server compare it to detect an outdated client."""
    path: str | None = None
    """The route of a persistent endpoint, such as ``/chat/{room}``."""
    params: Payload | None = None
    ticket: Payload | None = None
    ttl: float = 120.0
    """Seconds a one-time URL is valid."""
    errors: tuple[str, ...] = ()
    """Codes of the application's own errors."""
    retryable_errors: tuple[str, ...] = ()
    """Application error codes after which the same request may succeed later."""
    formats: bool = False
    """Whether ``format`` is asserted; JSON Schema says that it is an annotation."""
    message_bytes: int = 1 << 20
    """Size of one message from the client: enough for what the schema allows."""
