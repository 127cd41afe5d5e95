"""Types of schemas: the narrowest type in the model that accepts all valid values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from itertools import product
from math import prod
from typing import Literal, NamedTuple

from .. import model
from . import properties
from .closed_objects import closed_properties
from .conjunction import STRUCTURAL, Conjunction, SchemaUnion, conjoin, dereference, without_redundant
from .enum_values import class_values, enum_labels, titles, union_around
from .json_equality import common, has_type
from .kept_properties import is_stated_open, judged_presence, judges_properties
from .name_parts import is_definition
from .naming import DefinitionNames
from .outside_judgments import judged_from_outside
from .overlapping_records import with_kept_overlaps
from .renamed_definitions import RenamedDefinitions
from .repeated_enumerations import RepeatedEnumerations
from .schema_constraints import constraints, length_constraints
from .schema_index import SchemaIndex, SchemaNode
from .union_tags import declared_tag
from .unique_items import with_distinct_items
from .wide_integers import has_wide_integer, is_wide

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
MAX_BASES = 8
"""Maximum number of records between a record and one that it extends; each record repeats all fields of the others."""
MAX_DEPTH = 16
"""Limit for nested merges; values that are nested deeper have any type."""
MAX_EXPANDED = 1000
"""Maximum number of alternatives that are merged with the schemas around their union, in one schema with a name.

