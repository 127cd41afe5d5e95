"""JSON Schemas of scalars and enumerations, as input for datamodel-code-generator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .... import model
from ..unions import is_literal

__all__ = ["leaf", "leaf_schemas", "leaves_of"]

INTEGER_OR_FLOAT = {"type": ["integer", "number"]}
"""Schema of numbers, so that 1 stays an integer."""


def leaf(scalar: model.Scalar, *, typed_formats: bool) -> model.Scalar:
    """Return a scalar without its constraints, except a format with a type of its own."""
    format_ = model.typed_format(scalar) if typed_formats else None
    return model.Scalar(type=scalar.type, constraints=model.Constraints(format=format_))


def leaf_schemas(type_: model.Scalar | model.Enumeration) -> Iterator[dict[str, Any]]:
    """Yield the schemas whose union is the type."""
    match type_:
        case model.Scalar(type="number"):
            yield INTEGER_OR_FLOAT
        case model.Scalar(type="string", constraints=model.Constraints(format=str(format_))):
            yield {"type": "string", "format": format_}
        case model.Scalar(type=json_type):
            yield {"type": json_type}
        case model.Enumeration(values=values):
            yield from _enumeration(values)


def leaves_of(types: Iterable[model.Type]) -> Iterator[model.Scalar | model.Enumeration]:
    """Yield the scalars and the enumerations without a class in types."""
    queue = [*types]
    while queue:
        match queue.pop():
            case model.Enumeration(is_class=True):
                pass
            case model.Scalar() | model.Enumeration() as leaf:
                yield leaf
            case model.Array(item=item):
                queue.append(item)
            case model.Map(key=key, value=value):
                queue += (key, value)
            case model.Tuple(items=items, rest=rest):
                queue += (*items, *(() if rest is None else (rest,)))
            case model.Union(members=members):
                queue += members
            case _:
                pass


def _enumeration(values: Iterable[model.Json]) -> Iterator[dict[str, Any]]:
    literals: dict[str, model.Json] = {}
    others: dict[str, dict[str, Any]] = {}
    for value in values:
        match value:
            case None:
                others["null"] = {"type": "null"}
            case bool():
                others["boolean"] = {"type": "boolean"}
            case str():
                literals[repr(value)] = value
            case int() | float() if is_literal(value):
                literals[repr(int(value))] = int(value)
            case int() | float():
                others["number"] = {"type": "integer"} if value == int(value) else INTEGER_OR_FLOAT
            case _:
                pass  # arrays and objects
    yield from others.values()  # first, since Pydantic reads true as the literal 1
    if literals:
        yield {"enum": [*literals.values()]}
