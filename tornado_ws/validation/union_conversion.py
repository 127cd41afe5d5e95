"""Conversion of plain values to untagged unions, whose members their schemas select."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

import msgspec

from .additional_properties import AdditionalPropertiesType
from .json_values import integral
from .kept_members import attach_members
from .nested_verdicts import NestedVerdicts
from .schema_validator import SchemaValidator
from .untagged_unions import Alternative, Alternatives

__all__ = ["decode_hook"]

NO_VALUE = object()
"""Result for a value that no alternative accepts."""


def decode_hook(
    validator: SchemaValidator, *, strict: bool = True, is_for_one_value: bool = False
) -> Callable[[Any, Any], Any]:
    """Return the ``dec_hook`` of msgspec for generated types; it takes the type and the plain value.

    Args:
        validator: Validator that selects the member for a value.
        strict: False to try members with schemas that reject the value as well. In its context, a ``$dynamicRef`` may
            resolve to a schema that accepts it.
        is_for_one_value: True if all plain values are parts of one value, for which all calls share their verdicts.
    """
    shared = _Conversion(validator, strict=strict) if is_for_one_value else None

    def convert(union: Any, plain: Any) -> Any:
        if type(union) is AdditionalPropertiesType:
            return {}  # attach_members replaces it
        alternatives: Alternatives = union.cached or union.evaluated
        if type(plain) in alternatives.unchanged:
            return plain
        if strict and alternatives.is_simple:
            for type_, pointer in alternatives.candidates(plain):
                if not pointer or validator.predicate(pointer)(plain):
                    try:
                        value = msgspec.convert(plain, type_, dec_hook=convert)
                        if id(type_) in alternatives.unread:
                            attach_members(value, plain, convert)
                        return value
                    except msgspec.ValidationError:
                        continue
        try:
            return (shared or _Conversion(validator, strict=strict)).convert(union, plain)
        except ValueError:  # also raised by msgspec
            candidate = integral(plain)
            if candidate is plain:
                raise
        return _Conversion(validator, strict=strict).convert(union, candidate)

    return convert


class _Conversion:
    """Conversion of one value, which may contain further untagged unions."""

    def __init__(self, validator: SchemaValidator, *, strict: bool) -> None:
        self._validator = validator
        self._strict = strict
        self._verdicts: NestedVerdicts | None = None
        self._results: dict[tuple[Any, int], Any] = {}
        """Results by union and identity of the value, so that several alternatives share those of a nested value."""
        self._complete: dict[int, Any] = {}
        """Values that have all their additional properties, by identity: no level of a value reads those below it."""

    def convert(self, union: Any, plain: Any) -> Any:
        """Convert a value to the alternative that accepts it; raise :exc:`ValueError` if there is none."""
        if isinstance(union, AdditionalPropertiesType):
            return {}  # attach_members replaces it
        alternatives: Alternatives = union.evaluated
        if type(plain) in alternatives.unchanged:
            return plain
        key = union, id(plain)
        if key in self._results:
            return _required_value(self._results[key])
        self._results[key] = NO_VALUE  # for a union that contains itself
        found = alternatives.candidates(plain)
        candidates = self._possible(found, plain) if alternatives.is_recursive and len(found) > 1 else found
        decoded: list[tuple[Any, str]] = []
        for type_, pointer in candidates:
            # in a recursive union, the schema of each level would read all levels below it again
            if pointer and not alternatives.is_recursive and not self._accepts(pointer, plain):
                continue
            try:  # no call in between, because each level of the value needs a part of the stack
                value = msgspec.convert(plain, type_, dec_hook=self.convert)
                if id(type_) in alternatives.unread and len(candidates) > 1:
                    attach_members(value, plain, self.convert, self._complete)
                    self._complete[id(value)] = value
                decoded.append((value, pointer))
            except msgspec.ValidationError:
                continue
            if not pointer or not alternatives.is_recursive:
                break
        value = self._choose(decoded, plain, alternatives.pointers) if decoded else NO_VALUE
        if value is NO_VALUE and not self._strict:
            value = self._convert_rejected(found, plain)
        self._results[key] = value
        return _required_value(value)

    def _choose(self, decoded: list[tuple[Any, str]], plain: Any, pointers: Collection[str]) -> Any:
        """Return the value of the first alternative with a schema that accepts the value, if there are several."""
        if len(decoded) == 1:
            return decoded[0][0]
        accepts = self._nested.accepts
        return next((value for value, pointer in decoded if not pointer or accepts(pointer, plain, pointers)), NO_VALUE)

    def _possible(self, candidates: tuple[Alternative, ...], plain: Any) -> list[Alternative]:
        """Return the alternatives that do not certainly reject a value."""
        may_accept = self._nested.may_accept
        return [one for one in candidates if not one[1] or may_accept(one[1], plain)]

    @property
    def _nested(self) -> NestedVerdicts:
        if self._verdicts is None:
            self._verdicts = self._validator.nested_verdicts()
        return self._verdicts

    def _convert_rejected(self, candidates: Iterable[Alternative], plain: Any) -> Any:
        for type_, _ in candidates:
            try:
                return msgspec.convert(plain, type_, dec_hook=self.convert)
            except msgspec.ValidationError:
                continue
        return NO_VALUE

    def _accepts(self, pointer: str, plain: Any) -> bool:
        return self._validator.predicate(pointer)(plain)


def _required_value(value: Any) -> Any:
    if value is NO_VALUE:
        raise ValueError("expected a value of one of the alternatives")
    return value
