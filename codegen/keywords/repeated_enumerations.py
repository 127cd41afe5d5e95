"""Large enumerations that several schemas of a file state; all of them have one type with a name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise

from ..identifiers import words
from ..source import json_pointer
from ..source.document import Json
from .json_equality import has_type
from .name_parts import is_definition, is_file
from .schema_index import SchemaIndex
from .vocabulary import NON_VALIDATING

__all__ = ["RepeatedEnumerations"]

MIN_LENGTH = 80
"""Minimum length of the JSON text of an enumeration with a name; shorter ones fit on a line with their property."""


class RepeatedEnumerations:
    """Enumerations of a bundle that a file states more than once, by the pointers to their schemas."""

    def __init__(self, index: SchemaIndex) -> None:
        """Find the enumerations, also those that no payload reaches, so that its types do not depend on the payloads.

        Args:
            index: Index of the bundle.
        """
        places: dict[tuple[str, frozenset[str]], list[str]] = {}
        for visit in index.visits:
            texts = _texts(visit.schema)
            if sum(map(len, texts)) >= MIN_LENGTH:
                file = json_pointer.prefix(visit.pointer, 2)
                key = (file if is_file(file) else ""), frozenset(texts)
                places.setdefault(key, []).append(visit.pointer)
        self._places = {pointer: found for found in places.values() if len(found) > 1 for pointer in found}

    def first(self, pointer: str) -> str | None:
        """Return the schema that gives an enumeration its name: a definition, or else the first one; None without one.

        Args:
            pointer: Pointer to a schema.
        """
        found = self._places.get(pointer)
        if found is None or is_definition(pointer):
            return None
        return next(filter(is_definition, found), found[0])

    def name(self, pointer: str) -> str:
        """Return a short name for an enumeration: of the property that has it everywhere, or of its object, too.

        Args:
            pointer: Pointer to a schema with the enumeration.

        Returns:
            The name, or an empty string without a good one.
        """
        names = {_properties(place)[-1:] for place in self._places[pointer]}
        if len(names) == 1 and len(words("".join(*names))) > 1:
            return "".join(*names)
        properties = _properties(pointer)
        return " ".join(properties[-2:]) if len(properties) > 1 else ""


def _texts(schema: Mapping[str, Json]) -> list[str]:
    """Return the JSON texts of the values of an enumeration; none if other keywords reject some of them."""
    values, types = schema.get("enum"), schema.get("type", [])
    listed = [types] if isinstance(types, str) else types
    if not isinstance(values, list) or not schema.keys() <= NON_VALIDATING | {"enum", "type"}:
        return []
    if listed and not all(any(has_type(value, type_) for type_ in listed) for value in values):
        return []
    return [json.dumps(value, sort_keys=True) for value in values]


def _properties(pointer: str) -> tuple[str, ...]:
    """Return the names of the properties that lead from a definition to a schema."""
    names: list[str] = []
    for keyword, name in pairwise(json_pointer.parse(pointer)):
        if keyword == "properties":
            names.append(name)
    return tuple(names)
