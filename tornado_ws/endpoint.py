"""Endpoints: descriptions of protocols, as generated modules contain them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol

from typing_extensions import TypeVar

__all__ = ["Endpoint", "MessageType", "Request", "ModelAdapter", "Payload", "Stream"]


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
class Payload:
    """Description of a value with a schema: a payload, a reply, an item of a stream, parameters or a ticket."""

    type: Any
    """Type of the value; one that msgspec supports, or contains a union of :mod:`~.validation.untagged_unions`."""
    schema: str
    """JSON Pointer to the schema in :attr:`Endpoint.schema <tornado_ws.endpoint.Endpoint.schema>`."""
    unproved: tuple[str | tuple[str, str] | tuple[str, str, str], ...] = ()
    """What the type does not guarantee, so that a validator looks at it after msgspec has accepted a value.

    Empty: accepted by msgspec means valid. ``""``: the whole value is judged again. Else it names parts of the value,
    the schemas that judge them, as JSON Pointers or as JSON, and where one keyword is enough that keyword. A part is an
    attribute, dotted for nested records, or ``.`` for the value, as msgspec has made it; ``{a b}`` is an object of just
    these attributes, of a nested record where its name stands before; of ``{a?b c}`` nothing is judged where neither
    ``b`` nor ``c`` is there; ``/`` and the name of a property, or ``#`` for the value, are as the document has it.
    """
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
    path: str | None = None
    """Route of a persistent endpoint, such as ``/chat/{room}``."""
    params: Payload | None = None
    ticket: Payload | None = None
    ttl: float = 120.0
    """Lifetime of a one-time URL, in seconds."""
    errors: tuple[str, ...] = ()
    """Codes of the errors of the application."""
    formats: bool = False
    """True if ``format`` is asserted; by default it is an annotation (JSON Schema validation, section 7)."""
    message_bytes: int = 1 << 20
    """Maximum size of one message from the client: that of the largest valid one."""
    contract: str = ""
    """Hash of the messages, which both sides compare. Computed from the other fields if it is not stated."""

    def __post_init__(self) -> None:
        if not self.contract:
            described = repr((self.name, self.kind, _wire(self.client), _wire(self.server), self.schema))
            object.__setattr__(self, "contract", hashlib.sha256(described.encode()).hexdigest()[:16])


def _wire(messages: tuple[MessageType, ...]) -> list[tuple[str | None, ...]]:
    return [
        (message.name, *(part.schema if part else None for part in (message.payload, message.reply, message.stream)))
        for message in messages
    ]
