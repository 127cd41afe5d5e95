"""Names of definitions, derived from the pointers to their schemas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from ..identifiers import pascal
from ..source import json_pointer

__all__ = ["DefinitionNames"]

UNNAMED = ("$defs", "definitions", "properties", "allOf")
SUFFIXES = {
    "items": "Item",
    "prefixItems": "Item",
    "unevaluatedItems": "Item",
    "additionalProperties": "Value",
    "patternProperties": "Value",
    "unevaluatedProperties": "Value",
    "propertyNames": "Name",
}


class DefinitionNames:
    """Unique names for the definitions of an endpoint.

    Args:
        declared: Names from the author of the schemas, by pointer.
        reserved: Names that generated modules use for other purposes.
    """

    def __init__(self, declared: Mapping[str, str], reserved: Iterable[str]) -> None:
        self._declared = dict(declared)
        self._taken = {*declared.values(), *reserved}
        self._names: dict[object, str] = {}
        self._alternatives: dict[str, str] = {}

    def name(self, pointer: str, key: object, suffix: str = "") -> str:
        """Return the name of a definition.

        Args:
            pointer: Pointer to its schema.
            key: Identity of the definition; the same key always has the same name.
            suffix: Suffix for the name of the schema.
        """
        if key not in self._names:
            declared = self._declared.pop(pointer, None) if not suffix else None
            self._names[key] = declared or self._unique(self._suggest(pointer) + suffix)
        return self._names[key]

    def name_alternatives(self, names: Mapping[str, str]) -> None:
        """Set the names of the alternatives of a union, by pointer."""
        for pointer, name in names.items():
            self._alternatives.setdefault(pointer, pascal(name))

    def _unique(self, name: str) -> str:
        unique, number = name, 2
        while unique in self._taken:
            unique, number = f"{name}{number}", number + 1
        self._taken.add(unique)
        return unique

    def _suggest(self, pointer: str) -> str:
        """Derive a name from a pointer: ``/$defs/Said/properties/author`` becomes ``SaidAuthor``."""
        tokens = json_pointer.parse(pointer)
        words: list[str] = []
        position = 0
        while position < len(tokens):
            token = tokens[position]
            following = tokens[position + 1] if position + 1 < len(tokens) else None
            if token in ("$defs", "definitions") and following is not None:
                words = [_stem(following)]
                position += 1
            elif token == "properties" and following is not None:
                words.append(pascal(following))
                position += 1
            elif token in ("patternProperties", "dependentSchemas") and following is not None:
                words.append("Value" if token == "patternProperties" else pascal(following))
                position += 1
            elif token in SUFFIXES:
                words.append(SUFFIXES[token])
            elif token.isdigit():
                words.append(self._alternatives.get(json_pointer.prefix(pointer, position + 1), str(int(token) + 1)))
            elif token not in UNNAMED and token not in ("anyOf", "oneOf"):
                words.append(pascal(token))
            position += 1
        return "".join(words) or "Type"


def _stem(name: str) -> str:
    """Return the name for a definition, or for a file that is embedded under its URI."""
    return pascal(PurePosixPath(name).name.partition(".")[0] or name) if "://" in name else pascal(name)
