"""Shapes: cheap tests for the plain JSON values that a type may represent, down to a bounded depth."""

from __future__ import annotations

import enum
import sys
import types
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

import pydantic
from typing_extensions import TypeAliasType

from .base import Model

__all__ = ["Shape", "property_names", "shape"]

Shape: TypeAlias = Callable[[Any], bool]
"""Test for a value; it returns False only if the type cannot represent the value."""

DEPTH = 2
"""Levels of values below the tested one. Each value of a message is therefore tested a bounded number of times."""
SCALARS: dict[Any, tuple[type, ...]] = {
    str: (str,),
    int: (int, float),  # 1.0 is an integer
    float: (int, float),
    bool: (bool,),
    types.NoneType: (types.NoneType,),
}
HASHABLE = (str, int, float, bool, types.NoneType, enum.Enum)


def shape(type_: Any, depth: int = DEPTH) -> Shape:  # Any: a type
    """Return the shape of a type."""
    origin, arguments = get_origin(type_), get_args(type_)
    if isinstance(type_, TypeAliasType):
        return shape(_aliased(type_), depth)
    if origin is Annotated:
        return shape(arguments[0], depth)
    if origin is Literal:
        return _one_of(arguments)
    if origin in (Union, types.UnionType):
        return _any_of([shape(member, depth) for member in arguments])
    if origin in (list, tuple):
        return _array(arguments, depth)
    if origin is dict:
        return _object_of(arguments[1], depth)
    if type_ is None:
        return _instance_of(SCALARS[types.NoneType])
    if not isinstance(type_, type):
        return _anything
    if issubclass(type_, enum.Enum):
        return _one_of((*type_, *(member.value for member in type_)))
    if issubclass(type_, Model):
        return _model(type_, depth)
    if issubclass(type_, pydantic.BaseModel):  # of an application, which may rename its properties
        return lambda value: isinstance(value, dict | type_)
    return _instance_of(SCALARS[type_]) if type_ in SCALARS else _anything


def property_names(type_: Any) -> frozenset[str]:  # Any: a type
    """Return the names in JSON of the properties that a model declares; none for other types."""
    while get_origin(type_) is Annotated:
        type_ = get_args(type_)[0]
    is_model = isinstance(type_, type) and issubclass(type_, Model)
    return frozenset(item.name for item in type_.__properties__()) if is_model else frozenset()


def _aliased(alias: TypeAliasType) -> Any:  # a type
    """Return the type of an alias, which generated modules write as text if the alias contains itself."""
    value = alias.__value__
    return eval(value, vars(sys.modules[str(alias.__module__)])) if isinstance(value, str) else value


def _anything(value: Any) -> bool:
    return True


def _instance_of(classes: tuple[type, ...]) -> Shape:
    if bool in classes:
        return lambda value: isinstance(value, bool)
    return lambda value: isinstance(value, classes) and not isinstance(value, bool)


def _one_of(values: Iterable[Any]) -> Shape:
    allowed = frozenset(values)
    return lambda value: isinstance(value, HASHABLE) and value in allowed


def _any_of(shapes: list[Shape]) -> Shape:
    return lambda value: any(fits(value) for fits in shapes)


def _array(arguments: tuple[Any, ...], depth: int) -> Shape:
    if depth == 0:
        return lambda value: isinstance(value, list | tuple)
    shapes = [shape(item, depth - 1) for item in arguments]
    if len(shapes) == 1:  # the items of a list
        (fits,) = shapes
        return lambda value: isinstance(value, list | tuple) and all(map(fits, value))
    return lambda value: (
        isinstance(value, list | tuple)
        and len(value) == len(shapes)
        and all(fits(item) for fits, item in zip(shapes, value, strict=True))
    )


def _object_of(value_type: Any, depth: int) -> Shape:
    if depth == 0:
        return lambda value: isinstance(value, dict)
    fits = shape(value_type, depth - 1)
    return lambda value: isinstance(value, dict) and all(map(fits, value.values()))


def _model(model: type[Model], depth: int) -> Shape:
    """Return the shape of a model, which its instances have, too."""
    if depth == 0:
        return lambda value: isinstance(value, dict | model)
    properties = [*model.__properties__()]
    shapes = {item.name: shape(item.type, depth - 1) for item in properties}
    required = {item.name for item in properties if item.is_required}
    names = shapes.keys() if model.model_config.get("extra") == "forbid" else None

    def fits(value: Any) -> bool:
        if not isinstance(value, dict):
            return isinstance(value, model)
        present = value.keys()
        if not present >= required or (names is not None and not present <= names):
            return False
        return all(name not in shapes or shapes[name](item) for name, item in value.items())

    return fits
