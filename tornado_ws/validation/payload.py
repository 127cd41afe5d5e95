"""ConnectionQuota at work: values of one slot from JSON to its type and back, with the verdict of its schema."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Annotated, Any, Union

import msgspec

from ..endpoint import Payload
from ..errors import ErrorData, InvalidFrame
from .json_values import UNREADABLE, finite, integral, may_vanish, read
from .json_values import encode as _encode
from .params import fields_of, types_of
from .residual_checks import ResidualChecks
from .schema_validator import SchemaValidator
from .untagged_unions import holds_untagged, hook

__all__ = ["PayloadCodec", "InvalidPayload"]

NOTHING = Annotated[int, msgspec.Meta(ge=1, le=0)]
"""A type that has no values."""


class InvalidPayload(Exception):
    """A value is not what the schema of a slot says."""

    def __init__(self, error: ErrorData) -> None:
        super().__init__(error)
        self.error = error


class PayloadCodec:
    """Converts and encodes what stands in one slot. ``Any`` below: a value of the slot's type, or plain JSON."""

    def __init__(self, slot: Payload, judge: SchemaValidator) -> None:
        """Build the decoder and the validators that ``slot`` needs."""
        self._judge = judge
        self._pointer = slot.schema
        shape = self._shape = slot.shape and slot.shape()
        self.fields = fields_of(slot.type) if shape is None else types_of(shape.fields())
        """Types of an object's properties, by name."""
        self.type: Any = _strict(slot.type) if shape is None else Any
        """What msgspec decodes with :attr:`hook`; what it accepts is valid, unless something else has to be tried."""
        self.vague = shape is None and may_vanish(slot.type)
        """Whether null may stand for a number that JSON lacks."""
        self.hook = hook(judge)
        """Decodes what msgspec alone cannot."""
        self.decode = msgspec.json.Decoder(self.type, dec_hook=self.hook).decode
        """Reads what the :attr:`trials` are for."""
        doubts = ResidualChecks(slot, judge)
        self.trials = doubts.trials()
        """What a value must stand besides."""
        self.read_as: Any = self.type
        """What msgspec decodes in a frame."""
        self.framed = doubts.trials("data.")
        """What such a frame must stand; then its data is of the slot's type."""
        if doubts.plain is not None:
            self.decode, self.trials = msgspec.json.Decoder().decode, ((self._fitting, doubts.plain),)
            self.read_as, self.framed = Any, ((self._opener(), doubts.plain),)
        if shape is not None:
            accepts = judge.predicate(slot.schema)
            self.trials = ((_same, accepts),)
            self.framed = ((attrgetter("data"), accepts), (self._opener(), _always))

    def convert(self, plain: Any) -> Any:
        """Return ``plain`` as the slot's type; raise :exc:`InvalidPayload` if the schema refuses it."""
        if (error := self.first_error(plain)) is not None:
            raise InvalidPayload(error)
        return self.build(plain)

    def first_error(self, plain: Any) -> ErrorData | None:
        """Return why the schema refuses ``plain``; None if it does not."""
        return self._judge.first_error(self._pointer, plain)

    def build(self, plain: Any) -> Any:
        """Return ``plain``, which is valid, as the slot's type; raise :exc:`InvalidPayload` if that cannot hold it."""
        for strict, candidate in ((True, plain), (True, integral(plain)), (False, plain), (False, integral(plain))):
            try:
                return self._convert(candidate, strict=strict)
            except msgspec.ValidationError:
                continue
        raise InvalidPayload(ErrorData(code="invalid_message", message="expected a value that can be held", pointer=""))

    def encode(self, value: Any) -> bytes:
        """Return ``value`` as JSON; raise :exc:`InvalidPayload` if the schema refuses it."""
        try:
            body = _encode(value)
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidPayload(
                ErrorData(code="invalid_message", message=f"expected JSON: {error}", pointer="")
            ) from error
        if self.vague and b"null" in body and not finite(value):
            raise InvalidPayload(
                ErrorData(code="invalid_message", message="expected JSON, which has no such number", pointer="")
            )
        try:
            decoded = self.decode(body)
            for get, accepts in self.trials:
                if not accepts(get(decoded)):
                    break
            else:
                return body
        except UNREADABLE:
            pass
        try:
            plain = read(body)
        except InvalidFrame as refused:
            raise InvalidPayload(msgspec.structs.replace(refused.error, code="invalid_message", pointer="")) from None
        self.convert(plain)
        return body

    def _convert(self, plain: Any, *, strict: bool = True) -> Any:
        if self._shape is None:
            return msgspec.convert(plain, self.type, dec_hook=self.hook if strict else hook(self._judge, strict=False))
        try:
            return self._shape.build(plain, self._judge.predicate if strict else _accept_all)
        except ValueError:
            pass
        raise msgspec.ValidationError("expected a value that can be held")

    def _fitting(self, plain: Any) -> Any:
        """Return ``plain``; this fails as reading may if it does not fit the type."""
        self._convert(plain)
        return plain

    def _opener(self) -> Callable[[Any], Any]:
        """Return what lets a frame have data of the slot's type instead of plain data, and returns the latter."""
        kind, convert, convert_simply = self.type, self._convert, msgspec.convert

        def open_frame(frame: Any) -> Any:  # a frame whose data can be set
            plain = frame.data
            frame.data = convert(plain)
            return plain

        def open_simply(frame: Any) -> Any:
            plain = frame.data
            frame.data = convert_simply(plain, kind)  # arguments with names take as long as a small message
            return plain

        return open_frame if self._shape is not None or holds_untagged(kind) else open_simply


def _accept_all(pointer: str) -> Callable[[Any], bool]:
    return _always


def _same(value: Any) -> Any:
    return value


def _always(value: Any) -> bool:
    return True


def _strict(kind: Any) -> Any:  # types
    """Return a type that can be a field's, and refuses what has no tag: a struct that is alone lets it be missing."""
    if kind is None:
        return type(None)
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)) or kind.__struct_config__.tag is None:
        return kind
    field = kind.__struct_config__.tag_field
    other = msgspec.defstruct("Other", [("nothing", NOTHING)], tag_field=field, tag="\0", module=__name__)
    return Union[kind, other]  # noqa: UP007
