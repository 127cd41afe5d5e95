"""Names of definitions, made from the places of their schemas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from ..identifiers import pascal
from ..source import json_pointer

__all__ = ["Naming"]

SILENT = ("$defs", "definitions", "properties", "allOf")
PARTS = {
    "items": "Item",
    "prefixItems": "Item",
    "unevaluatedItems": "Item",
    "additionalProperties": "Value",
    "patternProperties": "Value",
    "unevaluatedProperties": "Value",
    "propertyNames": "Name",
}


class Naming:
    """Gives each definition a name of its own.

    Args:
        declared: Name of each schema that has one from its author, by pointer.
        reserved: Names that generated modules need themselves.

    """

    def __init__(self, declared: Mapping[str, str], reserved: Iterable[str]) -> None:
        self._declared = dict(declared)
        self._taken = {*declared.values(), *reserved}
        self._given: dict[object, str] = {}
        self._parts: dict[str, str] = {}

    def name(self, pointer: str, key: object, part: str = "") -> str:
        """Return the name of what is made from the schema at ``pointer``.

        Args:
            pointer: Where the schema stands.
            key: Tells what is made from others; its name is always the same.
            part: What comes behind the name of the schema.

        """
        if key not in self._given:
            declared = self._declared.pop(pointer, None) if not part else None
            self._given[key] = declared or self._unique(self._suggest(pointer) + part)
        return self._given[key]

    def call(self, parts: Mapping[str, str]) -> None:
        """Take note of what alternatives of a union are called, by pointer."""
        for pointer, part in parts.items():
            self._parts.setdefault(pointer, pascal(part))

    def _unique(self, name: str) -> str:
        unique, number = name, 2
        while unique in self._taken:
            unique, number = f"{name}{number}", number + 1
        self._taken.add(unique)
        return unique

    def _suggest(self, pointer: str) -> str:
        """Spell a place: ``/$defs/Said/properties/author`` becomes ``SaidAuthor``."""
        tokens = json_pointer.parse(pointer)
        words: list[str] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            following = tokens[at + 1] if at + 1 < len(tokens) else None
            if token in ("$defs", "definitions") and following is not None:
                words = [_stem(following)]
                at += 1
            elif token == "properties" and following is not None:
                words.append(pascal(following))
                at += 1
            elif token in ("patternProperties", "dependentSchemas") and following is not None:
                words.append("Value" if token == "patternProperties" else pascal(following))
                at += 1
            elif token in PARTS:
                words.append(PARTS[token])
            elif token.isdigit():
                words.append(self._parts.get(json_pointer.prefix(pointer, at + 1), str(int(token) + 1)))
            elif token not in SILENT and token not in ("anyOf", "oneOf"):
                words.append(pascal(token))
            at += 1
        return "".join(words) or "Type"


def _stem(name: str) -> str:
    """Spell a definition, or the file that is embedded under its address."""
    return pascal(PurePosixPath(name).name.partition(".")[0] or name) if "://" in name else pascal(name)
