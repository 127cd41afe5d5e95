"""Random instances of a JSON Schema (2020-12); most are valid."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from .regex_texts import matching_text

__all__ = ["SchemaInstances"]

BASE = "https://example.org/instances"
DEPTH = 5
"""Depth from which only required parts are made."""
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
TYPES_OF_KEYWORDS = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "contains"),
    "string": ("pattern", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
}
WORDS = ("", "a", "text", "😀", "A-1", "x" * 40)
ANYTHING = (None, True, 0, 1.5, "text", [], {}, {"a": [1]})

View = tuple[Mapping[str, Any], Any]
"""Schema that applies to a value, and the resolver of its references."""


class SchemaInstances:
    """Source of instances of the schemas in one document."""

    def __init__(self, document: Any, rng: random.Random) -> None:
        """Index the resources of ``document``."""
        self._rng = rng
        self._base = document.get("$id", BASE)
        resource = Resource(contents=document, specification=DRAFT202012)
        self._registry: Any = Registry().with_resource(self._base, resource).crawl()

    def make(self, pointer: str) -> Any:
        """Return an instance of the schema at a pointer."""
        found = self._registry.resolver(self._base).lookup(f"#{pointer}")
        return self._make([(found.contents, found.resolver)], 0)

    def _make(self, schemas: Sequence[View], depth: int) -> Any:
        views = [view for schema in schemas for view in self._views(*schema, depth)]
        values = [view["enum"] for view, _ in views if "enum" in view] + [
            [view["const"]] for view, _ in views if "const" in view
        ]
        if values:
            smallest = min(values, key=len)
            return self._rng.choice(smallest) if smallest else None
        match self._type(views):
            case "object":
                return self._object(views, depth)
            case "array":
                return self._array(views, depth)
            case "string":
                return self._string([view for view, _ in views])
            case "integer" | "number" as name:
                return self._number([view for view, _ in views], name)
            case "boolean":
                return self._rng.random() < 0.5
            case "null":
                return None
            case _:
                return self._rng.choice(ANYTHING)

    def _views(self, schema: Any, resolver: Any, depth: int, chain: int = 0) -> Iterator[View]:
        """Yield a schema and those that it applies to the same value, with one alternative of each union."""
        if not isinstance(schema, dict) or chain > 30:
            return
        if isinstance(schema.get("$id"), str):
            resolver = resolver.in_subresource(DRAFT202012.create_resource(schema))
        yield schema, resolver
        for keyword in ("$ref", "$dynamicRef"):
            if keyword in schema:
                try:
                    found = resolver.lookup(schema[keyword])
                except Unresolvable:
                    continue
                yield from self._views(found.contents, found.resolver, depth, chain + 1)
        for part in schema.get("allOf", ()):
            yield from self._views(part, resolver, depth, chain + 1)
        for keyword in ("anyOf", "oneOf"):
            options = schema.get(keyword)
            if options:
                simple = [option for option in options if _is_scalar(option)]
                chosen = self._rng.choice(simple if simple and depth > DEPTH else options)
                yield from self._views(chosen, resolver, depth, chain + 1)

    def _type(self, views: Sequence[View]) -> str | None:
        types = [view["type"] for view, _ in views if "type" in view]
        sets = [{one} if isinstance(one, str) else {*one} for one in types]
        if sets:
            return self._rng.choice(sorted(set.intersection(*sets)) or [*sets[0]])
        for name, keywords in TYPES_OF_KEYWORDS.items():
            if any(keyword in view for view, _ in views for keyword in keywords):
                return name
        return None

    def _object(self, views: Sequence[View], depth: int) -> dict[str, Any]:
        properties: dict[str, list[View]] = {}
        for view, resolver in views:
            for name, schema in view.get("properties", {}).items():
                properties.setdefault(name, []).append((schema, resolver))
        required = {name for view, _ in views for name in view.get("required", ())}
        share = 0.0 if depth > DEPTH else self._rng.choice((0.15, 0.6))
        chosen = [name for name in properties if name in required or self._rng.random() < share]
        made = {
            name: self._make(properties[name], depth + 1)
            for name in chosen[: 30 if depth < 2 else 8]
            if properties[name][0][0] is not False
        }
        made |= {
            name: self._make(properties.get(name, self._others(views)), depth + 1) for name in required - made.keys()
        }
        least = max((view.get("minProperties", 0) for view, _ in views), default=0)
        wanted = max(least - len(made), self._rng.choice((0, 0, 1)) if depth < DEPTH and _is_open(views) else 0)
        for at in range(wanted):
            patterns = [
                (pattern, (schema, resolver))
                for view, resolver in views
                for pattern, schema in view.get("patternProperties", {}).items()
            ]
            if patterns:
                pattern, schema = self._rng.choice(patterns)
                made[matching_text(pattern, self._rng)] = self._make([schema], depth + 1)
            else:
                made[f"more{at}"] = self._make(self._others(views), depth + 1)
        return made

    def _others(self, views: Sequence[View]) -> list[View]:
        return [
            (view["additionalProperties"], resolver)
            for view, resolver in views
            if isinstance(view.get("additionalProperties"), dict)
        ]

    def _array(self, views: Sequence[View], depth: int) -> list[Any]:
        first = [(view["prefixItems"], resolver) for view, resolver in views if view.get("prefixItems")]
        items = [(view["items"], resolver) for view, resolver in views if "items" in view]
        items += [(view["contains"], resolver) for view, resolver in views if "contains" in view]
        least = max((view.get("minItems", 0) for view, _ in views), default=0)
        if any(schema is False for schema, _ in items):
            items, least = [], 0
        most = min((view["maxItems"] for view, _ in views if "maxItems" in view), default=least + 3)
        count = least if depth > DEPTH else min(most, least + self._rng.choice((0, 1, 2)))
        made = [self._make([(schema, first[0][1])], depth + 1) for schema in first[0][0]] if first else []
        if items or not first:
            made += [self._make(items, depth + 1) for _ in range(min(count, 40) - len(made))]
        if any(view.get("uniqueItems") for view, _ in views):
            made = list({json.dumps(value): value for value in made}.values())
        return made

    def _string(self, views: Sequence[Mapping[str, Any]]) -> str:
        for view in views:
            if "pattern" in view:
                return matching_text(view["pattern"], self._rng)
        for view in views:
            if view.get("format") in FORMATS:
                return FORMATS[view["format"]]
        least = min(max((view.get("minLength", 0) for view in views), default=0), 1000)
        most = min((view["maxLength"] for view in views if "maxLength" in view), default=1000)
        return self._rng.choice(WORDS).ljust(least, "x")[:most]

    def _number(self, views: Sequence[Mapping[str, Any]], type_: str) -> float:
        low = max(
            (view[key] + (key[0] == "e") for view in views for key in ("minimum", "exclusiveMinimum") if key in view),
            default=None,
        )
        high = min(
            (view[key] - (key[0] == "e") for view in views for key in ("maximum", "exclusiveMaximum") if key in view),
            default=None,
        )
        near = [bound for bound in (low, high) if bound is not None]
        step = next((view["multipleOf"] for view in views if "multipleOf" in view), None)
        values = [
            *near,
            *(
                value
                for value in (0, 1, 7, -2, 1.5, 1e21)
                if (low is None or value >= low) and (high is None or value <= high)
            ),
        ]
        value = self._rng.choice(values or [0])
        if step is not None and value % step:
            value = step * self._rng.randrange(1, 5)
        return int(value) if type_ == "integer" and abs(value) < 2**53 else value


def _is_scalar(schema: Any) -> bool:
    return isinstance(schema, dict) and not schema.keys() & {"$ref", "allOf", "anyOf", "items", "oneOf", "properties"}


def _is_open(views: Sequence[View]) -> bool:
    closing = ("additionalProperties", "unevaluatedProperties", "propertyNames")
    return not any(
        view.get(keyword) is False or (keyword == "propertyNames" and keyword in view)
        for view, _ in views
        for keyword in closing
    )
