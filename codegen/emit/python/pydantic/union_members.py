"""Analysis of unions for Pydantic, to find the ones in which a value must select the member before its conversion."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .... import model
from ....identifiers import Name
from ..unions import members, struct_tag

__all__ = ["TaggedUnion", "UnionMembers"]

Container: TypeAlias = Literal["array", "object"]


@dataclass(frozen=True, kw_only=True)
class TaggedUnion:
    """Union of records that one property distinguishes, and of other types."""

    records: tuple[model.Type, ...]
    attribute: Name
    """Attribute of all records that contains the tag."""
    others: tuple[model.Type, ...]


class UnionMembers:
    """Members of the unions of an endpoint."""

    def __init__(
        self,
        definitions: Mapping[str, model.Definition],
        recursive: Set[str],
        attribute: Callable[[model.Record, str], Name],
    ) -> None:
        """Create an analysis.

        Args:
            definitions: Definitions of the endpoint, by name.
            recursive: Names of aliases that contain themselves.
            attribute: Function that returns the attribute for a property of a record.
        """
        self._definitions = definitions
        self._recursive = recursive
        self._attribute = attribute
        self._found: dict[str, frozenset[Container]] = {}

    def is_ambiguous(self, types: tuple[model.Type, ...]) -> bool:
        """Return True if several members take an object, or several take an array.

        Pydantic would convert such a value to each member in turn, at each level of nested values.
        """
        found = [container for type_ in types for container in self._containers(type_)]
        return len(set(found)) < len(found)

    def is_recursive(self, types: tuple[model.Type, ...]) -> bool:
        """Return True if a member contains an alias that contains itself."""
        return any(model.reachable_aliases(type_, self._definitions) & self._recursive for type_ in types)

    def tagged(self, types: tuple[model.Type, ...]) -> TaggedUnion | None:
        """Return the tagged records of a union; None if no single property distinguishes its members for objects."""
        atoms = tuple(atom for type_ in types for atom in self._atoms(type_))
        objects = tuple(atom for atom in atoms if "object" in self._containers(atom))
        others = tuple(atom for atom in atoms if atom not in objects)
        records = [self._definitions[atom.name] for atom in objects if isinstance(atom, model.Ref)]
        generated = [record for record in records if isinstance(record, model.Record) and record.stand_in is None]
        tags = [(record, tag) for record in generated if (tag := struct_tag(record))]
        attributes = {self._attribute(record, tag[0]) for record, tag in tags}
        if len({tag for _, tag in tags}) < len(objects) or len(attributes) != 1 or self.is_ambiguous(others):
            return None
        return TaggedUnion(records=objects, attribute=attributes.pop(), others=others)

    def pointer(self, type_: model.Type) -> str | None:
        """Return the JSON Pointer to the schema of a member; None for records and unions, whose classes contain it.

        A class of an application does not contain it.
        """
        definition = self._definitions[type_.name] if isinstance(type_, model.Ref) else None
        if isinstance(definition, model.Record) and definition.stand_in is not None:
            return definition.pointer
        alias = self._alias(type_)
        if alias is None or not self._containers(type_) or self._is_plain_union(alias):
            return None
        return alias.pointer

    def aliases(self, type_: model.Type) -> Iterator[model.Alias]:
        """Yield the aliases among the members of a type."""
        for member in members(type_):
            alias = self._alias(member)
            if alias is not None:
                yield alias

    def _atoms(self, type_: model.Type) -> Iterator[model.Type]:
        alias = self._alias(type_)
        if alias is not None and self._is_plain_union(alias):
            for member in members(alias.type):
                yield from self._atoms(member)
        else:
            yield type_

    def _alias(self, type_: model.Type) -> model.Alias | None:
        definition = self._definitions[type_.name] if isinstance(type_, model.Ref) else None
        return definition if isinstance(definition, model.Alias) else None

    def _is_plain_union(self, alias: model.Alias) -> bool:
        return isinstance(alias.type, model.Union) and alias.name not in self._recursive

    def _containers(self, type_: model.Type) -> frozenset[Container]:
        """Return the containers among the values of a type."""
        match type_:
            case model.Anything():
                return frozenset({"array", "object"})
            case model.Array() | model.Tuple():
                return frozenset({"array"})
            case model.Map():
                return frozenset({"object"})
            case model.Union(members=types):
                return frozenset().union(*map(self._containers, types))
            case model.Enumeration(values=values):
                containers = [value for value in values if isinstance(value, list | dict)]
                return frozenset("array" if isinstance(value, list) else "object" for value in containers)
            case model.Ref(name=name):
                definition = self._definitions[name]
                if isinstance(definition, model.Record):
                    return frozenset({"object"})
                if name not in self._found:
                    self._found[name] = frozenset()  # for aliases that contain themselves
                    self._found[name] = self._containers(definition.type)
                return self._found[name]
            case _:
                return frozenset()
