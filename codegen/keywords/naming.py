"""Names of the definitions of an endpoint."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from ..identifiers import pascal
from .name_assignment import Candidates, assign
from .name_parts import SchemaNames
from .schema_index import SchemaIndex

__all__ = ["DefinitionNames"]

UNUSED = -500
"""Rank of definitions that are not types; they get names that no type needs."""


class DefinitionNames:
    """Names of the definitions of an endpoint, assigned after all definitions are known.

    Until then, a key represents the name. So a name does not depend on the order in which definitions are found.
    """

    def __init__(self, index: SchemaIndex) -> None:
        self._names = SchemaNames(index)
        self._keys: dict[object, str] = {}
        self._candidates: dict[str, Candidates] = {}

    def key(
        self, pointer: str, identity: object, *, alternatives: Sequence[str] = (), suffix: str = "", preferred: str = ""
    ) -> str:
        """Return the key of a definition.

        Args:
            pointer: Pointer to its schema.
            identity: Identity of the definition; the same identity always has the same key.
            alternatives: Pointers to the alternatives of unions that are merged into the schema.
            suffix: Suffix for the name of the schema.
            preferred: Name that is better than those of the schema; empty without one.
        """
        if identity not in self._keys:
            key = self._keys[identity] = f"{pointer} {len(self._keys):08}"
            candidates = self._names.merged(pointer, alternatives).candidates()
            names: list[str] = [pascal(preferred)] if preferred else []
            names += [f"{name}{suffix}" for name in candidates.names]
            self._candidates[key] = replace(candidates, names=tuple(dict.fromkeys(names)))
        return self._keys[identity]

    def best(self, key: str) -> str:
        """Return the best name for a definition, which another definition may get."""
        return self._candidates[key].names[0]

    def assign(
        self, types: Iterable[str], reserved: Mapping[str, Collection[str]], *, renamed: Collection[str] = ()
    ) -> Mapping[str, str]:
        """Return the names of all definitions, by key.

        Args:
            types: Keys of the definitions that are types.
            reserved: Names for other purposes, with the keys of the definitions that may have them.
            renamed: Keys of the types that are only other names, and leave a name to any other definition.
        """
        used = set(types)
        candidates = {
            key: replace(candidate, rank=candidate.rank - (key in renamed) if key in used else UNUSED)
            for key, candidate in self._candidates.items()
        }
        return assign(candidates, reserved)
