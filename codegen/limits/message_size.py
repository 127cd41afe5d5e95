"""Maximum size of client messages, in bytes of JSON, derived from their schemas and the time to validate them."""

from __future__ import annotations

import json

from msgspec import Struct

from .. import model
from ..source import json_pointer
from .validation_time import bytes_within_budget, validation_time

__all__ = ["MINIMUM", "UNKNOWN", "client_payloads", "has_larger_messages", "message_bytes", "slowest_message"]

MINIMUM = 1 << 16
"""Lower limit; a message slightly too large for its schema then receives an error, and the connection stays open."""
UNKNOWN = 1 << 20
"""Default for schemas without bounds."""
MAXIMUM = 1 << 23
"""Upper limit without an explicit setting."""

ENVELOPE = 128
"""Bytes of an envelope without the data and the name of the message."""
CODE_POINT = 12
"""Bytes of a code point beyond the basic plane, written as two escapes."""
NUMBER = 32
"""Bytes of a number. A double needs at most 25; :data:`MINIMUM` leaves space for longer integers."""
WORD = len("false")
"""Bytes of a boolean or null."""


class _Size(Struct, frozen=True, kw_only=True):
    """Size of the longest value, without white space between tokens."""

    bytes: int
    """Bytes of the bounded parts."""
    bounded: bool = True
    """True if the schema bounds the size of all parts."""


@model.once_per_endpoint
def message_bytes(endpoint: model.Endpoint) -> int:
    """Return the maximum size of a client message in bytes, up to 8 MiB.

    Every valid message fits if it has no redundant escapes or white space; 1 MiB is the minimum for a schema without
    bounds, and 64 KiB for others. The limit is lower if the server could not validate each message of that size within
    :data:`~.validation_time.BUDGET`.
    """
    longest = _longest(endpoint)
    wanted = min(max(longest.bytes, MINIMUM if longest.bounded else UNKNOWN), MAXIMUM)
    return min(
        wanted, _round(bytes_within_budget(validation_time(endpoint, each) for each in client_payloads(endpoint)))
    )


def has_larger_messages(endpoint: model.Endpoint) -> bool:
    """Return True if a valid client message can be larger than :func:`message_bytes`."""
    longest = _longest(endpoint)
    return not longest.bounded or longest.bytes > message_bytes(endpoint)


def slowest_message(endpoint: model.Endpoint) -> str:
    """Return the pointer to the client message, or server message with a reply, that takes longest for its size."""
    sent = {json_pointer.join("/clientMessages", one.name): one.payload for one in endpoint.client}
    answered = {json_pointer.join("/serverMessages", one.name): one.reply for one in endpoint.server}
    sizes = {
        pointer: bytes_within_budget([validation_time(endpoint, payload)])
        for pointer, payload in (sent | answered).items()
        if payload is not None
    }
    return min(sizes, key=lambda pointer: sizes[pointer], default="")


def _round(size: int) -> int:
    """Return a size rounded down to KiB."""
    return max(size >> 10, 1) << 10


def client_payloads(endpoint: model.Endpoint) -> list[model.Payload]:
    """Return the payloads that clients send."""
    found = [*(message.payload for message in endpoint.client), *(message.reply for message in endpoint.server)]
    return [payload for payload in found if payload is not None]


@model.once_per_endpoint
def _longest(endpoint: model.Endpoint) -> _Size:
    """Return the size of the longest client message."""
    measure = _Sizes(endpoint)
    sizes = [measure.type(payload.type) for payload in client_payloads(endpoint)]
    cursors = [measure.type(message.cursor.type) for message in endpoint.client if message.cursor is not None]
    name = max((len(message.name) for message in endpoint.client), default=0)
    known = sum(max((size.bytes for size in found), default=0) for found in (sizes, cursors)) + name + ENVELOPE
    return _Size(bytes=known, bounded=all(size.bounded for size in (*sizes, *cursors)))


class _Sizes:
    def __init__(self, endpoint: model.Endpoint) -> None:
        self._definitions = {definition.name: definition for definition in endpoint.definitions}
        self._known: dict[str, _Size] = {}

    def type(self, type_: model.Type) -> _Size:
        """Return the size of the longest value."""
        match type_:
            case model.Scalar(type="string", constraints=constraints):
                return _text(constraints.max_length)
            case model.Scalar(type="integer" | "number"):
                return _Size(bytes=NUMBER)
            case model.Scalar() | model.Nothing():
                return _Size(bytes=WORD)
            case model.Enumeration(values=values):
                return _Size(bytes=max((len(json.dumps(value)) for value in values), default=0))
            case model.Array(item=item, constraints=constraints):
                return _many([self.type(item)], constraints.max_length)
            case model.Tuple(items=items, rest=rest):
                sizes = [self.type(item) for item in items]
                return _sum(sizes) if rest is None else _unbounded(_sum(sizes).bytes)
            case model.Map(key=key, value=value, constraints=constraints):
                return _many([self.type(key), self.type(value)], constraints.max_length)
            case model.Union(members=members):
                sizes = [self.type(member) for member in members]
                return _Size(bytes=max(size.bytes for size in sizes), bounded=all(size.bounded for size in sizes))
            case model.Ref(name=name):
                return self._definition(name)
            case _:
                return _unbounded()

    def _definition(self, name: str) -> _Size:
        if name not in self._known:
            self._known[name] = _unbounded()  # result for a recursive definition
            self._known[name] = self._named(self._definitions[name])
        return self._known[name]

    def _named(self, definition: model.Definition) -> _Size:
        if isinstance(definition, model.Alias):
            return self.type(definition.type)
        names = [_Size(bytes=len(json.dumps(field.name))) for field in definition.fields]
        size = _sum([*names, *(self.type(field.type) for field in definition.fields)])
        return size if definition.closed else _unbounded(size.bytes)


def _text(length: int | None) -> _Size:
    return _unbounded() if length is None else _Size(bytes=CODE_POINT * length + 2)


def _many(parts: list[_Size], count: int | None) -> _Size:
    once = _sum(parts)
    return _unbounded() if count is None else _Size(bytes=count * once.bytes + 2, bounded=once.bounded or count == 0)


def _sum(sizes: list[_Size]) -> _Size:
    """Return the size of all values in brackets, with a separator after each."""
    return _Size(bytes=sum(size.bytes + 1 for size in sizes) + 2, bounded=all(size.bounded for size in sizes))


def _unbounded(known: int = 0) -> _Size:
    return _Size(bytes=known, bounded=False)
