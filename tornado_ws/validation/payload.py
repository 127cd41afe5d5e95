"""Codec for the values of one payload: JSON to the payload's type and back, validated by its schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Union

import msgspec

from ..endpoint import Payload, Verdicts
from ..errors import ErrorData, InvalidFrame
from .error_messages import message
from .json_values import UNREADABLE, integral, is_finite, may_hide_nan, read
from .json_values import encode as _encode
from .kept_members import attach_members, expand_members
from .params import field_types, known_types
from .residual_checks import ResidualChecks
from .schema_validator import SchemaValidator
from .type_parts import has_additional_properties, has_untagged_union
from .unencodable import unencodable_error
from .union_conversion import decode_hook
from .unrepresentable import unrepresentable_error

__all__ = ["InvalidPayload", "PayloadCodec"]

_decode = msgspec.json.Decoder().decode

UNREPRESENTABLE = "expected a value that its type can represent"
EMPTY = Annotated[int, msgspec.Meta(ge=1, le=0)]
"""Type without values."""


class InvalidPayload(Exception):
    """Rejection of a value by the schema of its payload."""

    def __init__(self, error: ErrorData, property_name: str | None = None) -> None:
        super().__init__(error, property_name)
        self.error = error
        self.property_name = property_name
        """Name of the invalid property, if the schema does not contain it; for the sender of the value only."""


class PayloadCodec:
    """Decoder, encoder and validator for one payload. ``Any`` stands for plain JSON and values of its type."""

    def __init__(self, payload: Payload, validator: SchemaValidator) -> None:
        """Build the decoder and the checks for ``payload``."""
        self._validator = validator
        self._pointer = payload.schema
        adapter = self._adapter = payload.adapter and payload.adapter()
        self.fields = field_types(payload.type) if adapter is None else known_types(adapter.fields())
        """Types of an object's properties, by name."""
        self.type: Any = _strict(payload.type) if adapter is None else Any
        """Type that msgspec decodes with :attr:`hook`. A decoded value that passes :attr:`checks` is valid."""
        self.may_hide_nan = adapter is None and may_hide_nan(payload.type)
        """True if ``null`` in the JSON text may come from NaN or an infinity."""
        self.hook = decode_hook(validator)
        """Decoder for types that msgspec does not support."""
        self._keeps_members = adapter is None and has_additional_properties(payload.type)
        self.write: Callable[[Any], bytes] = self._write_members if self._keeps_members else _encode
        """Function that returns a value as JSON text, without validation."""
        self.decode: Callable[[bytes], Any] = msgspec.json.Decoder(self.type, dec_hook=self.hook).decode
        """Decoder for JSON text; :attr:`checks` take its result."""
        residual = ResidualChecks(payload, validator)
        self.checks = residual.checks()
        """Checks of a decoded value."""
        self.frame_type: Any = self.type
        """Type that msgspec decodes inside a frame."""
        self.frame_checks = residual.checks("data.")
        """Checks of a decoded frame. They also convert its data to the payload's type, if needed."""
        if residual.plain is not None:
            self.decode, self.checks = msgspec.json.Decoder().decode, ((self._require_type, residual.plain),)
            self.frame_type, self.frame_checks = Any, ((self._frame_converter(), residual.plain),)
        elif self._keeps_members:
            self.decode = self._read_members
            self.frame_type, self.frame_checks = Any, ((self._frame_converter(), _always), *self.frame_checks)
        if adapter is not None:
            self.write = adapter.writer(_encode)
            is_valid = validator.predicate(payload.schema)
            self.checks = ((_same, is_valid),)
            self.frame_checks = ((_same, self._model_check(adapter.build, is_valid)),)

    def convert(self, plain: Any) -> Any:
        """Validate plain JSON and convert it to the payload's type; raise :exc:`InvalidPayload` if it is invalid."""
        if (error := self.first_error(plain)) is not None:
            raise InvalidPayload(error)
        return self.build(plain)

    def first_error(self, plain: Any) -> ErrorData | None:
        """Return the first error of plain JSON; None if it is valid."""
        return self._validator.first_error(self._pointer, plain)

    def build(self, plain: Any) -> Any:
        """Convert valid JSON to the payload's type; raise :exc:`InvalidPayload` if the type cannot represent it."""
        reason = ""
        for strict, exact in ((True, True), (True, False), (False, True), (False, False)):
            candidate = plain if exact else integral(plain)
            try:
                return self._convert(candidate, strict=strict)
            except msgspec.ValidationError as invalid:
                reason = reason or str(invalid)
                continue
            except RecursionError:
                error = ErrorData(code="invalid_message", message=message("depth", None), pointer="", keyword="depth")
                raise InvalidPayload(error) from None
        raise InvalidPayload(unrepresentable_error(plain, reason))

    def encode(self, value: Any) -> bytes:
        """Validate a value and return it as JSON text; raise :exc:`InvalidPayload` if it is invalid."""
        cause: BaseException | None = None
        try:
            body = self.write(value)
        except (TypeError, ValueError, RecursionError) as error:
            body = b""
            if self._adapter is not None:
                cause = error  # from code of the application; that of msgspec adds nothing
        if not body:
            raise _unencodable(value, cause)
        if self.may_hide_nan and b"null" in body and not is_finite(value):
            raise InvalidPayload(unencodable_error(value))
        try:
            decoded = self.decode(body)
            for get, accepts in self.checks:
                if not accepts(get(decoded)):
                    break
            else:
                return body
        except UNREADABLE:
            pass
        try:
            plain = read(body)
        except InvalidFrame as invalid:
            raise InvalidPayload(msgspec.structs.replace(invalid.error, code="invalid_message", pointer="")) from None
        if (first := self.first_error(plain)) is not None:
            raise InvalidPayload(first, self._validator.unnamed_property(self._pointer, plain))
        self.build(plain)
        return body

    def _convert(self, plain: Any, *, strict: bool = True) -> Any:
        if self._adapter is None:
            keeps = self._keeps_members
            hook = self.hook
            if keeps or not strict:
                hook = decode_hook(self._validator, strict=strict, is_for_one_value=keeps)
            value = msgspec.convert(plain, self.type, dec_hook=hook)
            if keeps:
                attach_members(value, plain, hook)
            return value
        try:
            return self._adapter.build(plain, self._validator.nested_verdicts if strict else None)
        except ValueError:
            pass
        raise msgspec.ValidationError(UNREPRESENTABLE)

    def _read_members(self, body: bytes) -> Any:
        return self._convert(_decode(body))

    def _write_members(self, value: Any) -> bytes:
        return _encode(expand_members(value))

    def _require_type(self, plain: Any) -> Any:
        """Return ``plain``; raise one of :data:`UNREADABLE` if the payload's type cannot represent it."""
        self._convert(plain)
        return plain

    def _frame_converter(self) -> Callable[[Any], Any]:
        """Return a function that converts the data of a frame to the payload's type and returns the plain data."""
        type_, convert, convert_directly = self.type, self._convert, msgspec.convert

        def convert_frame(frame: Any) -> Any:  # a frame with data
            plain = frame.data
            frame.data = convert(plain)
            return plain

        def convert_frame_directly(frame: Any) -> Any:
            plain = frame.data
            frame.data = convert_directly(plain, type_)  # keyword arguments take as long as a small message
            return plain

        needs_hook = self._keeps_members or has_untagged_union(type_)
        return convert_frame if needs_hook else convert_frame_directly

    def _model_check(
        self, build: Callable[[Any, Callable[[], Verdicts]], Any], is_valid: Callable[[Any], bool]
    ) -> Callable[[Any], bool]:
        """Return a function that validates the data of a frame, and converts valid data to the payload's type."""
        new_verdicts = self._validator.nested_verdicts

        def accepts(frame: Any) -> bool:  # a frame with data
            plain = frame.data
            if not is_valid(plain):
                return False
            try:
                frame.data = build(plain, new_verdicts)
            except ValueError:
                raise msgspec.ValidationError(UNREPRESENTABLE) from None
            return True

        return accepts


def _unencodable(value: Any, cause: BaseException | None) -> InvalidPayload:
    invalid = InvalidPayload(unencodable_error(value))
    invalid.__cause__ = cause  # mypyc ignores `raise … from`
    return invalid


def _same(value: Any) -> Any:
    return value


def _always(value: Any) -> bool:
    return True


def _strict(type_: Any) -> Any:  # types
    """Return a union that requires the tag of a struct; msgspec requires tags only in unions."""
    if type_ is None:
        return type(None)
    if not (isinstance(type_, type) and issubclass(type_, msgspec.Struct)) or type_.__struct_config__.tag is None:
        return type_
    field, tag = type_.__struct_config__.tag_field, type_.__struct_config__.tag
    unused = "\0" if isinstance(tag, str) else int(tag == 0)  # msgspec supports no tags of both types
    other = msgspec.defstruct("Other", [("nothing", EMPTY)], tag_field=field, tag=unused, module=__name__)
    return Union[type_, other]  # noqa: UP007
