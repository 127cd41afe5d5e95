"""Finds the tightest type that admits every value of a schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from .. import model
from . import properties
from .bounds import lengths, limits
from .closed_objects import sealed
from .conjunction import STRUCTURE, Conjunction, Union, peel, reduce, view
from .discriminators import tag
from .json_equality import common, is_of
from .naming import Naming
from .schema_index import Index, Node

__all__ = ["Types"]

SCALARS: dict[str, Literal["string", "integer", "number", "boolean", "null"]] = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}
MOST_MEMBERS = 100
"""A union that would have more members becomes a wider type."""
DEEPEST = 16
"""So many merges below each other, then a wider type."""
MOST_RECORDS = 5000
"""So many records in an endpoint, then unions that would need more become wider types."""


class Merge(NamedTuple):
    """Schemas that must all hold for one value; the last one is what it is called after."""

    nodes: tuple[Node, ...]
    done: frozenset[tuple[str, str]] = frozenset()
    """Unions of which an alternative is among the schemas."""
    part: str = ""
    """What distinguishes its name."""

    @property
    def key(self) -> object:
        """The same for the same record."""
        return self.nodes[0] if len(self.nodes) == 1 and not self.done and not self.part else self


class Types:
    """The types of an endpoint; remembers those that have names."""

    def __init__(self, index: Index, naming: Naming) -> None:
        self._index = index
        self._naming = naming
        self._definitions: dict[str, model.Definition | None] = {}
        """By name, in the order in which they were met; None while it is being made."""
        self._bodies: dict[Node, model.Type | None] = {}
        """Of the schemas that something refers to; None while it is being made."""
        self._depth = 0

    def of(self, *nodes: Node) -> model.Type:
        """Return the type of a value for which ``nodes`` must all hold."""
        needed = reduce(self._index, nodes)
        if not needed:
            return model.Anything()
        if len(needed) > 1:
            return self._merge(Merge(needed))
        target, referred = peel(self._index, needed[0])
        return self._referred(target) if referred else self._merge(Merge((target,)))

    def definitions(self) -> tuple[model.Definition, ...]:
        """Return every type that has a name."""
        return tuple(made for made in self._definitions.values() if made is not None)

    def _referred(self, node: Node) -> model.Type:
        if node in self._bodies:
            body = self._bodies[node]
            return model.Ref(name=self._alias(node)) if body is None or self._has_name(node, body) else body
        self._bodies[node] = None
        body = self._merge(Merge((node,)))
        self._bodies[node] = body
        if not self._has_name(node, body):
            return body
        name = self._alias(node)
        self._definitions[name] = model.Alias(
            name=name,
            type=body,
            description=node.keywords.get("description", ""),
            deprecated=node.keywords.get("deprecated") is True,
            pointer=node.pointer,
        )
        return model.Ref(name=name)

    def _alias(self, node: Node) -> str:
        name = self._naming.name(node.pointer, node)
        self._definitions.setdefault(name, None)
        return name

    def _has_name(self, node: Node, body: model.Type) -> bool:
        """Tell whether a schema that something refers to gets a name: if its author gave one, or if it is recursive."""
        if isinstance(body, model.Ref):
            return False
        named = node.pointer.split("/")[-2:-1] in (["$defs"], ["definitions"])
        return named or self._naming.name(node.pointer, node) in self._definitions

    # ---- one value of which several schemas speak

    def _merge(self, merge: Merge) -> model.Type:
        if self._depth > DEEPEST:
            return model.Anything()
        self._depth += 1
        try:
            seen = view(self._index, merge.nodes)
            if seen.never:
                return model.Nothing()
            unions = (union for union in seen.unions if union.key not in merge.done and self._helps(union, seen))
            union = next(unions, None)
            return self._plain(merge, seen) if union is None else self._union(merge, seen, union)
        finally:
            self._depth -= 1

    def _helps(self, union: Union, seen: Conjunction) -> bool:
        """Tell whether the alternatives say anything that types can express."""
        alternatives = self._index.children(union.node, union.keyword)
        if len(alternatives) > MOST_MEMBERS or len(self._definitions) > MOST_RECORDS:
            return False
        for alternative in alternatives:
            below = view(self._index, (alternative,))
            tells = seen.kinds is not None and below.states("properties", "oneOf", "anyOf")
            if not tells and not self._is_typed(below, DEEPEST):
                return False
        return True

    def _is_typed(self, seen: Conjunction, depth: int) -> bool:
        """Tell whether it is said of which type a value is."""
        if seen.kinds is not None or seen.never or seen.states("const", "enum"):
            return True
        return depth > 0 and any(
            all(
                self._is_typed(view(self._index, (node,)), depth - 1)
                for node in self._index.children(union.node, union.keyword)
            )
            for union in seen.unions
        )

    def _union(self, merge: Merge, seen: Conjunction, union: Union) -> model.Type:
        alternatives = self._index.children(union.node, union.keyword)
        found = tag(self._index, union.node, union.keyword)
        if found is not None:
            self._naming.call({node.pointer: value for node, value in zip(alternatives, found.values, strict=True)})
        alone = not any(node.keywords.keys() & STRUCTURE - union.keywords(node) for node in seen.nodes)
        found_members: list[model.Type] = []
        for alternative in alternatives:
            kinds = view(self._index, (alternative,)).kinds
            if alone and (seen.kinds is None or (kinds is not None and {*kinds} <= {*seen.kinds})):
                found_members.append(self.of(alternative))
            else:
                found_members.append(
                    self._merge(Merge((*merge.nodes, alternative), merge.done | {union.key}, merge.part))
                )
        return join(found_members)

    def _plain(self, merge: Merge, seen: Conjunction) -> model.Type:
        kinds = seen.kinds
        values = common([[value] for _, value in seen.each("const")] + [listed for _, listed in seen.each("enum")])
        if values is not None:
            admitted = [value for value in values if kinds is None or any(is_of(value, kind) for kind in kinds)]
            return model.Enumeration(values=tuple(admitted)) if admitted else model.Nothing()
        if kinds is None:
            return model.Anything()
        kinds = [kind for kind in dict.fromkeys(kinds) if not (kind == "integer" and "number" in kinds)]
        if len(kinds) > 1 and merge.key in self._bodies:  # the name is that of the union
            merge = merge._replace(part="Object")
        return join([self._kind(kind, merge, seen) for kind in kinds])

    def _kind(self, kind: str, merge: Merge, seen: Conjunction) -> model.Type:
        if kind == "array":
            return self._array(seen)
        if kind == "object":
            return self._object(merge, seen)
        return model.Scalar(kind=SCALARS[kind], limits=limits(seen, kind))

    def _array(self, seen: Conjunction) -> model.Type:
        bounds = lengths(seen, "minItems", "maxItems")
        prefix = max((len(value) for _, value in seen.each("prefixItems")), default=0)
        if not prefix:
            return model.Array(item=self.of(*properties.items(self._index, seen, None)), limits=bounds)
        items = [self.of(*properties.items(self._index, seen, at)) for at in range(prefix)]
        rest: model.Type | None = self.of(*properties.items(self._index, seen, None))
        if bounds.max_length is not None and bounds.max_length <= prefix:
            items, rest = items[: bounds.max_length], None
        if isinstance(rest, model.Nothing) or properties.has_no_more_items(seen):
            rest = None
        return model.Tuple(items=tuple(items), required=min(bounds.min_length or 0, len(items)), rest=rest)

    def _object(self, merge: Merge, seen: Conjunction) -> model.Type:
        names, required = properties.names(seen)
        closed, composed = properties.is_closed(seen), self._composed(merge, seen)
        if composed is not None:
            names, closed = list(dict.fromkeys([*names, *composed])), True
        if not names and not closed:
            return self._map(seen)
        home = merge.nodes[-1]
        name = self._naming.name(home.pointer, merge.key, merge.part)
        if name in self._definitions:
            return model.Ref(name=name)
        self._definitions[name] = None
        fields = [self._field(seen, one, (composed or {}).get(one, ()), required=one in required) for one in names]
        self._definitions[name] = model.Record(
            name=name,
            fields=tuple(field for field in fields if field.required or not isinstance(field.type, model.Nothing)),
            closed=closed,
            rest=None if closed else self._rest(seen),
            description=home.keywords.get("description", ""),
            deprecated=home.keywords.get("deprecated") is True,
            pointer=home.pointer,
        )
        return model.Ref(name=name)

    def _composed(self, merge: Merge, seen: Conjunction) -> Mapping[str, tuple[Node, ...]] | None:
        """Return what alternatives say of the properties that only they state; None if there may be other ones."""
        return None if properties.is_closed(seen) else sealed(self._index, seen, merge.done)

    def _field(self, seen: Conjunction, name: str, composed: tuple[Node, ...], *, required: bool) -> model.Field:
        """Return a property; of the schemas in ``composed`` at least one holds if nothing else is said of it."""
        said = properties.property_schemas(self._index, seen, name)
        stated = [node.keywords for node in reversed(said.own)]
        described = [*stated, *(node.keywords for node in composed)]
        alone = bool(composed) and not said.own
        return model.Field(
            name=name,
            type=join([self.of(node) for node in composed]) if alone else self.of(*said.own, *said.others),
            required=required,
            default=next((keywords["default"] for keywords in stated if "default" in keywords), model.NO_DEFAULT),
            description=next((keywords["description"] for keywords in described if "description" in keywords), ""),
            deprecated=any(keywords.get("deprecated") is True for keywords in stated),
        )

    def _rest(self, seen: Conjunction) -> model.Type | None:
        """Return the type of properties that are not known by name, if anything is said about them."""
        for alternatives in properties.rest_schemas(self._index, seen):
            type_ = join([self.of(node) for node in alternatives])
            if not isinstance(type_, (model.Anything, model.Nothing)):
                return type_
        return None

    def _map(self, seen: Conjunction) -> model.Type:
        names = [self._index.child(node, "propertyNames") for node, _ in seen.each("propertyNames")]
        key = limits(view(self._index, tuple(names)), "string")
        for node, patterns in seen.each("patternProperties"):
            if not names and len(patterns) == 1 and node.keywords.get("additionalProperties") is False:
                key = model.Limits(pattern=next(iter(patterns)))
        return model.Map(
            key=model.Scalar(kind="string", limits=key),
            value=self._rest(seen) or model.Anything(),
            limits=lengths(seen, "minProperties", "maxProperties"),
        )


def join(types: list[model.Type]) -> model.Type:
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
