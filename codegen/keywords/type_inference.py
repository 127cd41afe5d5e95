"""Types of schemas: the narrowest type in the model that accepts all valid values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Literal

from .. import model
from . import properties
from .conjunction import STRUCTURAL, Conjunction, SchemaUnion, conjoin, dereference, without_redundant
from .constant_types import ConstantTypes
from .definition_aliases import definition_alias
from .merge import Merge, union_of
from .name_parts import is_definition
from .naming import DefinitionNames
from .object_types import ObjectTypes
from .overlapping_records import with_kept_overlaps
from .renamed_definitions import RenamedDefinitions
from .schema_constraints import constraints, length_constraints
from .schema_index import SchemaIndex, SchemaNode
from .union_tags import declared_tag
from .unique_items import with_distinct_items
from .wide_integers import is_wide

__all__ = ["TypeInference"]

SCALARS: dict[str, Literal["string", "integer", "number", "boolean", "null"]] = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}
MAX_ALTERNATIVES = 100
"""Maximum number of alternatives of a union; a union with more alternatives becomes a wider type."""
MAX_DEPTH = 16
"""Limit for nested merges; values that are nested deeper have any type."""
MAX_EXPANDED = 1000
"""Maximum number of alternatives that are merged with the schemas around their union, in one schema with a name.

