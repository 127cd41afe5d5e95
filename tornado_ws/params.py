"""Parameters of the path and the query: text that becomes what the schema says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import inspect

__all__ = ["param_names", "plain_params"]

_LISTS = (inspect.ListType, inspect.TupleType, inspect.VarTupleType)
_SCALARS: tuple[tuple[type[inspect.Type], Any], ...] = (
    (inspect.IntType, int),
    (inspect.FloatType, float),
    (inspect.BoolType, bool),
    (inspect.NoneType, type(None)),
)


def param_names(kind: Any) -> tuple[str, ...] | None:  # kind: a type
    """Return the names that ``kind`` states, None if it states none and any will do."""
    info = inspect.type_info(kind)
    return tuple(field.encode_name for field in info.fields) if isinstance(info, inspect.StructType) else None


def plain_params(values: Mapping[str, str | Sequence[str]], kind: Any) -> dict[str, Any]:  # kind: a type
    """Return ``values`` as the JSON object that they stand for.

    A number stays text where the field wants text, and what does not read as its field's type stays as it is, so that
    the schema can say what is wrong with it.

    Args:
        values: by name; several for a parameter that is given several times.
        kind: the type of the slot.
    """
    info = inspect.type_info(kind)
    fields = {field.encode_name: field.type for field in info.fields} if isinstance(info, inspect.StructType) else {}
    return {name: _plain(value, tuple(_variants(fields.get(name)))) for name, value in values.items()}


def _plain(value: str | Sequence[str], variants: tuple[inspect.Type, ...]) -> Any:  # to any JSON value
    for variant in variants:
        if isinstance(variant, _LISTS):
            items = tuple(_variants(variant.item_type)) if not isinstance(variant, inspect.TupleType) else ()
            return [_scalar(text, items) for text in ([value] if isinstance(value, str) else value)]
    return _scalar(value, variants) if isinstance(value, str) else list(value)


def _scalar(text: str, variants: tuple[inspect.Type, ...]) -> Any:  # to a JSON scalar
    kinds = {type(variant) for variant in variants}
    literals = [value for variant in variants if isinstance(variant, inspect.LiteralType) for value in variant.values]
    if inspect.StrType in kinds or text in literals:
        return text
    if any(isinstance(value, int) for value in literals):
        kinds.add(inspect.IntType)
    for info, scalar in _SCALARS:
        if info in kinds:
            try:
                read = msgspec.convert(text, scalar, strict=False)
            except msgspec.ValidationError:
                continue
            if not isinstance(read, float) or math.isfinite(read):
                return read
    return text


def _variants(info: inspect.Type | None) -> Iterator[inspect.Type]:
    if isinstance(info, inspect.UnionType):
        for variant in info.types:
            yield from _variants(variant)
    elif isinstance(info, inspect.Metadata):
        yield from _variants(info.type)
    elif info is not None:
        yield info
