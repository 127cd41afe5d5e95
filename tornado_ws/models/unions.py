"""Unions whose members no property distinguishes: the value selects one member before Pydantic converts it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, TypeAlias, get_args, get_origin

import pydantic
from pydantic_core import CoreSchema, core_schema

from ..endpoint import Verdicts
from .base import Model
from .shapes import property_names, shape

__all__ = ["Conversion", "OneOf", "Schema", "SingleError"]

NO_MEMBER = "expected a value of one of the alternatives"

Outcome: TypeAlias = tuple[Any, pydantic.ValidationError | None]
"""Converted value, or the error."""


class Conversion:
    """Validation context of one conversion of plain JSON that its schema accepts."""

    def __init__(self, new_verdicts: Callable[[], Verdicts] | None) -> None:
        self._new_verdicts = new_verdicts

    @cached_property
    def outcomes(self) -> dict[tuple[int, int, int], Outcome]:
        """Results of unions without schemas, by union, member and value, so that no value is converted twice."""
        return {}

    @cached_property
    def verdicts(self) -> Verdicts | None:
        """Verdicts on the parts of the value; None to try all members."""
        return None if self._new_verdicts is None else self._new_verdicts()


class Schema:
    """Annotation with the JSON Pointer to the schema of a type that is not a model, for :class:`OneOf`."""

    def __init__(self, pointer: str) -> None:
        self.pointer = pointer


class SingleError:
    """Annotation for a union that contains itself: if no member fits, it has one error instead of those of all members.

    Otherwise each level of a deep value would add its place to all errors below it.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: pydantic.GetCoreSchemaHandler) -> CoreSchema:
        """Return the core schema of the union with an error of its own."""
        schema = handler(source)
        if schema["type"] != "union":
            return schema
        return core_schema.union_schema(schema["choices"], custom_error_type="union", custom_error_message=NO_MEMBER)


class OneOf:
    """Annotation for a union with several members for objects, or for arrays.

    A cheap test of the value's shape excludes members. If several remain, the member that declares most of the
    properties of the value comes first, and the schemas decide. No member is converted only to find that it does not
    fit, so that the time is linear in the depth of a message.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: pydantic.GetCoreSchemaHandler) -> CoreSchema:
        """Return a core schema that converts a value to the selected member."""
        members = get_args(source)
        choices: dict[Any, CoreSchema] = {
            index: core_schema.no_info_before_validator_function(_value, handler.generate_schema(member))
            for index, member in enumerate(members)
        }
        return core_schema.with_info_wrap_validator_function(
            _Selector(members),
            core_schema.tagged_union_schema(choices, _index),
            serialization=core_schema.simple_ser_schema("any"),  # by the class of the value
        )


class _Selector:
    """Selection of a member of a union."""

    def __init__(self, members: tuple[Any, ...]) -> None:  # types
        self._members = members

    @cached_property
    def _shapes(self) -> list[tuple[int, Callable[[Any], bool]]]:
        """Shapes of the members, created at the first use, when all models are complete."""
        return [(index, shape(member)) for index, member in enumerate(self._members)]

    @cached_property
    def _names(self) -> list[frozenset[str]]:
        return [property_names(member) for member in self._members]

    @cached_property
    def _pointers(self) -> list[str | None]:
        return [_pointer(member) for member in self._members]

    @cached_property
    def _all_pointers(self) -> tuple[str, ...]:
        return tuple(pointer for pointer in self._pointers if pointer is not None)

    def __call__(
        self, value: Any, convert: Callable[[tuple[int, Any]], Any], info: pydantic.ValidationInfo[Conversion | None]
    ) -> Any:
        """Convert a value to the selected member; raise :exc:`ValueError` if no member has its shape."""
        found = [index for index, fits in self._shapes if fits(value)]
        if len(found) == 1:
            return convert((found[0], value))
        verdicts = None if info.context is None else info.context.verdicts
        if verdicts is not None:
            pointers = self._pointers
            possible = [at for at in found if (one := pointers[at]) is None or verdicts.may_accept(one, value)]
            if len(possible) == 1:
                return convert((possible[0], value))
            found = possible
        if isinstance(value, dict):
            found.sort(key=lambda index: -sum(name in self._names[index] for name in value))
        for index in found:
            pointer = self._pointers[index]
            if info.context is not None and pointer is not None:
                if verdicts is None or verdicts.accepts(pointer, value, self._all_pointers):
                    return convert((index, value))
                continue
            try:
                return self._attempt(index, value, convert, info.context)
            except pydantic.ValidationError:
                continue
        raise ValueError(NO_MEMBER)

    def _attempt(
        self, index: int, value: Any, convert: Callable[[tuple[int, Any]], Any], context: Conversion | None
    ) -> Any:
        """Convert a value to a member without a schema, which fails if the member does not fit."""
        if context is None:  # the application constructs a message
            return convert((index, value))
        key = (id(self), index, id(value))
        if key not in context.outcomes:
            try:
                context.outcomes[key] = (convert((index, value)), None)
            except pydantic.ValidationError as error:
                context.outcomes[key] = (None, error)
        converted, failure = context.outcomes[key]
        if failure is not None:
            raise failure
        return converted


def _index(selected: tuple[int, Any]) -> int:
    return selected[0]


def _value(selected: tuple[int, Any]) -> Any:
    return selected[1]


def _pointer(type_: Any) -> str | None:  # Any: a type
    """Return the JSON Pointer to the schema of a member; None if it is not known."""
    if get_origin(type_) is Annotated:
        inner, *metadata = get_args(type_)
        return next((item.pointer for item in metadata if isinstance(item, Schema)), None) or _pointer(inner)
    return type_.__pointer__ if isinstance(type_, type) and issubclass(type_, Model) else None