More unions become wider types, since a value with n unions has as many combinations as the product of their sizes.
"""


class Merge(NamedTuple):
    """Schemas that all apply to one value; the last ones are the alternatives of the chosen unions."""

    nodes: tuple[SchemaNode, ...]
    chosen: frozenset[tuple[str, str]] = frozenset()
    """Unions that are represented by one of their alternatives."""
    suffix: str = ""
    """Suffix of the name."""

    @property
    def alternatives(self) -> tuple[SchemaNode, ...]:
        """Alternatives that represent the chosen unions."""
        return self.nodes[len(self.nodes) - len(self.chosen) :]

    @property
    def owner(self) -> SchemaNode:
        """Schema that determines the name of the type, with the alternatives."""
        return self.nodes[-1 - len(self.chosen)]

    @property
    def key(self) -> object:
        """Identity of the definition that the merge becomes."""
        return self.nodes[0] if len(self.nodes) == 1 and not self.chosen and not self.suffix else self


class TypeInference:
    """Inference of the types of an endpoint."""

    def __init__(self, index: SchemaIndex, names: DefinitionNames, options: model.Options) -> None:
        """Start without types.

        Args:
            index: Index of the bundle.
            names: Names of the definitions.
            options: Options of the endpoint.
        """
        self._python_models = options.python_models
        self.without_class: list[SchemaNode] = []
        """Schemas that name a class, but do not become a record of their own."""
        self._keeps_unknown = options.unknown != "ignore"
        self._bigint = options.bigint
        self._enum_classes = options.enum_classes
        self.has_bigint = False
        """True if a type contains ``bigint``."""
        self._index = index
        self._judged_from_outside = judged_from_outside(index)
        self._names = names
        self._definitions: dict[str, model.Definition | None] = {}
        """Definitions by name, in the order of their first use; None while one is incomplete."""
        self._referenced: dict[SchemaNode, model.Type | None] = {}
        """Types of the schemas with references to them; None while one is incomplete."""
        self._repeated = RepeatedEnumerations(index)
        self._renamed = RenamedDefinitions(names, self._definitions)
        self.schemas_of_defaults: dict[tuple[str, str], tuple[SchemaNode, ...]] = {}
        """Schemas of each field with a default, by the names of record and field."""
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
        self._base_depth = 0
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
        """Add the definition of a schema that restricts the type of a value, even if no other refers to it."""
        if self._is_typed(node):
            target, referenced = dereference(self._index, node)
            self._named((node, *referenced), target)

    def definitions(self) -> tuple[model.Definition, ...]:
        """Return all types with names."""
        definitions = (definition for definition in self._definitions.values() if definition is not None)
        kept = with_kept_overlaps(definitions, self._overlapping, self._exclusive)
        return with_distinct_items(kept, self._unique)

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
        if self._named_class(node) is not None and not self._is_own_record(node, type_):
            self.without_class.append(node)
        if not self._has_name(node, type_):
            if isinstance(type_, model.Ref):
                type_ = self._referenced[node] = self._renamed.add([node], type_)
            return type_
        name = self._alias(node)
        self._definitions[name] = model.Alias(
            name=name,
            type=type_,
            description=node.keywords.get("description", ""),
            deprecated=node.keywords.get("deprecated") is True,
            pointer=node.pointer,
        )
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

    def _union_of(self, types: list[model.Type]) -> model.Type:
        """Return the union of types; two names of one definition are one member."""
        return union_of([*map(self._renamed.target, types)]) if len(types) > 1 else union_of(types)

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
        constants = self._constants(merge, alternatives, members)
        if constants is not None:
            return constants
        if declared_tag(union.node, union.keyword) is None:
            (self._overlapping if union.keyword == "anyOf" else self._exclusive).append(members)
        return self._union_of(members)

    def _plain(self, merge: Merge, conjunction: Conjunction) -> model.Type:
        types = conjunction.types
        constants = [[value] for _, value in conjunction.occurrences("const")]
        values = common(constants + [listed for _, listed in conjunction.occurrences("enum")])
        if values is not None:
            valid = [
                value for value in values if types is None or any(has_type(value, json_type) for json_type in types)
            ]
            if not valid:
                return model.Nothing()
            bigint = self._bigint and has_wide_integer(valid)
            self.has_bigint |= bigint
            enumeration = model.Enumeration(values=tuple(valid), bigint=bigint)
            return (
                enumeration if conjunction.has_keyword("const") else self._enumeration(merge, conjunction, enumeration)
            )
        if types is None:
            return model.Anything()
        types = [json_type for json_type in dict.fromkeys(types) if not (json_type == "integer" and "number" in types)]
        if len(types) > 1 and merge.key in self._referenced:  # the name belongs to the union
            merge = merge._replace(suffix="Object")
        return union_of([self._of_type(json_type, merge, conjunction) for json_type in types])

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

    def _constants(
        self, merge: Merge, alternatives: tuple[SchemaNode, ...], members: list[model.Type]
    ) -> model.Type | None:
        """Return a reference to the class in Python for a union of constants; None for all other unions."""
        values = tuple(value for one in members if isinstance(one, model.Enumeration) for value in one.values)
        found = class_values(values) if self._enum_classes and len(values) == len(members) else ()
        if not found:
            return None
        type_ = model.Enumeration(values=values, bigint=self._bigint and has_wide_integer(list(values)))
        return self._enum_class(merge.owner, merge.key, type_, titles(alternatives, found))

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
        self._definitions[name] = model.Alias(
            name=name,
            type=replace(type_, values=class_values(type_.values), is_class=True, labels=labels),
            description=node.keywords.get("description", ""),
            deprecated=node.keywords.get("deprecated") is True,
            pointer=node.pointer,
        )
        null = [model.Enumeration(values=(None,))] if is_nullable else []
        return union_of([model.Ref(name=name), *null])

    def _of_type(self, json_type: str, merge: Merge, conjunction: Conjunction) -> model.Type:
        if json_type == "array":
            return self._array(conjunction)
        if json_type == "object":
            return self._object(merge, conjunction)
        limits = constraints(conjunction, json_type)
        bigint = self._bigint and json_type == "integer" and is_wide(conjunction, limits)
        self.has_bigint |= bigint
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

    def _object(self, merge: Merge, conjunction: Conjunction) -> model.Type:
        names, required = properties.names(conjunction)
        closed, alternatives = properties.is_closed(conjunction), self._alternative_properties(merge, conjunction)
        if alternatives is not None:
            names, closed = list(dict.fromkeys([*names, *alternatives])), True
        if not names and not closed:
            return self._map(conjunction)
        last = merge.nodes[-1]
        alternatives_of_unions = [node.pointer for node in merge.alternatives]
        name = self._names.key(merge.owner.pointer, merge.key, alternatives=alternatives_of_unions, suffix=merge.suffix)
        if name in self._definitions:
            return model.Ref(name=name)
        self._definitions[name] = None
        if self._base_depth < MAX_BASES:
            for node in merge.nodes:
                self._define_bases(node)
        depth, self._base_depth = self._base_depth, 0
        fields = [
            self._field(
                name, conjunction, property_, (alternatives or {}).get(property_, ()), required=property_ in required
            )
            for property_ in names
        ]
        self._base_depth = depth
        is_judged = any(node.pointer in self._judged_from_outside for node in conjunction.nodes)
        judged = {*names} if is_judged else judged_presence(self._index, conjunction, names, merge.chosen)
        fields = [replace(one, default=model.NO_DEFAULT) if one.name in judged else one for one in fields]
        rest = self._rest(conjunction) or model.Anything() if not closed and is_stated_open(conjunction) else None
        keeps = not closed and (is_judged or judges_properties(self._index, conjunction, names, merge.chosen))
        self._definitions[name] = model.Record(
            name=name,
            fields=tuple(field for field in fields if field.required or not isinstance(field.type, model.Nothing)),
            closed=closed,
            rest=rest,
            keeps=keeps or rest is not None or (self._keeps_unknown and not closed),
            description=last.keywords.get("description", ""),
            deprecated=last.keywords.get("deprecated") is True,
            pointer=last.pointer,
            stand_in=self._stand_in(merge),
        )
        return model.Ref(name=name)

    def _stand_in(self, merge: Merge) -> model.StandIn | None:
        """Return the class that a schema names, unless the record has parts of other schemas."""
        return self._named_class(merge.nodes[0]) if merge.key is merge.nodes[0] else None

    def _named_class(self, node: SchemaNode) -> model.StandIn | None:
        """Return the class that a schema names, if the settings list its module."""
        stand_in = model.StandIn.parse(node.keywords.get("x-python"), node.keywords.get("examples"))
        return stand_in if stand_in is not None and stand_in.module in self._python_models else None

    def _is_own_record(self, node: SchemaNode, type_: model.Type) -> bool:
        definition = self._definitions[type_.name] if isinstance(type_, model.Ref) else None
        return isinstance(definition, model.Record) and definition.pointer == node.pointer

    def _define_bases(self, node: SchemaNode) -> None:
        """Add the definitions of the records that a schema extends; the record of the schema repeats their fields."""
        self._base_depth += 1
        for child in (node, *self._index.children(node, "allOf")):
            if "$ref" not in child.keywords:
                continue
            base = self._index.follow(child, "$ref")
            conjunction = conjoin(self._index, (base,))
            is_object = conjunction.types == ["object"] and conjunction.has_keyword("properties")
            if is_object and is_definition(base.pointer):
                self.define(base)
        self._base_depth -= 1

    def _alternative_properties(
        self, merge: Merge, conjunction: Conjunction
    ) -> Mapping[str, tuple[SchemaNode, ...]] | None:
        """Return the properties that only alternatives declare; None if there may be others."""
        return None if properties.is_closed(conjunction) else closed_properties(self._index, conjunction, merge.chosen)

    def _field(
        self, record: str, conjunction: Conjunction, name: str, alternatives: tuple[SchemaNode, ...], *, required: bool
    ) -> model.Field:
        """Return a property of a record; at least one of ``alternatives`` applies to it if no other schema does."""
        schemas = properties.property_schemas(self._index, conjunction, name)
        declared = [node.keywords for node in reversed(schemas.own)]
        described = [*declared, *(node.keywords for node in alternatives)]
        default = next((keywords["default"] for keywords in declared if "default" in keywords), model.NO_DEFAULT)
        if default is not model.NO_DEFAULT:
            self.schemas_of_defaults[record, name] = (*schemas.own, *schemas.additional)
        alone = bool(alternatives) and not schemas.own
        return model.Field(
            name=name,
            type=self._union_of([self.infer(node) for node in alternatives])
            if alone
            else self.infer(*schemas.own, *schemas.additional),
            required=required,
            default=default,
            description=next((keywords["description"] for keywords in described if "description" in keywords), ""),
            deprecated=any(keywords.get("deprecated") is True for keywords in declared),
        )

    def _rest(self, conjunction: Conjunction) -> model.Type | None:
        """Return the type of properties with unknown names, if the schemas restrict it."""
        schemas = properties.rest_schemas(self._index, conjunction)
        if all(None in nodes for nodes in schemas) or prod(map(len, schemas)) > MAX_ALTERNATIVES:
            return None
        members = [self.infer(*(node for node in nodes if node is not None)) for nodes in product(*schemas)]
        type_ = self._union_of(members)
        if isinstance(type_, (model.Anything, model.Nothing)):
            return None
        self._overlapping.append(members)
        return type_

    def _map(self, conjunction: Conjunction) -> model.Type:
        names = tuple(self._index.child(node, "propertyNames") for node, _ in conjunction.occurrences("propertyNames"))
        key = constraints(conjoin(self._index, names), "string")
        for node, patterns in conjunction.occurrences("patternProperties"):
            if not names and len(patterns) == 1 and node.keywords.get("additionalProperties") is False:
                key = model.Constraints(pattern=next(iter(patterns)))
        return model.Map(
            key=self._enumerated_names(names) or model.Scalar(type="string", constraints=key),
            value=self._rest(conjunction) or model.Anything(),
            constraints=length_constraints(conjunction, "minProperties", "maxProperties"),
        )

    def _enumerated_names(self, names: tuple[SchemaNode, ...]) -> model.Enumeration | model.Ref | None:
        """Return the type of the names of properties if it is an enumeration of strings."""
        key = values = self.infer(*names)
        while isinstance(values, model.Ref) and isinstance(alias := self._definitions.get(values.name), model.Alias):
            values = alias.type
        if not isinstance(values, model.Enumeration):
            return None
        strings = tuple(value for value in values.values if isinstance(value, str))
        if isinstance(key, model.Ref) and strings == values.values:
            return key
        return model.Enumeration(values=strings) if strings else None


def union_of(types: list[model.Type]) -> model.Type:
    """Return the union of ``types``."""
    flat: list[model.Type] = []
    for type_ in types:
        for member in type_.members if isinstance(type_, model.Union) else (type_,):
            if isinstance(member, model.Anything):
                return member
            if not isinstance(member, model.Nothing) and member not in flat:
                flat.append(member)
    if not flat:
        return model.Nothing()
    return flat[0] if len(flat) == 1 else model.Union(members=tuple(flat))
