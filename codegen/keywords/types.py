"""Finds the tightest type that admits every value of a schema."""

from __future__ import annotations

from typing import Literal, TypeAlias

from .. import model
from ..document import Json
from .index import Index, Node
from .limits import lengths, limits
from .naming import Naming
from .values import equal, is_of
from .views import Union, View, peel, view

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

Merge: TypeAlias = tuple[tuple[Node, ...], frozenset[tuple[str, str]]]
"""Schemas that must all hold, and those of their unions of which an alternative is among them."""


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

    def of(self, node: Node) -> model.Type:
        """Return the type of a schema."""
        target, referred = peel(self._index, node)
        return self._referred(target) if referred else self._merge(((target,), frozenset()))

    def definitions(self) -> tuple[model.Definition, ...]:
        """Return every type that has a name."""
        return tuple(made for made in self._definitions.values() if made is not None)

    def _referred(self, node: Node) -> model.Type:
        if node in self._bodies:
            body = self._bodies[node]
            return model.Ref(name=self._alias(node)) if body is None or self._has_name(node, body) else body
        self._bodies[node] = None
        place = len(self._definitions)
        body = self._merge(((node,), frozenset()))
        self._bodies[node] = body
        if not self._has_name(node, body):
            return body
        name = self._alias(node)
        definition = model.Alias(name=name, type=body, pointer=node.pointer, **_described(node))
        self._definitions.pop(name, None)
        # before what it is made of
        items = list(self._definitions.items())
        self._definitions = dict([*items[:place], (name, definition), *items[place:]])
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

    def _merge(self, merge: Merge, hint: str = "") -> model.Type:
        if self._depth > DEEPEST:
            return model.Anything()
        self._depth += 1
        try:
            nodes, done = merge
            seen = view(self._index, nodes)
            if seen.never:
                return model.Nothing()
            union = next((union for union in seen.unions if union.key not in done and self._helps(union, seen)), None)
            return self._plain(merge, seen, hint) if union is None else self._union(merge, seen, union, hint)
        finally:
            self._depth -= 1

    def _helps(self, union: Union, seen: View) -> bool:
        """Tell whether the alternatives say anything that types can express."""
        alternatives = union.node.keywords[union.keyword]
        if len(alternatives) > MOST_MEMBERS:
            return False
        for at in range(len(alternatives)):
            below = view(self._index, (self._index.child(union.node, union.keyword, at),))
            typed = below.kinds is not None or below.states("const", "enum") or below.never
            if not typed and not (seen.kinds is not None and below.states("properties", "oneOf", "anyOf")):
                return False
        return True

    def _union(self, merge: Merge, seen: View, union: Union, hint: str) -> model.Type:
        nodes, done = merge
        members: list[model.Type] = []
        alternatives = [
            self._index.child(union.node, union.keyword, at) for at in range(len(union.node.keywords[union.keyword]))
        ]
        alone = not seen.states("const", "enum") and all(
            not (
                node.keywords.keys() & STRUCTURE - {union.keyword}
                if node == union.node
                else node.keywords.keys() & STRUCTURE
            )
            for node in seen.nodes
        )
        for at, alternative in enumerate(alternatives):
            kinds = view(self._index, (alternative,)).kinds
            if alone and (seen.kinds is None or (kinds is not None and set(kinds) <= {*seen.kinds})):
                members.append(self.of(alternative))
            else:
                members.append(self._merge(((*nodes, alternative), done | {union.key}), f"{hint}{at + 1}"))
        return join(members)

    def _plain(self, merge: Merge, seen: View, hint: str) -> model.Type:
        kinds = seen.kinds
        listed = seen.each("const") + seen.each("enum")
        if listed:
            return self._enumeration(
                [
                    [value] if "const" in node.keywords and value is node.keywords["const"] else value
                    for node, value in listed
                ],
                kinds,
            )
        if kinds is None:
            return model.Anything()
        kinds = [kind for kind in dict.fromkeys(kinds) if not (kind == "integer" and "number" in kinds)]
        if len(kinds) > 1 and merge[0][0] in self._bodies:  # the name is that of the union
            hint = f"{hint}Object"
        return join([self._kind(kind, merge, seen, hint) for kind in kinds])

    def _enumeration(self, lists: list[list[Json]], kinds: list[str] | None) -> model.Type:
        first, *others = lists
        values = [
            value
            for value in first
            if all(any(equal(value, other) for other in list_) for list_ in others)
            and (kinds is None or any(is_of(value, kind) for kind in kinds))
        ]
        return model.Enumeration(values=tuple(values)) if values else model.Nothing()

    def _kind(self, kind: str, merge: Merge, seen: View, hint: str) -> model.Type:
        if kind == "array":
            return self._array(seen)
        if kind == "object":
            return self._object(merge, seen, hint)
        return model.Scalar(kind=SCALARS[kind], limits=limits(seen, kind))

    def _all(self, nodes: list[Node]) -> model.Type:
        """Return the type of a value of which ``nodes`` speak."""
        if not nodes:
            return model.Anything()
        return self.of(nodes[0]) if len(nodes) == 1 else self._merge((tuple(nodes), frozenset()))

    # ---- arrays

    def _array(self, seen: View) -> model.Type:
        bounds = lengths(seen, "minItems", "maxItems")
        prefix = max((len(value) for _, value in seen.each("prefixItems")), default=0)
        if not prefix:
            return model.Array(item=self._all(self._items(seen, None)), limits=bounds)
        items = [self._all(self._items(seen, at)) for at in range(prefix)]
        rest: model.Type | None = self._all(self._items(seen, None))
        if bounds.max_length is not None and bounds.max_length <= prefix:
            items, rest = items[: bounds.max_length], None
        if isinstance(rest, model.Nothing) or self._sealed(seen, "unevaluatedItems"):
            rest = None
        return model.Tuple(items=tuple(items), required=min(bounds.min_length or 0, len(items)), rest=rest)

    def _items(self, seen: View, at: int | None) -> list[Node]:
        """Return what is said about the item at a place, or about those after all prefixes."""
        found: list[Node] = []
        for node in seen.nodes:
            if at is not None and at < len(node.keywords.get("prefixItems", ())):
                found.append(self._index.child(node, "prefixItems", at))
            elif "items" in node.keywords and node.keywords["items"] is not True:
                found.append(self._index.child(node, "items"))
        return found

    def _sealed(self, seen: View, keyword: str) -> bool:
        """Tell whether ``unevaluated…: false`` refuses all that ``seen`` does not mention."""
        mentions = ("if", "not", "anyOf", "oneOf", "dependentSchemas", "contains")
        return not seen.states(*mentions) and any(value is False for _, value in seen.each(keyword))

    # ---- objects

    def _object(self, merge: Merge, seen: View, hint: str) -> model.Type:
        names = dict.fromkeys(name for _, properties in seen.each("properties") for name in properties)
        required = dict.fromkeys(name for _, listed in seen.each("required") for name in listed)
        patterned = seen.states("patternProperties")
        closed = not patterned and (
            any(value is False for _, value in seen.each("additionalProperties"))
            or self._sealed(seen, "unevaluatedProperties")
        )
        if not names and not required and not closed:
            return self._map(seen)
        first = merge[0][0]
        name = self._naming.name(first.pointer, first if not hint and len(merge[0]) == 1 else (merge, hint), hint)
        if name in self._definitions:
            return model.Ref(name=name)
        self._definitions[name] = None
        fields = [self._field(seen, field, field in required) for field in {**names, **required}]
        rest = None if closed else self._rest(seen)
        self._definitions[name] = model.Record(
            name=name,
            fields=tuple(field for field in fields if field.required or not isinstance(field.type, model.Nothing)),
            closed=closed,
            rest=rest,
            pointer=merge[0][0].pointer,
            **_described(merge[0][0]),
        )
        return model.Ref(name=name)

    def _field(self, seen: View, name: str, required: bool) -> model.Field:
        own: list[Node] = []
        others: list[Node] = []
        for node in seen.nodes:
            if name in node.keywords.get("properties", ()):
                own.append(self._index.child(node, "properties", name))
            elif "additionalProperties" in node.keywords and "patternProperties" not in node.keywords:
                others.append(self._index.child(node, "additionalProperties"))
        others = [node for node in others if node.schema is not True]
        stated = [node.keywords for node in own]
        return model.Field(
            name=name,
            type=self._all(own + others),
            required=required,
            default=next((keywords["default"] for keywords in stated if "default" in keywords), model.NO_DEFAULT),
            description=next((keywords["description"] for keywords in stated if "description" in keywords), ""),
            deprecated=any(keywords.get("deprecated") is True for keywords in stated),
        )

    def _rest(self, seen: View) -> model.Type | None:
        """Return the type of properties that are not known by name, if anything is said about them."""
        types: list[model.Type] = []
        for node in seen.nodes:
            below = node.keywords
            if "additionalProperties" not in below and "patternProperties" not in below:
                continue
            some = [
                self.of(self._index.child(node, "patternProperties", name))
                for name in below.get("patternProperties", ())
            ]
            some.append(
                self.of(self._index.child(node, "additionalProperties"))
                if "additionalProperties" in below
                else model.Anything()
            )
            types.append(join(some))
        said = [type_ for type_ in types if not isinstance(type_, model.Anything)]
        return said[0] if said and not isinstance(said[0], model.Nothing) else None

    def _map(self, seen: View) -> model.Type:
        key = model.Limits()
        names = [self._index.child(node, "propertyNames") for node, _ in seen.each("propertyNames")]
        if names:
            key = limits(view(self._index, tuple(names)), "string")
        patterns = [name for _, value in seen.each("patternProperties") for name in value]
        if not names and len(patterns) == 1 and any(value is False for _, value in seen.each("additionalProperties")):
            key = model.Limits(pattern=patterns[0])
        return model.Map(
            key=model.Scalar(kind="string", limits=key),
            value=self._rest(seen) or model.Anything(),
            limits=lengths(seen, "minProperties", "maxProperties"),
        )


STRUCTURE = frozenset(
    {
        "additionalProperties",
        "anyOf",
        "items",
        "oneOf",
        "patternProperties",
        "prefixItems",
        "properties",
        "required",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
"""Keywords beside a union that its members must be merged with."""


def join(members: list[model.Type]) -> model.Type:
    """Return the union of ``members``."""
    flat: list[model.Type] = []
    for member in members:
        for one in member.members if isinstance(member, model.Union) else (member,):
            if isinstance(one, model.Anything):
                return one
            if not isinstance(one, model.Nothing) and one not in flat:
                flat.append(one)
    if not flat:
        return model.Nothing()
    return flat[0] if len(flat) == 1 else model.Union(members=tuple(flat))


def _described(node: Node) -> dict[str, Json]:
    keywords = node.keywords
    return {"description": keywords.get("description", ""), "deprecated": keywords.get("deprecated") is True}
