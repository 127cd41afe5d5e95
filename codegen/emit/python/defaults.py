"""Defaults of fields."""

from __future__ import annotations

from collections.abc import Mapping

from ... import model
from ..templates import Code
from .literals import literal
from .unions import members

__all__ = ["default"]


def default(field: model.Field, definitions: Mapping[str, model.Definition]) -> Code | None:
    """Return the default of a field; None unless the default is a scalar that is certainly valid."""
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
                if any(type(listed) is type(value) and listed == value for listed in values):
                    return True
            case model.Scalar(type=json_type, constraints=constraints):
                if _has_type(value, json_type) and _satisfies(value, constraints):
                    return True
    return False


def _has_type(value: model.Json, json_type: str) -> bool:
    match value:
        case None | bool():
            return json_type == ("null" if value is None else "boolean")
        case str():
            return json_type == "string"
        case _:
            return json_type == "number" or (json_type == "integer" and value == int(value))


def _satisfies(value: model.Json, constraints: model.Constraints) -> bool:
    """Return True if a scalar certainly satisfies its constraints; patterns and formats are not evaluated."""
    if constraints.pattern is not None or constraints.format is not None or constraints.multiple_of not in (None, 1):
        return False
    if isinstance(value, str):
        return (constraints.min_length or 0) <= len(value) and (
            constraints.max_length is None or len(value) <= constraints.max_length
        )
    if value is None or isinstance(value, bool):
        return True
    return (
        (constraints.minimum is None or value >= constraints.minimum)
        and (constraints.maximum is None or value <= constraints.maximum)
        and (constraints.exclusive_minimum is None or value > constraints.exclusive_minimum)
        and (constraints.exclusive_maximum is None or value < constraints.exclusive_maximum)
    )
