"""Numbers that JSON lacks: msgspec writes them as null, so that they would pass wherever null does."""

from __future__ import annotations

import math
from typing import Any

import msgspec
from msgspec import inspect

__all__ = ["finite", "may_vanish"]


def may_vanish(kind: Any) -> bool:  # a type
    """Tell whether a value of a type may hold a number in whose place the type has null too."""
    waiting, known = [inspect.type_info(kind)], set()
    while waiting:
        info = waiting.pop()
        match info:
            case inspect.AnyType() | inspect.CustomType():
                return True
            case inspect.UnionType(types=types):
                members = [one.type if isinstance(one, inspect.Metadata) else one for one in types]
                if {inspect.NoneType, inspect.FloatType} <= {type(one) for one in members}:
                    return True
                waiting += types
            case inspect.StructType(cls=cls, fields=fields) | inspect.TypedDictType(cls=cls, fields=fields):
                if cls not in known:
                    known.add(cls)
                    waiting += [field.type for field in fields]
            case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item) | inspect.Metadata(type=item):
                waiting.append(item)
            case inspect.TupleType(item_types=types):
                waiting += types
            case inspect.DictType(value_type=item):
                waiting.append(item)
            case _:
                pass
    return False


def finite(value: Any) -> bool:  # anything that has been written as JSON
    """Tell whether a value holds no NaN and no infinity."""
    waiting = [msgspec.to_builtins(value)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, float):
            if not math.isfinite(one):
                return False
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one
    return True
