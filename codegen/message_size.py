"""How long a message of a client can be: what its schema says, in bytes of JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass

from . import model

__all__ = ["UNKNOWN", "message_bytes"]

LEAST = 1 << 16
"""So that a message that is somewhat too long is refused in words; the connection is not closed for it."""
UNKNOWN = 1 << 20
"""Where the schema does not say."""
MOST = 1 << 24
"""What a connection may fill without a setting that says more."""

ENVELOPE = 128
"""The members of a frame beside its data, the message's name aside."""
CODE_POINT = 12
"""One beyond the basic plane, written as two escapes."""
NUMBER = 32
"""A double takes 25 at most; for longer integers there is :data:`LEAST`."""
WORD = len("false")


@dataclass(frozen=True, kw_only=True)
class _Size:
    """Bytes of the longest value without white space between its tokens."""

    bytes: int
    """Of what the schema bounds."""
    bounded: bool = True
    """Whether there is nothing that it does not bound."""


def message_bytes(endpoint: model.Endpoint) -> int:
    """Return how many bytes a message of a client may have: enough for all that the schema allows, up to 16 MiB.

    What can be written longer, with escapes and white space that no writer makes, has 64 KiB at least.
    """
    measure = _Measure(endpoint)
    slots = [*(one.payload for one in endpoint.client), *(one.reply for one in endpoint.server)]
    sizes = [measure.type(slot.type) for slot in slots if slot is not None]
    longest = max((len(message.name) for message in endpoint.client), default=0)
    known = max((size.bytes for size in sizes), default=0) + longest + ENVELOPE
    return min(max(known, LEAST if all(size.bounded for size in sizes) else UNKNOWN), MOST)


class _Measure:
    def __init__(self, endpoint: model.Endpoint) -> None:
        self._definitions = {definition.name: definition for definition in endpoint.definitions}
        self._known: dict[str, _Size] = {}

    def type(self, type_: model.Type) -> _Size:
        """Return the size of the longest value."""
        match type_:
            case model.Scalar(type="string", limits=limits):
                return _text(limits.max_length)
            case model.Scalar(type="integer" | "number"):
                return _Size(bytes=NUMBER)
            case model.Scalar() | model.Nothing():
                return _Size(bytes=WORD)
            case model.Enumeration(values=values):
                return _Size(bytes=max((len(json.dumps(value)) for value in values), default=0))
            case model.Array(item=item, limits=limits):
                return _many([self.type(item)], limits.max_length)
            case model.Tuple(items=items, rest=rest):
                sizes = [self.type(item) for item in items]
                return _sum(sizes) if rest is None else _unbounded(_sum(sizes).bytes)
            case model.Map(key=key, value=value, limits=limits):
                return _many([self.type(key), self.type(value)], limits.max_length)
            case model.Union(members=members):
                sizes = [self.type(member) for member in members]
                return _Size(bytes=max(size.bytes for size in sizes), bounded=all(size.bounded for size in sizes))
            case model.Ref(name=name):
                return self._definition(name)
            case _:
                return _unbounded()

    def _definition(self, name: str) -> _Size:
        if name not in self._known:
            self._known[name] = _unbounded()  # what it is if it holds itself
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
    """Return the size of all, with a comma or colon behind each, in brackets."""
    return _Size(bytes=sum(size.bytes + 1 for size in sizes) + 2, bounded=all(size.bounded for size in sizes))


def _unbounded(known: int = 0) -> _Size:
    return _Size(bytes=known, bounded=False)
