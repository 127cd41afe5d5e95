"""Slots at work: values of one slot from JSON to its type and back, with the verdict of its schema."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Annotated, Any, TypeAlias, Union

import msgspec

from .errors import ErrorData
from .judge import Judge
from .messages import Slot
from .untagged import checked, hook
from .values import UNREADABLE, integral, read

__all__ = ["SlotCodec", "Unfit"]

EXACT = 2.0**53
"""Up to here a float has the value of the integer it was read from."""

Test: TypeAlias = Callable[[Any], bool]

_encode = msgspec.json.Encoder().encode


class Unfit(Exception):
    """A value is not what the schema of a slot says."""

    def __init__(self, error: ErrorData) -> None:
        super().__init__(error)
        self.error = error


class SlotCodec:
    """Converts and encodes what stands in one slot. ``Any`` below: a value of the slot's type, or plain JSON."""

    def __init__(self, slot: Slot, judge: Judge) -> None:
        """Build the decoder and the validators that ``slot`` needs."""
        self._judge = judge
        self._pointer = slot.schema
        self._bare = _strict(slot.type)
        plain, typed = _tests(slot, judge)
        self.type: Any = self._bare if plain is None else checked(self._bare, plain)
        """What msgspec decodes with :attr:`hook`; what it accepts is valid, if :attr:`test` says so."""
        self.test = typed
        """Judges typed values as far as their type does not; None if it does. What it refuses may be valid."""
        self.hook = hook(judge)
        """Decodes what msgspec alone cannot."""
        self.decode = msgspec.json.Decoder(self.type, dec_hook=self.hook).decode

    def convert(self, plain: Any) -> Any:
        """Return ``plain`` as the slot's type; raise :exc:`Unfit` if the schema refuses it."""
        if (error := self.explain(plain)) is not None:
            raise Unfit(error)
        return self.build(plain)

    def explain(self, plain: Any) -> ErrorData | None:
        """Return why the schema refuses ``plain``; None if it does not."""
        return self._judge.explain(self._pointer, plain)

    def build(self, plain: Any) -> Any:
        """Return ``plain``, which is valid, as the slot's type; raise :exc:`Unfit` if that cannot hold it."""
        for candidate in (plain, integral(plain)):
            try:
                return msgspec.convert(candidate, self._bare, dec_hook=self.hook)
            except msgspec.ValidationError:
                continue
        raise Unfit(ErrorData(code="invalid_message", message="expected a value that can be held", pointer=""))

    def encode(self, value: Any) -> bytes:
        """Return ``value`` as JSON; raise :exc:`Unfit` if the schema refuses it."""
        try:
            body = _encode(value)
        except (TypeError, ValueError, RecursionError) as error:
            raise Unfit(ErrorData(code="invalid_message", message=f"expected JSON: {error}", pointer="")) from error
        try:
            typed = self.decode(body)
        except UNREADABLE:
            self.convert(read(body))
        else:
            if self.test is not None and not self.test(typed):
                self.convert(read(body))
        return body


def _strict(kind: Any) -> Any:  # types
    """Return a type that can be a field's, and refuses what has no tag: a struct that is alone lets it be missing."""
    if kind is None:
        return type(None)
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)) or kind.__struct_config__.tag is None:
        return kind
    nothing = Annotated[int, msgspec.Meta(ge=1, le=0)]
    field = kind.__struct_config__.tag_field
    other = msgspec.defstruct("Other", [("nothing", nothing)], tag_field=field, tag="\0", module=__name__)
    return Union[kind, other]  # noqa: UP007


def _tests(slot: Slot, judge: Judge) -> tuple[Test | None, Test | None]:
    """Return the test of plain values and that of typed ones, of which at most one is needed."""
    whole = [part for part in slot.unproved if isinstance(part, str)]
    parts = [part for part in slot.unproved if not isinstance(part, str)]
    if whole:
        return judge.accepts(slot.schema), None
    if any(place.startswith("/") for place, _ in parts):
        members = [(place.removeprefix("/"), judge.accepts(pointer)) for place, pointer in parts]
        return lambda plain: all(name not in plain or accepts(plain[name]) for name, accepts in members), None
    return None, _all([_attribute(place, judge.accepts(pointer)) for place, pointer in parts])


def _attribute(name: str, accepts: Test) -> Test:
    get = attrgetter(name)

    def test(typed: Any) -> bool:
        value = get(typed)
        if type(value) is float and not -EXACT < value < EXACT:
            return False  # read from an integer it may have been rounded; let the plain value be judged
        return value is msgspec.UNSET or accepts(value)

    return test


def _all(tests: list[Test]) -> Test | None:
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda typed: all(test(typed) for test in tests)
