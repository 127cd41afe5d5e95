"""Turns schemas into checks, in the order in which their issues are to be reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from .. import model
from ..source.document import Json
from .cycles import circles
from .discriminators import marked
from .naming import Naming
from .schema_index import Index, Node

__all__ = ["Checks"]

ANYTHING = model.Always(verdict=True)
NUMBERS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
SIZES: Final = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
UNEVALUATED: Final = ("unevaluatedProperties", "unevaluatedItems")


class Checks:
    """The checks of an endpoint; remembers those that have names."""

    def __init__(self, index: Index, naming: Naming, *, formats: bool) -> None:
        self._index = index
        self._naming = naming
        self._formats = formats
        self._named: dict[str, model.Check] = {}
        self._places: dict[str, str] = {}

    @property
    def named(self) -> Mapping[str, model.Check]:
        """What :class:`~codegen.model.Call` refers to."""
        return self._named

    def endless(self) -> Iterator[str]:
        """Yield the pointers of schemas that refer to themselves without going deeper."""
        return (self._places[name] for name in circles(self._named))

    def of(self, node: Node, keyword: str = "$ref") -> model.Check:
        """Return the check of a schema that is the value of ``keyword``."""
        if not isinstance(node.schema, dict):
            return ANYTHING if node.schema else model.Always(verdict=False, keyword=keyword)
        checks = tuple(check for check in self._all(node, node.schema) if check != ANYTHING)
        if not checks:
            return ANYTHING
        return (
            checks[0] if len(checks) == 1 and not isinstance(checks[0], model.Unevaluated) else model.All(checks=checks)
        )

    def call(self, node: Node, keyword: str = "$ref") -> model.Check:
        """Return the check of a schema that ``keyword`` refers to."""
        if not isinstance(node.schema, dict):
            return self.of(node, keyword)
        name = self._naming.name(node.pointer, node)
        if name not in self._named:
            self._named[name] = ANYTHING  # recursion ends here
            self._places[name] = node.pointer
            self._named[name] = self.of(node)
        return model.Call(name=name)

    def _all(self, node: Node, schema: dict[str, Json]) -> Iterator[model.Check]:
        """Yield the checks of a schema in the order in which the server makes them (``tornado_ws/branches.py``)."""
        if "type" in schema:
            kinds: Json = schema["type"]
            listed: list[Json] = [kinds] if isinstance(kinds, str) else sorted(kinds)
            yield model.IsType(kinds=tuple(listed))
        if "const" in schema:
            yield model.Equals(values=(schema["const"],), keyword="const")
        if "enum" in schema:
            yield model.Equals(values=tuple(schema["enum"]), keyword="enum")
        for number in NUMBERS:
            if number in schema:
                yield model.Within(bound=schema[number], keyword=number)
        if "multipleOf" in schema:
            yield model.MultipleOf(divisor=schema["multipleOf"])
        for size in SIZES:
            if size in schema:
                yield model.Size(bound=int(schema[size]), keyword=size)
        yield from self._presence(schema)
        if "pattern" in schema:
            yield model.Matches(what=schema["pattern"], keyword="pattern")
        if "format" in schema and self._formats:
            yield model.Matches(what=schema["format"], keyword="format")
        if schema.get("uniqueItems") is True:
            yield model.Unique()
        yield from self._properties(node, schema)
        yield from self._items(node, schema)
        for name in schema.get("dependentSchemas", ()):
            check = self._child(node, "dependentSchemas", name)
            yield model.Dependent(name=name, check=check, keyword="dependentSchemas")
        yield from self._compositions(node, schema)
        for keyword in ("$ref", "$dynamicRef"):
            if keyword in schema:
                yield self.call(self._index.follow(node, keyword), keyword)
        for unevaluated in UNEVALUATED:
            if unevaluated in schema:
                yield model.Unevaluated(check=self._child(node, unevaluated), keyword=unevaluated)

    def _presence(self, schema: dict[str, Json]) -> Iterator[model.Check]:
        """Yield the checks of what must be there."""
        if schema.get("required"):
            yield model.Required(names=tuple(schema["required"]))
        for name, names in schema.get("dependentRequired", {}).items():
            if names:
                yield model.Dependent(name=name, check=model.Required(names=tuple(names)), keyword="dependentRequired")

    def _properties(self, node: Node, schema: dict[str, Json]) -> Iterator[model.Check]:
        if schema.keys() & {"properties", "patternProperties", "additionalProperties"}:
            yield model.Properties(
                named=tuple((name, self._child(node, "properties", name)) for name in schema.get("properties", ())),
                patterns=tuple(
                    (pattern, self._child(node, "patternProperties", pattern))
                    for pattern in schema.get("patternProperties", ())
                ),
                rest=self._child(node, "additionalProperties") if "additionalProperties" in schema else None,
            )
        if "propertyNames" in schema:
            yield model.Names(check=self._child(node, "propertyNames"))

    def _items(self, node: Node, schema: dict[str, Json]) -> Iterator[model.Check]:
        if schema.keys() & {"items", "prefixItems"}:
            yield model.Items(
                prefix=tuple(self._child(node, "prefixItems", at) for at in range(len(schema.get("prefixItems", ())))),
                rest=self._child(node, "items") if "items" in schema else None,
            )
        if "contains" in schema:
            least, most = schema.get("minContains"), schema.get("maxContains")
            yield model.Contains(
                check=self._child(node, "contains"),
                least=1 if least is None else int(least),
                most=None if most is None else int(most),
                keyword="minContains" if least is not None else "contains" if most is None else "maxContains",
            )

    def _compositions(self, node: Node, schema: dict[str, Json]) -> Iterator[model.Check]:
        """Yield the checks of what else must, may or must not hold for the same value."""
        yield from self._children(node, "allOf")
        if "anyOf" in schema:
            yield model.AnyOf(checks=self._children(node, "anyOf"), tag=marked(node, "anyOf"))
        if "oneOf" in schema:
            yield model.ExactlyOne(checks=self._children(node, "oneOf"), tag=marked(node, "oneOf"))
        if "not" in schema:
            yield model.Not(check=self._child(node, "not"))
        if "if" in schema:
            yield model.Branch(
                condition=self._child(node, "if"),
                then=self._child(node, "then") if "then" in schema else ANYTHING,
                otherwise=self._child(node, "else") if "else" in schema else ANYTHING,
            )

    def _child(self, node: Node, keyword: str, *way: str | int) -> model.Check:
        return self.of(self._index.child(node, keyword, *way), keyword)

    def _children(self, node: Node, keyword: str) -> tuple[model.Check, ...]:
        return tuple(self._child(node, keyword, at) for at in range(len(node.keywords.get(keyword, ()))))
