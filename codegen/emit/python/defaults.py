"""Defaults of fields."""

from __future__ import annotations

from collections.abc import Mapping

from ... import model
from ..templates import Code
from .literals import literal
from .unions import members

__all__ = ["default"]


def default(field: model.Field, definitions: Mapping[str, model.Definition]) -> Code | None:
    """Return the default of a field; None unless it is a scalar that is certainly valid."""
    value = field.default
    if isinstance(value, list | dict) or value is model.NO_DEFAULT or not _fits(value, field.type, definitions):
        return None
    return literal(int(value) if isinstance(value, float) and value.is_integer() else value)


def _fits(value: model.Json, type_: model.Type, definitions: Mapping[str, model.Definition]) -> bool:
    for member in members(type_):
        match member:
            case model.Ref(name=name):
                alias = definitions[name]
                if (
                    isinstance(alias, model.Alias)
                    and not isinstance(alias.type, model.Ref)
                    and _fits(value, alias.type, {})
                ):
                    return True
            case model.Enumeration(values=values):
                if any(type(each) is type(value) and each == value for each in values):
                    return True
            case model.Scalar(type=kind, limits=limits):
                if _has_kind(value, kind) and _within(value, limits):
                    return True
    return False


def _has_kind(value: model.Json, kind: str) -> bool:
    match value:
        case None | bool():
            return kind == ("null" if value is None else "boolean")
        case str():
            return kind == "string"
        case _:
            return kind == "number" or (kind == "integer" and value == int(value))


def _within(value: model.Json, limits: model.Limits) -> bool:
    """Return True if a scalar is certainly within its limits; patterns and formats are not evaluated."""
    if limits.pattern is not None or limits.format is not None or limits.multiple_of not in (None, 1):
        return False
    if isinstance(value, str):
        return (limits.min_length or 0) <= len(value) and (limits.max_length is None or len(value) <= limits.max_length)
    if value is None or isinstance(value, bool):
        return True
    return (
        (limits.minimum is None or value >= limits.minimum)
        and (limits.maximum is None or value <= limits.maximum)
        and (limits.exclusive_minimum is None or value > limits.exclusive_minimum)
        and (limits.exclusive_maximum is None or value < limits.exclusive_maximum)
    )
