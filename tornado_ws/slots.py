"""Slots at work: values of one slot from JSON to its type and back, with the verdict of its schema."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Annotated, Any, Union

import msgspec

from .errors import ErrorData
from .judge import Judge
from .messages import Slot
from .untagged import hook
from .values import UNREADABLE, integral, read

__all__ = ["SlotCodec", "Unfit"]

EXACT = 2.0**53
"""Up to here a float has the value of the integer it was read from."""

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
        self.type = _strict(slot.type)
        self.whole: Callable[[Any], bool] | None = None
        """Judges plain values, where msgspec accepting one says too little; None if that need not be."""
        self.parts: Callable[[Any], bool] | None = None
        """Judges some attributes of typed values, likewise. What it refuses may be valid."""
        self._judge = judge
        self._pointer = slot.schema
        self.hook = hook(judge)
        """Decodes what msgspec cannot."""
        self._decode = msgspec.json.Decoder(slot.type, dec_hook=self.hook).decode
        attributes = [part for part in slot.unproved if not isinstance(part, str)]
        if len(attributes) < len(slot.unproved):
            self.whole = judge.accepts(slot.schema)
        elif attributes:
            self.parts = _all([_attribute(name, judge.accepts(pointer)) for name, pointer in attributes])

    def convert(self, plain: Any) -> Any:
        """Return ``plain`` as the slot's type; raise :exc:`Unfit` if the schema refuses it."""
        if (error := self._judge.explain(self._pointer, plain)) is not None:
            raise Unfit(error)
        for candidate in (plain, integral(plain)):
            try:
                return msgspec.convert(candidate, self.type, dec_hook=self.hook)
            except msgspec.ValidationError:
                continue
        raise Unfit(ErrorData(code="invalid_message", message="expected a value that can be held", pointer=""))

    def encode(self, value: Any, *, check: bool) -> bytes:
        """Return ``value`` as JSON; raise :exc:`Unfit` if the schema refuses it, unless that is not to be checked."""
        try:
            body = _encode(value)
        except (TypeError, ValueError, RecursionError) as error:
            raise Unfit(ErrorData(code="invalid_message", message=f"expected JSON: {error}", pointer="")) from error
        if check:
            self._check(body)
        return body

    def _check(self, body: bytes) -> None:
        try:
            typed = self._decode(body)
        except UNREADABLE:
            self.convert(read(body))
            return
        if self.parts is not None and not self.parts(typed):
            self.convert(read(body))
        elif self.whole is not None and not self.whole(plain := read(body)):
            self.convert(plain)


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


def _attribute(name: str, accepts: Callable[[Any], bool]) -> Callable[[Any], bool]:
    get = attrgetter(name)

    def test(typed: Any) -> bool:
        value = get(typed)
        if type(value) is float and not -EXACT < value < EXACT:
            return False  # read from an integer it may have been rounded; let the plain value be judged
        return value is msgspec.UNSET or accepts(value)

    return test


def _all(tests: list[Callable[[Any], bool]]) -> Callable[[Any], bool]:
    if len(tests) == 1:
        return tests[0]
    return lambda typed: all(test(typed) for test in tests)
