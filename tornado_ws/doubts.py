"""Doubts: what a slot's type does not guarantee, and the tests that settle it."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeAlias

import msgspec

from .judge import Judge
from .messages import Slot
from .values import UNREADABLE

__all__ = ["Doubts"]

EXACT = 2.0**53
"""Up to here a float has the value of the integer it was read from."""

Test: TypeAlias = Callable[[Any], bool]


class Doubts:
    """The tests of one slot. What one of them refuses may be valid; what all accept is."""

    def __init__(self, slot: Slot, judge: Judge) -> None:
        """Build them; see :attr:`Slot.unproved` for what they are about."""
        pairs = [part for part in slot.unproved if not isinstance(part, str)]
        wholes = [judge.accepts(slot.schema)] if len(pairs) < len(slot.unproved) else []
        typed: list[Test] = []
        members: list[tuple[str, Test]] = []
        for place, pointer in pairs:
            if place == "#":
                wholes.append(judge.accepts_keyword(pointer))
            elif place.startswith("/"):
                members.append((place.removeprefix("/"), judge.accepts(pointer)))
            else:
                typed.append(_attribute(place, judge.accepts(pointer)))
        self.typed = _all(typed)
        """Takes the typed value; None if there is nothing to test."""
        self.plain: Callable[[str | bytes], bool] | None = None
        """Takes the value as JSON; None if there is nothing to test."""
        self.framed: Callable[[str | bytes], bool] | None = None
        """Takes the frame as JSON, whose data the value is; likewise."""
        if wholes or members:
            kind, test = _picked(members, wholes)
            self.plain = _reading(msgspec.json.Decoder(kind).decode, test)
            frame = msgspec.defstruct("Frame", [("data", kind)], module=__name__)
            self.framed = _reading(msgspec.json.Decoder(frame).decode, lambda read: test(read.data))


def _attribute(name: str, accepts: Test) -> Test:
    get = attrgetter(name) if name != "." else None

    def test(typed: Any) -> bool:
        value = typed if get is None else get(typed)
        if type(value) is float and not -EXACT < value < EXACT:
            return False  # read from an integer it may have been rounded; let the plain value be judged
        return value is msgspec.UNSET or accepts(value)

    return test


def _all(tests: list[Test]) -> Test | None:
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda value: all(test(value) for test in tests)


def _picked(members: list[tuple[str, Test]], wholes: list[Test]) -> tuple[Any, Test]:
    """Return a type that holds no more than what is tested, and the test of its values."""
    if wholes:
        tests = [*wholes, *(_member(name, accepts) for name, accepts in members)]
        return Any, _all(tests) or bool
    fields = [(f"_{at}", Any, msgspec.field(name=name, default=msgspec.UNSET)) for at, (name, _) in enumerate(members)]
    kind = msgspec.defstruct("Picked", fields, module=__name__)
    return kind, _all([_attribute(f"_{at}", accepts) for at, (_, accepts) in enumerate(members)]) or bool


def _member(name: str, accepts: Test) -> Test:
    return lambda plain: name not in plain or accepts(plain[name])


def _reading(decode: Callable[[str | bytes], Any], test: Test) -> Callable[[str | bytes], bool]:
    def run(raw: str | bytes) -> bool:
        try:
            return test(decode(raw))
        except UNREADABLE:  # such as a number out of range, which only this decoder has looked at
            return False

    return run
