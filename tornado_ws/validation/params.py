"""Parameters of the path and the query: text that becomes what the schema says."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from msgspec import inspect

from ..endpoint import Payload

__all__ = ["fields_of", "param_names", "plain_params", "types_of"]

_LISTS = (inspect.ListType, inspect.TupleType, inspect.VarTupleType)
_SCALARS: tuple[tuple[type[inspect.Type], Any], ...] = (
    (inspect.IntType, int),
    (inspect.FloatType, float),
    (inspect.BoolType, bool),
    (inspect.NoneType, type(None)),
)


def param_names(slot: Payload) -> tuple[str, ...] | None:
    """Return the names that the type of a slot states, None if it states none and any will do."""
    if slot.shape is not None:
        fields = slot.shape().fields()
        return None if fields is None else tuple(fields)
    info = inspect.type_info(slot.type)
    return tuple(field.encode_name for field in info.fields) if isinstance(info, inspect.StructType) else None


def fields_of(kind: Any) -> Mapping[str, inspect.Type]:  # kind: a type
    """Return the types of a struct's fields by their names in JSON; no fields, if it is none."""
    info = inspect.type_info(kind)
    return {field.encode_name: field.type for field in info.fields} if isinstance(info, inspect.StructType) else {}


def types_of(annotations: Mapping[str, Any] | None) -> Mapping[str, inspect.Type]:
    """Return what msgspec knows of types, by the same names."""
    known: dict[str, inspect.Type] = {}
    for name, annotation in (annotations or {}).items():
        with suppress(TypeError):  # as of a union of classes that it does not know
            known[name] = inspect.type_info(annotation)
    return known


def plain_params(values: Mapping[str, str | Sequence[str]], fields: Mapping[str, inspect.Type]) -> dict[str, Any]:
    """Return ``values`` as the JSON object that they stand for.

    A number stays text where the field wants text, and what does not read as its field's type stays as it is, so that
    the schema can say what is wrong with it.

    Args:
        values: by name; several for a parameter that is given several times.
        fields: their types, as far as they are known.
    """
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
