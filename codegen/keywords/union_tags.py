"""Tags of unions in schemas: properties that select the only alternative that can be valid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from .. import model
from ..source.document import Json
from .conjunction import Conjunction, conjoin
from .json_equality import common
from .schema_index import SchemaIndex, SchemaNode

__all__ = ["TAG_KEYWORD", "add_tag_keywords", "alternative_names", "declared_tag"]

UNIONS = ("anyOf", "oneOf")
TAG_KEYWORD = "x-tag"
"""Keyword next to a union with a tag; see :func:`add_tag_keywords`."""
MAX_DEPTH = 8
"""Limit for unions inside the alternatives of a union."""
MAX_WORDS = 2
"""Maximum number of constants in a name."""


def add_tag_keywords(index: SchemaIndex) -> None:
    """Add the keyword ``x-tag`` to the unions of a bundle that have a tag; the runtime reads it.

    Its value contains a tag for each keyword of a union: ``{"oneOf": {"name": "kind", "choices": [[["a"], 0], …]}}``.
    """
    for visit in index.visits:
        visit.schema.pop(TAG_KEYWORD, None)  # an author cannot set it
    finder = _TagFinder(index)
    for visit in index.visits:
        unions = [keyword for keyword in UNIONS if isinstance(visit.schema.get(keyword), list)]
        tags = {keyword: tag for keyword in unions if (tag := finder.find(visit.pointer, keyword)) is not None}
        if tags:
            visit.schema[TAG_KEYWORD] = {keyword: _to_json(tag) for keyword, tag in tags.items()}


def declared_tag(node: SchemaNode, keyword: str) -> model.Tag | None:
    """Return the tag of the union ``keyword`` from its ``x-tag``; None if it has none."""
    tag = node.keywords.get(TAG_KEYWORD, {}).get(keyword)
    return None if tag is None else _from_json(tag)


def alternative_names(tag: model.Tag, prefix: str = "") -> Mapping[int, str]:
    """Return names for the alternatives of a union by its tag, such as ``circle`` or ``op 1``, by position."""
    found: dict[int, str] = {}
    for choice in tag.choices:
        name = f"{prefix} {' or '.join(_word(tag.name, value) for value in choice.values[:MAX_WORDS])}".strip()
        if isinstance(choice.selects, model.Tag):
            found |= alternative_names(choice.selects, name if len(choice.values) == 1 else prefix)
        elif len(choice.values) <= MAX_WORDS:
            found[choice.selects] = name
    return found


def _word(name: str, value: model.Constant) -> str:
    match value:
        case str():
            return value
        case None | bool():
            return f"{name} {'null' if value is None else str(value).lower()}"
        case _:
            return f"{name} {value}"


def _to_json(tag: model.Tag) -> Json:
    choices = [
        [list(choice.values), _to_json(choice.selects) if isinstance(choice.selects, model.Tag) else choice.selects]
        for choice in tag.choices
    ]
    return {"name": tag.name, "choices": choices}


def _from_json(tag: Json) -> model.Tag:
    choices = (
        model.Choice(values=tuple(values), selects=_from_json(selects) if isinstance(selects, dict) else selects)
        for values, selects in tag["choices"]
    )
    return model.Tag(name=tag["name"], choices=tuple(choices))


class _TagFinder:
    """Search for the tags of the unions of a bundle."""

    def __init__(self, index: SchemaIndex) -> None:
        self._index = index
        self._schemas: dict[SchemaNode, _ObjectSchema] = {}

    def find(self, pointer: str, keyword: str) -> model.Tag | None:
        """Return the tag of the union ``keyword``; None if it has none.

        All alternatives accept only objects and require the property, and no two of them accept the same constant. So
        the property alone determines which alternative can be valid.
        """
        node = self._index.node(pointer)
        around = conjoin(self._index, (node,))
        alternatives = [self.schema(child) for child in self._index.children(node, keyword)]
        if around.types != ["object"] and not all(alternative.is_object for alternative in alternatives):
            return None
        required = _required(around)
        members = [
            {
                name: values
                for name in alternative.names
                if name in required | alternative.required and (values := alternative.values(name))
            }
            for alternative in alternatives
        ]
        return model.find_tag(members, preferred=_discriminator(node))

    def schema(self, node: SchemaNode, depth: int = 0) -> _ObjectSchema:
        """Return the facts about an alternative."""
        if node not in self._schemas:
            self._schemas[node] = _ObjectSchema(self._index, Conjunction(nodes=(), rejects_all=True), [])
            conjunction = conjoin(self._index, (node,))
            alternatives = (
                [self.schema(child, depth + 1) for child in self._index.children(union.node, union.keyword)]
                for union in (conjunction.unions if depth < MAX_DEPTH else ())
            )
            self._schemas[node] = _ObjectSchema(self._index, conjunction, [*filter(None, alternatives)])
        return self._schemas[node]


class _ObjectSchema:
    """Facts about the objects that a schema accepts, with the facts about the alternatives of its unions."""

    def __init__(self, index: SchemaIndex, conjunction: Conjunction, unions: list[list[_ObjectSchema]]) -> None:
        self._index = index
        self._conjunction = conjunction
        self._unions = unions
        self._values: dict[str, tuple[model.Constant, ...]] = {}

    @cached_property
    def is_object(self) -> bool:
        """True if the schema accepts only objects, but not if it accepts nothing."""
        own = self._conjunction.types == ["object"] and not self._conjunction.rejects_all
        return own or any(all(schema.is_object for schema in union) for union in self._unions)

    @cached_property
    def names(self) -> Iterable[str]:
        """Names of the declared properties, in schema order."""
        own = [name for _, properties in self._conjunction.occurrences("properties") for name in properties]
        return dict.fromkeys([*own, *(name for union in self._unions for name in union[0].names)])

    @cached_property
    def required(self) -> frozenset[str]:
        """Names of the required properties."""
        inner = (frozenset.intersection(*(schema.required for schema in union)) for union in self._unions)
        return _required(self._conjunction).union(*inner)

    def values(self, name: str) -> tuple[model.Constant, ...]:
        """Return the constants of a property; none if it may have other values."""
        if name not in self._values:
            self._values[name] = self._own_values(name) or self._values_of_unions(name)
        return self._values[name]

    def _own_values(self, name: str) -> tuple[model.Constant, ...]:
        nodes = [
            self._index.child(node, "properties", name)
            for node, properties in self._conjunction.occurrences("properties")
            if name in properties
        ]
        return tuple(_constants(self._index, nodes) or ())

    def _values_of_unions(self, name: str) -> tuple[model.Constant, ...]:
        for union in self._unions:
            found = [schema.values(name) for schema in union]
            if all(found):
                return tuple(value for values in found for value in values)
        return ()


def _required(conjunction: Conjunction) -> frozenset[str]:
    return frozenset(name for _, names in conjunction.occurrences("required") for name in names)


def _constants(index: SchemaIndex, nodes: Iterable[SchemaNode], depth: int = 0) -> list[Json] | None:
    """Return the only values that schemas accept; None if these are not constants."""
    conjunction = conjoin(index, tuple(nodes))
    lists = [[value] for _, value in conjunction.occurrences("const")]
    lists += [values for _, values in conjunction.occurrences("enum")]
    for union in conjunction.unions if depth < MAX_DEPTH else ():
        found = [_constants(index, [node], depth + 1) for node in index.children(union.node, union.keyword)]
        if all(values is not None for values in found):
            lists.append([value for values in found for value in values or ()])
    values = common(lists)
    return values if values is not None and all(map(model.is_constant, values)) else None


def _discriminator(node: SchemaNode) -> str:
    """Return the property that ``discriminator`` of OpenAPI names; an empty string without one."""
    discriminator = node.keywords.get("discriminator")
    name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
    return name if isinstance(name, str) else ""
