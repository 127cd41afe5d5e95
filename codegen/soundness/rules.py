"""Rules: keywords about a whole object that look at few of its properties, so that those alone are judged."""

from __future__ import annotations

import json
from collections.abc import Iterable

from msgspec import NODEFAULT, inspect

from tornado_ws.judge import REFERS

from ..document import Json
from ..keywords.vocabulary import REMARKS
from .gaps import ALONE, Check, Gap, has_floats, is_plain

__all__ = ["ruled"]

BELOW = ("else", "if", "not", "then")
LISTS = ("allOf", "anyOf", "oneOf")
COMPANIONS = {"if": ("else", "then")}


def ruled(gap: Gap, schema: Json, type_: inspect.Type) -> Check:
    """Return the check of the attributes that a keyword looks at; ``""`` if that cannot be told.

    Args:
        gap: of a whole value.
        schema: the one that states the keyword.
        type_: of the value.
    """
    if not (gap.place.is_whole and gap.keyword in ALONE and isinstance(schema, dict) and gap.keyword in schema):
        return ""
    if not (isinstance(type_, inspect.StructType) and type_.tag_field is None):
        return ""
    parts = {name: schema[name] for name in (gap.keyword, *COMPANIONS.get(gap.keyword, ())) if name in schema}
    names = None if REFERS.search(json.dumps(parts)) else _looked_at(parts)
    if names is None:
        return ""
    fields = {field.encode_name: field for field in type_.fields}
    if not (names <= fields.keys() or type_.forbid_unknown_fields):
        return ""  # such a property may be there, and is not read
    known = [field for name, field in fields.items() if name in names]
    if not all(_is_kept(field) for field in known):
        return ""
    return f"{{{' '.join(field.name for field in known)}}}", gap.pointer, gap.keyword


def _looked_at(schema: Json) -> frozenset[str] | None:
    """Return the properties on which the verdict about an object depends; None if it may depend on others too."""
    if isinstance(schema, bool):
        return frozenset()
    found: frozenset[str] = frozenset()
    for keyword, value in schema.items():
        names = _named(keyword, value)
        if names is None:
            return None
        found |= names
    return found


def _named(keyword: str, value: Json) -> frozenset[str] | None:
    if keyword in BELOW:
        return _looked_at(value)
    if keyword in LISTS:
        return _all(_looked_at(one) for one in value)
    match keyword:
        case "properties":
            return frozenset(value)
        case "required":
            return frozenset(value)
        case "dependentRequired":
            return frozenset(value).union(*value.values())
        case "dependentSchemas":
            return _all([frozenset(value), *map(_looked_at, value.values())])
        case "type":
            return frozenset()
        case _:
            return frozenset() if keyword in REMARKS else None


def _all(found: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    names: frozenset[str] = frozenset()
    for one in found:
        if one is None:
            return None
        names |= one
    return names


def _is_kept(field: inspect.Field) -> bool:
    """Tell whether an attribute is what the document has, and UNSET where that has nothing."""
    if field.default is not NODEFAULT or field.default_factory is not NODEFAULT:
        return False  # of UNSET msgspec says NODEFAULT
    return is_plain(field.type) and not has_floats(field.type)
