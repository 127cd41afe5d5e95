"""Python code for the residual checks of a payload."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields
from typing import TypeAlias

from tornado_ws.endpoint import InlineSchema, ResidualCheck

from .literals import literal
from .python_printer import Group, NamedNode, Node, call, keyword, tuple_of

__all__ = ["FindChecks", "residual_checks"]

FindChecks: TypeAlias = Callable[[str, str], tuple[ResidualCheck, ...]]
"""Function from a type, given as code, and the JSON Pointer to its schema to the residual checks."""


def residual_checks(checks: Sequence[ResidualCheck]) -> list[NamedNode]:
    """Return the argument with the checks; an empty list if there are none."""
    return [keyword("residual_checks", tuple_of(*map(_value, checks)))] if checks else []


def _value(value: ResidualCheck | InlineSchema) -> Group:
    """Return a call that builds a value, without arguments equal to their defaults."""
    arguments: list[Node] = []
    for field in fields(value):
        given = getattr(value, field.name)
        if field.default is MISSING:
            arguments.append(_argument(given))
        elif given != field.default:
            arguments.append(keyword(field.name, _argument(given)))
    return call(f"tornado_ws.{type(value).__name__}", *arguments)


def _argument(value: str | tuple[str, ...] | InlineSchema) -> Node:
    match value:
        case InlineSchema():
            return _value(value)
        case tuple():
            return tuple_of(*map(literal, value))
        case _:
            return literal(value)
