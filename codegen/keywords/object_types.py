"""Types of objects: records with fields, and maps."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from itertools import product
from math import prod
from typing import Protocol

from msgspec.structs import replace

from .. import model
from . import properties
from .closed_objects import closed_properties
from .conjunction import Conjunction, conjoin
from .kept_properties import is_stated_open, judged_presence, judges_properties
from .merge import Merge
from .name_parts import is_definition
from .naming import DefinitionNames
from .outside_judgments import judged_from_outside
from .schema_constraints import constraints, length_constraints
from .schema_index import SchemaIndex, SchemaNode

__all__ = ["ObjectTypes"]

MAX_ALTERNATIVES = 100
"""Maximum number of alternatives of the type of undeclared properties; more become any type."""
MAX_BASES = 8
"""Maximum number of records between a record and one that it extends; each record repeats all fields of the others."""


class Inference(Protocol):
    """Inference of the types of properties."""

    def infer(self, *nodes: SchemaNode) -> model.Type:
        """Return the type of a value to which all ``nodes`` apply."""

    def define(self, node: SchemaNode) -> None:
        """Add the definition of a schema, even if no other refers to it."""

    def union(self, types: list[model.Type]) -> model.Type:
        """Return the union of types."""

    def add_overlap(self, types: list[model.Type]) -> None:
        """Record that several of ``types`` may accept the same value."""


class ObjectTypes:
    """Types of the objects of an endpoint."""

    def __init__(
        self,
        inference: Inference,
        index: SchemaIndex,
        names: DefinitionNames,
        definitions: MutableMapping[str, model.Definition | None],
        options: model.Options,
    ) -> None:
        """Start without types.

        Args:
            inference: Inference of the types of properties.
            index: Index of the bundle.
            names: Names of the definitions.
            definitions: Definitions by name, to which records are added; None while one is incomplete.
            options: Options of the endpoint.
        """
        self._inference = inference
        self._index = index
        self._names = names
        self._definitions = definitions
        self._python_models = options.python_models
        self._keeps_unknown = options.unknown != "ignore"
        self._judged_from_outside = judged_from_outside(index)
        self.schemas_of_defaults: dict[tuple[str, str], tuple[SchemaNode, ...]] = {}
        """Schemas of each field with a default, by the names of record and field."""
        self._base_depth = 0

    def type(self, merge: Merge, conjunction: Conjunction) -> model.Type:
        """Return the type of the objects to which the schemas of ``merge`` apply: a record or a map."""
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
        is_open = not closed and (self._keeps_unknown or is_stated_open(conjunction))
        rest = self._rest(conjunction) or model.Anything() if is_open else None
        keeps = not closed and (is_judged or judges_properties(self._index, conjunction, names, merge.chosen))
        self._definitions[name] = model.Record(
            name=name,
            fields=tuple(field for field in fields if field.required or not isinstance(field.type, model.Nothing)),
            closed=closed,
            rest=rest,
            keeps=keeps or rest is not None,
            description=last.keywords.get("description", ""),
            deprecated=last.keywords.get("deprecated") is True,
            pointer=last.pointer,
            stand_in=self._stand_in(merge),
        )
        return model.Ref(name=name)

    def lacks_class(self, node: SchemaNode, type_: model.Type) -> bool:
        """Return True if a schema names a class, but its type is not a record of its own."""
        if self._named_class(node) is None:
            return False
        definition = self._definitions[type_.name] if isinstance(type_, model.Ref) else None
        return not (isinstance(definition, model.Record) and definition.pointer == node.pointer)

    def _stand_in(self, merge: Merge) -> model.StandIn | None:
        """Return the class that a schema names, unless the record has parts of other schemas."""
        return self._named_class(merge.nodes[0]) if merge.key is merge.nodes[0] else None

    def _named_class(self, node: SchemaNode) -> model.StandIn | None:
        """Return the class that a schema names, if the settings list its module."""
        stand_in = model.StandIn.parse(node.keywords.get("x-python"), node.keywords.get("examples"))
        return stand_in if stand_in is not None and stand_in.module in self._python_models else None

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
                self._inference.define(base)
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
            type=self._inference.union([self._inference.infer(node) for node in alternatives])
            if alone
            else self._inference.infer(*schemas.own, *schemas.additional),
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
        members = [self._inference.infer(*(node for node in nodes if node is not None)) for nodes in product(*schemas)]
        type_ = self._inference.union(members)
        if isinstance(type_, (model.Anything, model.Nothing)):
            return None
        self._inference.add_overlap(members)
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
        key = values = self._inference.infer(*names)
        while isinstance(values, model.Ref) and isinstance(alias := self._definitions.get(values.name), model.Alias):
            values = alias.type
        if not isinstance(values, model.Enumeration):
            return None
        strings = tuple(value for value in values.values if isinstance(value, str))
        if isinstance(key, model.Ref) and strings == values.values:
            return key
        return model.Enumeration(values=strings) if strings else None
