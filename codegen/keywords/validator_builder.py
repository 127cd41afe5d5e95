"""Validators of schemas, in the order of their errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from .. import model
from ..source.document import Json
from .cycles import names_in_cycles
from .naming import DefinitionNames
from .schema_index import SchemaIndex, SchemaNode
from .union_tags import declared_tag

__all__ = ["ValidatorBuilder"]

ANYTHING = model.Always(verdict=True)
NUMBERS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
SIZES: Final = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
UNEVALUATED: Final = ("unevaluatedProperties", "unevaluatedItems")


class ValidatorBuilder:
    """Builder for the validators of an endpoint."""

    def __init__(self, index: SchemaIndex, names: DefinitionNames, *, formats: bool) -> None:
        self._index = index
        self._names = names
        self._formats = formats
        self._named: dict[str, model.Validator] = {}
        self._pointers: dict[str, str] = {}

    @property
    def named(self) -> Mapping[str, model.Validator]:
        """Targets of :class:`~codegen.model.Call`, by name."""
        return self._named

    def endless_references(self) -> Iterator[str]:
        """Yield the pointers to schemas that refer to themselves without going deeper."""
        return (self._pointers[name] for name in names_in_cycles(self._named))

    def build(self, node: SchemaNode, keyword: str = "$ref") -> model.Validator:
        """Return the validator of a schema that is the value of ``keyword``, or part of it."""
        if not isinstance(node.schema, dict):
            return ANYTHING if node.schema else model.Always(verdict=False, keyword=keyword)
        validators = tuple(validator for validator in self._all(node, node.schema) if validator != ANYTHING)
        if not validators:
            return ANYTHING
        return (
            validators[0]
            if len(validators) == 1 and not isinstance(validators[0], model.Unevaluated)
            else model.All(validators=validators)
        )

    def call(self, node: SchemaNode, keyword: str = "$ref") -> model.Validator:
        """Return a call of the validator of a schema that ``keyword`` refers to."""
        if not isinstance(node.schema, dict):
            return self.build(node, keyword)
        name = self._names.key(node.pointer, node)
        if name not in self._named:
            self._named[name] = ANYTHING  # a recursive reference becomes a call
            self._pointers[name] = node.pointer
            self._named[name] = self.build(node)
        return model.Call(name=name)

    def _all(self, node: SchemaNode, schema: dict[str, Json]) -> Iterator[model.Validator]:
        """Yield the validators of a schema, in the order of the server's ``first_error``."""
        if "type" in schema:
            types: Json = schema["type"]
            names: list[Json] = [types] if isinstance(types, str) else sorted(types)
            yield model.IsType(types=tuple(names))
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
            yield model.Matches(text=schema["pattern"], keyword="pattern")
        if "format" in schema and self._formats:
            yield model.Matches(text=schema["format"], keyword="format")
        if schema.get("uniqueItems") is True:
            yield model.Unique()
        yield from self._properties(node, schema)
        yield from self._items(node, schema)
        for name in schema.get("dependentSchemas", ()):
            validator = self._child(node, "dependentSchemas", name)
            yield model.Dependent(name=name, validator=validator, keyword="dependentSchemas")
        yield from self._compositions(node, schema)
        for keyword in ("$ref", "$dynamicRef"):
            if keyword in schema:
                yield self.call(self._index.follow(node, keyword), keyword)
        for unevaluated in UNEVALUATED:
            if unevaluated in schema:
                yield model.Unevaluated(validator=self._child(node, unevaluated), keyword=unevaluated)

    def _presence(self, schema: dict[str, Json]) -> Iterator[model.Validator]:
        """Yield the validators of ``required`` and ``dependentRequired``."""
        if schema.get("required"):
            yield model.Required(names=tuple(schema["required"]))
        for name, names in schema.get("dependentRequired", {}).items():
            if names:
                yield model.Dependent(
                    name=name, validator=model.Required(names=tuple(names)), keyword="dependentRequired"
                )

    def _properties(self, node: SchemaNode, schema: dict[str, Json]) -> Iterator[model.Validator]:
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
            yield model.PropertyNames(validator=self._child(node, "propertyNames"))

    def _items(self, node: SchemaNode, schema: dict[str, Json]) -> Iterator[model.Validator]:
        if schema.keys() & {"items", "prefixItems"}:
            yield model.Items(
                prefix=tuple(
                    self._child(node, "prefixItems", position) for position in range(len(schema.get("prefixItems", ())))
                ),
                rest=self._child(node, "items") if "items" in schema else None,
            )
        if "contains" in schema:
            minimum, maximum = schema.get("minContains"), schema.get("maxContains")
            yield model.Contains(
                validator=self._child(node, "contains"),
                minimum=1 if minimum is None else int(minimum),
                maximum=None if maximum is None else int(maximum),
                keyword="minContains" if minimum is not None else "contains" if maximum is None else "maxContains",
            )

    def _compositions(self, node: SchemaNode, schema: dict[str, Json]) -> Iterator[model.Validator]:
        """Yield the validators of the in-place applicators."""
        yield from self._children(node, "allOf")
        if "anyOf" in schema:
            yield model.AnyOf(validators=self._children(node, "anyOf"), tag=declared_tag(node, "anyOf"))
        if "oneOf" in schema:
            yield model.ExactlyOne(validators=self._children(node, "oneOf"), tag=declared_tag(node, "oneOf"))
        if "not" in schema:
            yield model.Not(validator=self._child(node, "not"))
        if "if" in schema:
            yield model.Conditional(
                condition=self._child(node, "if"),
                then=self._child(node, "then") if "then" in schema else ANYTHING,
                otherwise=self._child(node, "else") if "else" in schema else ANYTHING,
            )

    def _child(self, node: SchemaNode, keyword: str, *path: str | int) -> model.Validator:
        return self.build(self._index.child(node, keyword, *path), keyword)

    def _children(self, node: SchemaNode, keyword: str) -> tuple[model.Validator, ...]:
        return tuple(self.build(child, keyword) for child in self._index.children(node, keyword))
