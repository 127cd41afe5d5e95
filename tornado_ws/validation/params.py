"""Parameters of path and query: conversion from text to plain JSON, by the types of their schema."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from msgspec import inspect

from ..endpoint import Payload
from .additional_properties import is_open

__all__ = ["field_types", "known_types", "param_names", "plain_params"]

_LISTS = (inspect.ListType, inspect.TupleType, inspect.VarTupleType)
_SCALARS: tuple[tuple[type[inspect.Type], Any], ...] = (
    (inspect.IntType, int),
    (inspect.FloatType, float),
    (inspect.BoolType, bool),
    (inspect.NoneType, type(None)),
)


def param_names(payload: Payload) -> tuple[str, ...] | None:
    """Return the property names of a payload's type; None if the type declares none, so that any name is allowed."""
    if payload.adapter is not None:
        fields = payload.adapter().fields()
        return None if fields is None else tuple(fields)
    info = inspect.type_info(payload.type)
    if not isinstance(info, inspect.StructType) or any(map(is_open, info.fields)):
        return None
    return tuple(field.encode_name for field in info.fields)


def field_types(type_: Any) -> Mapping[str, inspect.Type]:
    """Return the types of a struct's fields, by their JSON names; an empty mapping for other types."""
    info = inspect.type_info(type_)
    fields = info.fields if isinstance(info, inspect.StructType) else ()
    return {field.encode_name: field.type for field in fields if not is_open(field)}


def known_types(annotations: Mapping[str, Any] | None) -> Mapping[str, inspect.Type]:
    """Return the annotations that msgspec supports, as its types."""
    supported: dict[str, inspect.Type] = {}
    for name, annotation in (annotations or {}).items():
        with suppress(TypeError):  # not supported, such as a union of classes
            supported[name] = inspect.type_info(annotation)
    return supported


def plain_params(values: Mapping[str, str | Sequence[str]], fields: Mapping[str, inspect.Type]) -> dict[str, Any]:
    """Convert parameters to a JSON object.

    Text that cannot be converted to the type of its field remains text, so that the schema rejects it.

    Args:
        values: Text by name; a list for a repeated parameter.
        fields: Known types, by name.
    """
    return {name: _plain(value, tuple(_variants(fields.get(name)))) for name, value in values.items()}


def _plain(value: str | Sequence[str], variants: tuple[inspect.Type, ...]) -> Any:  # to any JSON value
    for variant in variants:
        if isinstance(variant, _LISTS):
            items = tuple(_variants(variant.item_type)) if not isinstance(variant, inspect.TupleType) else ()
            return [_scalar(text, items) for text in ([value] if isinstance(value, str) else value)]
    return _scalar(value, variants) if isinstance(value, str) else list(value)


def _scalar(text: str, variants: tuple[inspect.Type, ...]) -> Any:  # to a JSON scalar
    types = {type(variant) for variant in variants}
    literals = [value for variant in variants for value in _constants(variant)]
    if inspect.StrType in types or text in literals:
        return text
    if any(isinstance(value, int) for value in literals):
        types.add(inspect.IntType)
    for info, scalar in _SCALARS:
        if info in types:
            try:
                read = msgspec.convert(text, scalar, strict=False)
            except msgspec.ValidationError:
                continue
            if not isinstance(read, float) or math.isfinite(read):
                return read
    return text


def _constants(variant: inspect.Type) -> Iterator[Any]:  # strings and integers
    if isinstance(variant, inspect.LiteralType):
        yield from variant.values
    elif isinstance(variant, inspect.EnumType):
        yield from (member.value for member in variant.cls)


def _variants(info: inspect.Type | None) -> Iterator[inspect.Type]:
    if isinstance(info, inspect.UnionType):
        for variant in info.types:
            yield from _variants(variant)
    elif isinstance(info, inspect.Metadata):
        yield from _variants(info.type)
    elif info is not None:
        yield info
