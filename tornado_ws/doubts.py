"""Doubts: what a slot's type does not guarantee, and the tests that settle it.

These tests run for every message that is not proved, so that they are flat: no function calls another one of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, TypeAlias

import msgspec

from .judge import Judge
from .messages import Slot

__all__ = ["Doubts"]

EXACT = 2.0**53
"""Up to here a float has the value of the integer it was read from."""
UNSET = msgspec.UNSET

Test: TypeAlias = Callable[[Any], bool]
FrameTest: TypeAlias = Callable[[Any, str | bytes], bool]
Read: TypeAlias = Callable[[str | bytes], Any]


class Doubts:
    """The tests of one slot. What one of them refuses may be valid; what all accept is. Reading may fail in any."""

    def __init__(self, slot: Slot, judge: Judge) -> None:
        """Build them; see :attr:`Slot.unproved` for what they are about."""
        pairs = [part for part in slot.unproved if not isinstance(part, str)]
        wholes = [judge.accepts(slot.schema)] if len(pairs) < len(slot.unproved) else []
        typed: list[tuple[str, Test]] = []
        members: list[tuple[str, Test]] = []
        for place, pointer, *keywords in pairs:
            accepts = judge.accepts_keyword(pointer, *keywords) if keywords else judge.accepts(pointer)
            if place == "#":
                wholes.append(accepts)
            elif place.startswith("/"):
                members.append((place.removeprefix("/"), accepts))
            else:
                typed.append((place, accepts))
        self.typed = _attributes(typed)
        """Takes the typed value; None if there is nothing to test."""
        self.plain: Test | None = None
        """Takes the value as JSON; likewise."""
        self.framed: FrameTest | None = _framed(typed) if typed else None
        """Takes the frame whose data the value is, and its text; likewise."""
        if wholes or members:
            kind = Any if wholes else _picked(dict.fromkeys(name for name, _ in members))
            frame = msgspec.defstruct("Frame", [("data", kind)], module=__name__)
            self.plain = _read(msgspec.json.Decoder(kind).decode, "", wholes, members)
            read = _read(msgspec.json.Decoder(frame).decode, "data.", wholes, members)
            self.framed = lambda frame, raw: read(raw)


def _framed(attributes: list[tuple[str, Test]]) -> FrameTest:
    """Return the test of attributes of a frame's data; ``.`` is the data."""
    if len(attributes) > 1:
        test_all = _attributes([(f"data.{name}".removesuffix(".."), accepts) for name, accepts in attributes])
        return lambda frame, raw: test_all is None or test_all(frame)
    ((name, accepts),) = attributes
    get = attrgetter(f"data.{name}".removesuffix(".."))

    def test(frame: Any, raw: str | bytes) -> bool:
        value = get(frame)
        if type(value) is float and not -EXACT < value < EXACT:
            return False  # read from an integer it may have been rounded; let the plain value be judged
        return value is UNSET or accepts(value)

    return test


def _attributes(attributes: list[tuple[str, Test]]) -> Test | None:
    """Return the test of attributes; ``.`` is the value itself."""
    if not attributes:
        return None
    (name, accepts), *others = attributes
    if name == ".":
        tests = [accepts for _, accepts in attributes]
        return lambda value: (
            (type(value) is not float or -EXACT < value < EXACT) and all(accepts(value) for accepts in tests)
        )
    get = attrgetter(name)
    if not others:

        def test(typed: Any) -> bool:
            value = get(typed)
            if type(value) is float and not -EXACT < value < EXACT:
                return False  # read from an integer it may have been rounded; let the plain value be judged
            return value is UNSET or accepts(value)

        return test
    getters = [(attrgetter(name), accepts) for name, accepts in attributes]

    def test_all(typed: Any) -> bool:
        for get, accepts in getters:
            value = get(typed)
            if type(value) is float and not -EXACT < value < EXACT:
                return False
            if value is not UNSET and not accepts(value):
                return False
        return True

    return test_all


def _picked(names: Iterable[str]) -> Any:  # a type
    """Return a type that holds these properties and skips all others."""
    fields = [(f"_{at}", Any, msgspec.field(name=name, default=UNSET)) for at, name in enumerate(names)]
    return msgspec.defstruct("Picked", fields, module=__name__)


def _read(decode: Read, prefix: str, wholes: list[Test], members: list[tuple[str, Test]]) -> Test:
    """Return the test of JSON text; ``prefix`` leads to the value."""
    if wholes and not members and len(wholes) == 1:
        (accepts,) = wholes
        if prefix:
            return lambda raw: accepts(decode(raw).data)
        return lambda raw: accepts(decode(raw))
    if not wholes:
        places = list(dict.fromkeys(name for name, _ in members))
        getters = [(attrgetter(f"{prefix}_{places.index(name)}"), accepts) for name, accepts in members]

        def test_members(raw: str | bytes) -> bool:
            read = decode(raw)
            for get, accepts in getters:
                value = get(read)
                if value is not UNSET and not accepts(value):
                    return False
            return True

        return test_members

    def test_all(raw: str | bytes) -> bool:
        plain = decode(raw).data if prefix else decode(raw)
        return all(accepts(plain) for accepts in wholes) and all(
            name not in plain or accepts(plain[name]) for name, accepts in members
        )

    return test_all