More unions become wider types, since a value with n unions has as many combinations as the product of their sizes.
"""


class TypeInference:
    """Inference of the types of an endpoint."""

    def __init__(self, index: SchemaIndex, names: DefinitionNames, options: model.Options) -> None:
        """Start without types.

        Args:
            index: Index of the bundle.
            names: Names of the definitions.
            options: Options of the endpoint.
        """
        self.without_class: list[SchemaNode] = []
        """Schemas that name a class, but do not become a record of their own."""
        self._bigint = options.bigint
        self._has_wide_integers = False
        """True if an integer without a list of values is a ``bigint``."""
        self._index = index
        self._names = names
        self._definitions: dict[str, model.Definition | None] = {}
        """Definitions by name, in the order of their first use; None while one is incomplete."""
        self._referenced: dict[SchemaNode, model.Type | None] = {}
        """Types of the schemas with references to them; None while one is incomplete."""
        self._constants = ConstantTypes(index, names, self._definitions, options, self._reference)
        self._objects = ObjectTypes(self, index, names, self._definitions, options)
        self._renamed = RenamedDefinitions(names, self._definitions)
        self._overlapping: list[list[model.Type]] = []
        """Alternatives of each ``anyOf`` that may accept the same value."""
        self._exclusive: list[list[model.Type]] = []
        """Alternatives of each ``oneOf`` without a declared tag."""
        self._unique: list[model.Type] = []
        """Types of the arrays with ``uniqueItems``."""
        self._aliases: dict[SchemaNode, str] = {}
        """Names of the schemas that need one."""
        self._typed: dict[SchemaNode, bool] = {}
        """Known results of :meth:`_is_typed`."""
        self._depth = 0
        self._expanded = 0
        """Number of alternatives merged so far with the schemas around their union, in one schema with a name."""

    def infer(self, *nodes: SchemaNode) -> model.Type:
        """Return the type of a value to which all ``nodes`` apply."""
        needed = without_redundant(self._index, nodes)
        if not needed:
            return model.Anything()
        if len(needed) > 1:
            return self._merge(Merge(needed))
        target, referenced = dereference(self._index, needed[0])
        if not referenced:
            return self._merge(Merge((target,)))
        return self._named(referenced, target)

    def define(self, node: SchemaNode) -> None:
        """Add the definition of a schema that restricts the type of a value, even if no other refers to it.

        Its unions, which no payload contains, change no record that payloads contain.
        """
        if self._is_typed(node):
            target, referenced = dereference(self._index, node)
            known = len(self._overlapping), len(self._exclusive)
            self._named((node, *referenced), target)
            del self._overlapping[known[0] :], self._exclusive[known[1] :]

    def union(self, types: list[model.Type]) -> model.Type:
        """Return the union of types; two names of one definition are one member."""
        return union_of([*map(self._renamed.target, types)]) if len(types) > 1 else union_of(types)

    def add_overlap(self, types: list[model.Type]) -> None:
        """Record that several of ``types`` may accept the same value."""
        self._overlapping.append(types)

    def definitions(self) -> tuple[model.Definition, ...]:
        """Return all types with names."""
        definitions = (definition for definition in self._definitions.values() if definition is not None)
        kept = with_kept_overlaps(definitions, self._overlapping, self._exclusive)
        return with_distinct_items(kept, self._unique)

    @property
    def names(self) -> frozenset[str]:
        """Names of all types so far."""
        return frozenset(definition.name for definition in self._definitions.values() if definition is not None)

    @property
    def has_bigint(self) -> bool:
        """True if a type contains ``bigint``."""
        return self._has_wide_integers or self._constants.has_bigint

    @property
    def schemas_of_defaults(self) -> Mapping[tuple[str, str], tuple[SchemaNode, ...]]:
        """Schemas of each field with a default, by the names of record and field."""
        return self._objects.schemas_of_defaults

    @property
    def renamed(self) -> Set[str]:
        """Names of the aliases for definitions that only refer to others."""
        return self._renamed.keys

    def _named(self, referenced: Iterable[SchemaNode], target: SchemaNode) -> model.Type:
        """Return the type of a reference that leads to ``target`` through other references."""
        return self._renamed.add([node for node in referenced if node != target], self._reference(target))

    def _reference(self, node: SchemaNode) -> model.Type:
        if node in self._referenced:
            type_ = self._referenced[node]
            return model.Ref(name=self._alias(node)) if type_ is None or self._has_name(node, type_) else type_
        self._referenced[node] = None
        around = self._depth, self._expanded
        self._depth = self._expanded = 0  # each schema with a name is inferred once
        type_ = self._merge(Merge((node,)))
        self._depth, self._expanded = around
        self._referenced[node] = type_
        if self._objects.lacks_class(node, type_):
            self.without_class.append(node)
        if not self._has_name(node, type_):
            if isinstance(type_, model.Ref):
                type_ = self._referenced[node] = self._renamed.add([node], type_)
            return type_
        name = self._alias(node)
        self._definitions[name] = definition_alias(name, type_, node)
        return model.Ref(name=name)

    def _alias(self, node: SchemaNode) -> str:
        name = self._aliases[node] = self._names.key(node.pointer, node)
        self._definitions.setdefault(name, None)
        return name

    def _has_name(self, node: SchemaNode, type_: model.Type) -> bool:
        """Return True if the type of a schema becomes a definition: the schema has a name, or it is recursive."""
        if isinstance(type_, model.Ref):  # needs no other name, unless a recursive reference already has it
            return type_.name != self._aliases.get(node, type_.name)
        return is_definition(node.pointer) or self._names.key(node.pointer, node) in self._definitions

    # ---- several schemas for one value

    def _merge(self, merge: Merge) -> model.Type:
        if self._depth > MAX_DEPTH:
            return model.Anything()
        self._depth += 1
        try:
            conjunction = conjoin(self._index, merge.nodes)
            if conjunction.rejects_all:
                return model.Nothing()
            unions = (
                union
                for union in conjunction.unions
                if union.key not in merge.chosen and self._narrows(union, conjunction)
            )
            union = next(unions, None)
            return self._plain(merge, conjunction) if union is None else self._union(merge, conjunction, union)
        finally:
            self._depth -= 1

    def _narrows(self, union: SchemaUnion, conjunction: Conjunction) -> bool:
        """Return True if types can express the alternatives."""
        alternatives = self._index.children(union.node, union.keyword)
        if len(alternatives) > MAX_ALTERNATIVES or self._expanded > MAX_EXPANDED:
            return False
        for alternative in alternatives:
            refinement = conjoin(self._index, (alternative,))
            refines = conjunction.types is not None and refinement.has_keyword("properties", "oneOf", "anyOf")
            if not refines and not self._is_typed(alternative):
                return False
        return True

    def _is_typed(self, node: SchemaNode) -> bool:
        """Return True if a schema restricts the JSON type of a value."""
        if node not in self._typed:
            self._typed[node] = False  # the result for a schema that refers to itself
            conjunction = conjoin(self._index, (node,))
            self._typed[node] = (
                conjunction.types is not None
                or conjunction.rejects_all
                or conjunction.has_keyword("const", "enum")
                or any(
                    all(map(self._is_typed, self._index.children(union.node, union.keyword)))
                    for union in conjunction.unions
                )
            )
        return self._typed[node]

    def _union(self, merge: Merge, conjunction: Conjunction, union: SchemaUnion) -> model.Type:
        alternatives = self._index.children(union.node, union.keyword)
        alone = not any(node.keywords.keys() & STRUCTURAL - union.keywords(node) for node in conjunction.nodes)
        members: list[model.Type] = []
        for alternative in alternatives:
            types = conjoin(self._index, (alternative,)).types
            if alone and (conjunction.types is None or (types is not None and {*types} <= {*conjunction.types})):
                members.append(self.infer(alternative))
            else:
                self._expanded += 1
                members.append(
                    self._merge(Merge((*merge.nodes, alternative), merge.chosen | {union.key}, merge.suffix))
                )
        constants = self._constants.union_type(merge, alternatives, members)
        if constants is not None:
            return constants
        if declared_tag(union.node, union.keyword) is None:
            (self._overlapping if union.keyword == "anyOf" else self._exclusive).append(members)
        return self.union(members)

    def _plain(self, merge: Merge, conjunction: Conjunction) -> model.Type:
        types = conjunction.types
        constants = self._constants.type(merge, conjunction)
        if constants is not None:
            return constants
        if types is None:
            return model.Anything()
        types = [json_type for json_type in dict.fromkeys(types) if not (json_type == "integer" and "number" in types)]
        if len(types) > 1 and merge.key in self._referenced:  # the name belongs to the union
            merge = merge._replace(suffix="Object")
        return union_of([self._of_type(json_type, merge, conjunction) for json_type in types])

    def _of_type(self, json_type: str, merge: Merge, conjunction: Conjunction) -> model.Type:
        if json_type == "array":
            return self._array(conjunction)
        if json_type == "object":
            return self._objects.type(merge, conjunction)
        limits = constraints(conjunction, json_type)
        bigint = self._bigint and json_type == "integer" and is_wide(conjunction, limits)
        self._has_wide_integers |= bigint
        return model.Scalar(type=SCALARS[json_type], constraints=limits, bigint=bigint)

    def _array(self, conjunction: Conjunction) -> model.Type:
        type_ = self._items(conjunction)
        if any(value is True for _, value in conjunction.occurrences("uniqueItems")):
            self._unique.append(type_)
        return type_

    def _items(self, conjunction: Conjunction) -> model.Type:
        lengths = length_constraints(conjunction, "minItems", "maxItems")
        prefix = max((len(value) for _, value in conjunction.occurrences("prefixItems")), default=0)
        if not prefix:
            return model.Array(item=self.infer(*properties.items(self._index, conjunction, None)), constraints=lengths)
        items = [self.infer(*properties.items(self._index, conjunction, position)) for position in range(prefix)]
        rest: model.Type | None = self.infer(*properties.items(self._index, conjunction, None))
        if lengths.max_length is not None and lengths.max_length <= prefix:
            items, rest = items[: lengths.max_length], None
        if isinstance(rest, model.Nothing) or properties.has_no_more_items(conjunction):
            rest = None
        return model.Tuple(items=tuple(items), required=min(lengths.min_length or 0, len(items)), rest=rest)
