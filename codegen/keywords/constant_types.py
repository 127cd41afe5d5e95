"""Types of ``const`` and ``enum``: literals, or definitions with the values."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping

from msgspec.structs import replace

from .. import model
from .conjunction import Conjunction
from .definition_aliases import definition_alias
from .enum_values import class_values, enum_labels, titles, union_around
from .json_equality import common, has_type
from .merge import Merge, union_of
from .name_parts import is_definition
from .naming import DefinitionNames
from .repeated_enumerations import RepeatedEnumerations
from .schema_index import SchemaIndex, SchemaNode
from .wide_integers import has_wide_integer

__all__ = ["ConstantTypes"]


class ConstantTypes:
    """Types of the constants of an endpoint."""

    def __init__(
        self,
        index: SchemaIndex,
        names: DefinitionNames,
        definitions: MutableMapping[str, model.Definition | None],
        options: model.Options,
        reference: Callable[[SchemaNode], model.Type],
    ) -> None:
        """Start without types.

        Args:
            index: Index of the bundle.
            names: Names of the definitions.
            definitions: Definitions by name, to which enumerations are added.
            options: Options of the endpoint.
            reference: Function that returns the type of a definition.
        """
        self._index = index
        self._names = names
        self._definitions = definitions
        self._bigint = options.bigint
        self._enum_classes = options.enum_classes
        self._reference = reference
        self._repeated = RepeatedEnumerations(index)
        self.has_bigint = False
        """True if a constant is a ``bigint``."""

    def type(self, merge: Merge, conjunction: Conjunction) -> model.Type | None:
        """Return the type of the values that ``const`` and ``enum`` list; None without these keywords."""
        constants = [[value] for _, value in conjunction.occurrences("const")]
        values = common(constants + [listed for _, listed in conjunction.occurrences("enum")])
        if values is None:
            return None
        types = conjunction.types
        valid = [value for value in values if types is None or any(has_type(value, json_type) for json_type in types)]
        if not valid:
            return model.Nothing()
        bigint = self._bigint and has_wide_integer(valid)
        self.has_bigint |= bigint
        enumeration = model.Enumeration(values=tuple(valid), bigint=bigint)
        return enumeration if conjunction.has_keyword("const") else self._enumeration(merge, conjunction, enumeration)

    def union_type(
        self, merge: Merge, alternatives: tuple[SchemaNode, ...], members: list[model.Type]
    ) -> model.Type | None:
        """Return a reference to the class in Python for a union of constants; None for all other unions."""
        values = tuple(value for one in members if isinstance(one, model.Enumeration) for value in one.values)
        found = class_values(values) if self._enum_classes and len(values) == len(members) else ()
        if not found:
            return None
        type_ = model.Enumeration(values=values, bigint=self._bigint and has_wide_integer(list(values)))
        return self._enum_class(merge.owner, merge.key, type_, titles(alternatives, found))

    def _enumeration(self, merge: Merge, conjunction: Conjunction, type_: model.Enumeration) -> model.Type:
        """Return an enumeration, or a reference to it if it has a class in Python, or if other schemas state it."""
        listed = conjunction.occurrences("enum")
        if not listed:
            return type_
        (node, values), *others = listed
        is_whole = not others and len(values) == len(type_.values)
        first = self._repeated.first(node.pointer) if is_whole else None
        if first is not None and is_definition(first):
            return self._reference(self._index.node(first))
        name = "" if first is None else self._repeated.name(first)
        node = node if first is None else self._index.node(first)
        found = class_values(type_.values) if self._enum_classes else ()
        if found and (others or class_values(values) != found):
            return self._enum_class(merge.owner, merge.key, type_, enum_labels(node, found))
        if found:
            return self._enum_class(node, node, type_, enum_labels(node, found), preferred=name)
        if first is None:
            return type_
        key = self._names.key(first, ("enum", node), preferred=name)
        self._definitions.setdefault(key, model.Alias(name=key, type=type_, pointer=first))
        return model.Ref(name=key)

    def _enum_class(
        self,
        node: SchemaNode,
        identity: object,
        type_: model.Enumeration,
        labels: tuple[str, ...],
        *,
        preferred: str = "",
    ) -> model.Type:
        """Define the class of an enumeration, and return the type of its values, which may include null."""
        is_nullable, owner = None in type_.values, union_around(self._index, node)
        is_taken = owner or (is_nullable and is_definition(node.pointer))  # the name belongs to the union
        suffix = "Enum" if is_taken else ""
        key = ("enum", identity) if is_nullable else identity
        name = self._names.key(owner or node.pointer, key, suffix=suffix, preferred=preferred)
        enumeration = replace(type_, values=class_values(type_.values), is_class=True, labels=labels)
        self._definitions[name] = definition_alias(name, enumeration, node)
        null = [model.Enumeration(values=(None,))] if is_nullable else []
        return union_of([model.Ref(name=name), *null])
