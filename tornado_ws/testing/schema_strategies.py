"""Hypothesis strategies for JSON values that a schema accepts, or nearly accepts."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from hypothesis import strategies as st

from ..validation.references import DEFAULT_BASE_URI, References, Scope
from ..validation.schema_validator import SchemaValidator
from .changed_values import ANYTHING, CHARACTERS, changed

__all__ = ["SchemaStrategies"]

Json: TypeAlias = Any
Strategy: TypeAlias = st.SearchStrategy[Json]
View: TypeAlias = tuple[dict[str, Json], Scope]
"""Schema that applies to a value, and its place."""
Used: TypeAlias = frozenset[tuple[int, str]]
"""Unions with a chosen alternative, by the identity of their schema."""

TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
TYPED_KEYWORDS = {
    "object": ("properties", "required", "patternProperties", "additionalProperties", "minProperties", "propertyNames"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "contains", "uniqueItems"),
    "string": ("pattern", "minLength", "maxLength", "format"),
    "number": ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
}
FORMATS = {
    "date": "2024-02-29",
    "date-time": "2024-02-29T12:00:00Z",
    "email": "a@example.org",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "time": "12:00:00Z",
    "uri": "https://example.org/a",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}
LONGEST_EDGE = 2000
"""Length up to which texts of the maximum length are made."""


class SchemaStrategies:
    """Strategies for the schemas of one document."""

    def __init__(self, schema: str, *, formats: bool = False) -> None:
        """Index the document.

        Args:
            schema: JSON text of a JSON Schema (2020-12) document.
            formats: True if ``format`` is asserted.
        """
        document = json.loads(schema)
        self._references = References(document, document.get("$id", DEFAULT_BASE_URI))
        self._validator = SchemaValidator(schema, formats=formats)
        self._known: dict[tuple[tuple[int, ...], Used], Strategy] = {}

    def valid(self, pointer: str) -> Strategy:
        """Return the strategy for values that the schema at a JSON Pointer accepts."""
        return self._of([self._references.at(pointer)]).filter(self._validator.predicate(pointer))

    def nearly_valid(self, pointer: str) -> Strategy:
        """Return the strategy for valid values with a change in one place, after which most are invalid."""
        return self.valid(pointer).flatmap(changed)

    def _of(self, schemas: Sequence[tuple[Json, Scope]], used: Used = frozenset()) -> Strategy:
        """Return the strategy for values to which all schemas apply; it is built when it is first used."""
        views: list[View] = []
        for schema, scope in schemas:
            if schema is False or not self._flatten(schema, scope, views):
                return st.nothing()
        if not views:
            return ANYTHING
        key = tuple(sorted({id(schema) for schema, _ in views})), used
        if key not in self._known:
            self._known[key] = st.deferred(lambda: self._build(views, used))
        return self._known[key]

    def _flatten(self, schema: Json, scope: Scope, views: list[View]) -> bool:
        """Add a schema, and those to which references and ``allOf`` lead; return False if one accepts nothing."""
        if not isinstance(schema, dict):
            return schema is not False
        if any(schema is known for known, _ in views):
            return True
        inside = self._references.enter(schema, scope)
        views.append((schema, inside))
        targets = [self._references.follow(schema["$ref"], inside)] if "$ref" in schema else []
        if "$dynamicRef" in schema:
            targets.append(self._references.follow(schema["$dynamicRef"], inside, dynamic=True))
        targets += [(member, inside) for member in schema.get("allOf", ())]
        return all([self._flatten(*target, views) for target in targets])

    def _build(self, views: list[View], used: Used) -> Strategy:
        for schema, scope in views:
            for keyword in ("oneOf", "anyOf"):
                if keyword in schema and (id(schema), keyword) not in used:
                    chosen = used | {(id(schema), keyword)}
                    return st.one_of([self._of([*views, (one, scope)], chosen) for one in schema[keyword]])
            if "if" in schema and (id(schema), "if") not in used:
                chosen = used | {(id(schema), "if")}
                then = self._of([*views, (schema["if"], scope), (schema.get("then", True), scope)], chosen)
                return st.one_of(then, self._of([*views, (schema.get("else", True), scope)], chosen))
        schemas = [schema for schema, _ in views]
        values = [
            one["enum"] if "enum" in one else [one["const"]] for one in schemas if "enum" in one or "const" in one
        ]
        if values:
            return st.sampled_from(min(values, key=len)) if min(map(len, values)) else st.nothing()
        return st.one_of([self._typed(type_, views) for type_ in _types(schemas)])

    def _typed(self, type_: str, views: list[View]) -> Strategy:
        schemas = [schema for schema, _ in views]
        match type_:
            case "null":
                return st.none()
            case "boolean":
                return st.booleans()
            case "integer":
                return _integers(schemas)
            case "number":
                return _numbers(schemas)
            case "string":
                return _strings(schemas)
            case "array":
                return self._arrays(views)
            case _:
                return self._objects(views)

    def _arrays(self, views: list[View]) -> Strategy:
        schemas = [schema for schema, _ in views]
        least, most = _bounds(schemas, "minItems", "maxItems")
        prefix = max((len(schema.get("prefixItems", ())) for schema in schemas), default=0)
        fixed = [self._of([item for item in _items(views, position)]) for position in range(prefix)]
        rest = [*_items(views, prefix)]
        contained = [(schema["contains"], scope) for schema, scope in views if "contains" in schema]
        unique = json.dumps if any(schema.get("uniqueItems") for schema in schemas) else None
        size = max(least - prefix, 0), None if most is None else max(most - prefix, 0)
        tail: Strategy = st.just([])
        if not _reject_all(rest):
            tail = st.lists(self._of(rest), min_size=size[0], max_size=size[1], unique_by=unique)
        if contained and not prefix:
            needed = self._of([*contained, *_items(views, 0)])
            tail = st.builds(lambda one, others: [one, *others][: most or None], needed, tail)
        return st.builds(lambda first, others: [*first, *others], st.tuples(*fixed), tail)

    def _objects(self, views: list[View]) -> Strategy:
        schemas = [schema for schema, _ in views]
        least, most = _bounds(schemas, "minProperties", "maxProperties")
        names = list(dict.fromkeys(name for schema in schemas for name in schema.get("properties", ())))
        required = list(dict.fromkeys(name for schema in schemas for name in schema.get("required", ())))
        parts = {name: [*_properties(views, name)] for name in dict.fromkeys([*required, *names])}
        needed = {name: self._of(parts.pop(name)) for name in required}
        known = {name: self._of(part) for name, part in parts.items() if not _reject_all(part)}
        declared = st.fixed_dictionaries(needed, optional=known)
        patterns = [(name, scope) for schema, scope in views for name in schema.get("patternProperties", ())]
        maps = any(isinstance(schema.get("additionalProperties"), dict) for schema in schemas)
        if not patterns and not maps and least <= len(needed):
            return declared
        keys = [(schema["propertyNames"], scope) for schema, scope in views if "propertyNames" in schema]
        texts = self._of([*keys, ({"type": "string"}, views[0][1])])
        found = [_matching(name) for name, _ in patterns] or [texts]
        extra = st.lists(st.one_of(found), min_size=max(least - len(needed), 0), max_size=most, unique=True).flatmap(
            lambda chosen: st.fixed_dictionaries({name: self._of([*_properties(views, name)]) for name in chosen})
        )
        return st.builds(lambda own, others: {**others, **own}, declared, extra)


def _reject_all(schemas: Sequence[tuple[Json, Scope]]) -> bool:
    """Return True if one of the schemas is ``false``."""
    return any(schema is False for schema, _ in schemas)


def _types(schemas: Sequence[dict[str, Json]]) -> Sequence[str]:
    """Return the JSON types that all schemas accept; those of their keywords if none states a type."""
    types: set[str] | None = None
    for schema in schemas:
        if (value := schema.get("type")) is not None:
            listed = {value} if isinstance(value, str) else set(value)
            listed |= {"integer"} if "number" in listed else set()
            types = listed if types is None else types & listed
    if types is None:
        types = {name for name, keywords in TYPED_KEYWORDS.items() if any(map(set(keywords).intersection, schemas))}
    if types >= {"integer", "number"}:
        types -= {"integer"}
    return [name for name in TYPES if name in (types or TYPES)]


def _bounds(schemas: Sequence[dict[str, Json]], least: str, most: str) -> tuple[int, int | None]:
    """Return the strictest bounds of a size."""
    upper = [schema[most] for schema in schemas if most in schema]
    return int(max((schema.get(least, 0) for schema in schemas), default=0)), int(min(upper)) if upper else None


def _range(schemas: Sequence[dict[str, Json]]) -> tuple[float | None, float | None, bool, bool]:
    """Return the strictest bounds of a number, and True for each that is excluded."""
    lower = [(one[key], key != "minimum") for one in schemas for key in ("minimum", "exclusiveMinimum") if key in one]
    upper = [(one[key], key == "maximum") for one in schemas for key in ("maximum", "exclusiveMaximum") if key in one]
    least, above = max(lower, default=(None, False))
    most, up_to = min(upper, default=(None, True))
    return least, most, above, not up_to


def _integers(schemas: Sequence[dict[str, Json]]) -> Strategy:
    least, most, above, below = _range(schemas)
    step = next((one["multipleOf"] for one in schemas if float(one.get("multipleOf", 0.5)).is_integer()), 1)
    lower = None if least is None else math.floor(least / step) + 1 if above else math.ceil(least / step)
    upper = None if most is None else math.ceil(most / step) - 1 if below else math.floor(most / step)
    if lower is not None and upper is not None and lower > upper:
        return st.nothing()
    return st.integers(lower, upper).map(lambda number: number * int(step))


def _numbers(schemas: Sequence[dict[str, Json]]) -> Strategy:
    least, most, above, below = _range(schemas)
    steps = [float(one["multipleOf"]) for one in schemas if "multipleOf" in one]
    if steps:
        lower, upper = (None if one is None else int(one / steps[0]) for one in (least, most))
        return st.integers(lower, upper).map(lambda number: round(number * steps[0], 12))
    exact = [one if one is None else float(one) for one in (least, most)]
    floats = st.floats(*exact, allow_nan=False, allow_infinity=False, exclude_min=above, exclude_max=below)
    return floats if _integers(schemas).is_empty else _integers(schemas) | floats


def _strings(schemas: Sequence[dict[str, Json]]) -> Strategy:
    least, most = _bounds(schemas, "minLength", "maxLength")
    formats = [FORMATS[one["format"]] for one in schemas if one.get("format") in FORMATS]
    patterns = [one["pattern"] for one in schemas if "pattern" in one]
    if formats:
        return st.sampled_from(formats)
    if patterns:
        return _matching(patterns[0])
    edges = [size for size in (least, most) if size is not None and size <= LONGEST_EDGE]
    texts = [st.text(CHARACTERS, min_size=least, max_size=most)]
    return st.one_of(texts + [st.text(CHARACTERS, min_size=size, max_size=size) for size in edges])


def _matching(pattern: str) -> Strategy:
    """Return the strategy for texts that match a pattern; any texts if it is none of Python."""
    try:
        return st.from_regex(re.compile(re.sub(r"\$$", r"\\Z", pattern)), alphabet=CHARACTERS)
    except (re.error, ValueError):
        return st.text(CHARACTERS)


def _items(views: Sequence[View], position: int) -> Iterator[tuple[Json, Scope]]:
    for schema, scope in views:
        prefix = schema.get("prefixItems", ())
        yield (prefix[position], scope) if position < len(prefix) else (schema.get("items", True), scope)


def _properties(views: Sequence[View], name: str) -> Iterator[tuple[Json, Scope]]:
    """Yield the schemas of a property."""
    for schema, scope in views:
        found = [schema["properties"][name]] if name in schema.get("properties", ()) else []
        patterns = schema.get("patternProperties", {})
        found += [one for pattern, one in patterns.items() if re.search(pattern, name)]
        yield from ((one, scope) for one in found or [schema.get("additionalProperties", True)])
