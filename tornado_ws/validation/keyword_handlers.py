"""Handlers of all keywords: applicators, assertions, and their order."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from .array_applicators import ARRAY_APPLICATORS
from .assertions import ASSERTIONS
from .object_applicators import OBJECT_APPLICATORS
from .references import Scope
from .schema_walk import Applicator, Evaluated, Fault, Plan, Walk

__all__ = ["ORDER", "plan"]


def _delegated(keyword: str, *types: type) -> Applicator:
    """Return the handler for an assertion that jsonschema-rs decides, for values of ``types``."""

    def find(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
        if type(value) not in types or (keyword == "format" and not walk.formats):
            return None
        keyword_value = schema[keyword]
        return (
            None
            if walk.predicate(keyword, keyword_value)(value)
            else (keyword, None if keyword_value is True else keyword_value)
        )

    return find


def _all_of(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    for subschema in schema["allOf"]:
        fault = walk.find(subschema, value, "allOf", scope, evaluated)
        if fault is not None:
            return fault
    return None


def _union(keyword: str) -> Applicator:
    def find(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
        members, table = schema[keyword], walk.tag_table(schema, keyword)
        if table is not None:
            selected = table.select(value)
            if selected is None:
                return keyword, table.expected(value)
            return walk.find(members[selected], value, keyword, scope, evaluated)
        if keyword == "anyOf" and evaluated is None:
            accepted = any(walk.accepts(member, value, scope) for member in members)
        else:  # each valid member may evaluate further properties
            count = sum([walk.accepts(member, value, scope, evaluated) for member in members])
            accepted = count > 0 if keyword == "anyOf" else count == 1
        return None if accepted else (keyword, None)

    return find


def _not(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    return ("not", None) if walk.accepts(schema["not"], value, scope) else None


def _if(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    keyword = "then" if walk.accepts(schema["if"], value, scope, evaluated) else "else"
    return walk.find(schema[keyword], value, keyword, scope, evaluated) if keyword in schema else None


def _reference(keyword: str) -> Applicator:
    def find(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
        target, inside = walk.follow(keyword, schema, scope)
        return walk.find(target, value, keyword, inside, evaluated)

    return find


APPLICATORS: Mapping[str, Applicator] = {
    **OBJECT_APPLICATORS,
    **ARRAY_APPLICATORS,
    "multipleOf": _delegated("multipleOf", int, float),
    "pattern": _delegated("pattern", str),
    "format": _delegated("format", str),
    "uniqueItems": _delegated("uniqueItems", list),
    "allOf": _all_of,
    "anyOf": _union("anyOf"),
    "oneOf": _union("oneOf"),
    "not": _not,
    "if": _if,
    "$ref": _reference("$ref"),
    "$dynamicRef": _reference("$dynamicRef"),
}

ORDER = (
    *("type", "const", "enum"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
    *("required", "dependentRequired", "pattern", "format", "uniqueItems"),
    *("properties", "patternProperties", "additionalProperties", "propertyNames"),
    *("prefixItems", "items", "contains", "dependentSchemas"),
    *("allOf", "anyOf", "oneOf", "not", "if", "$ref", "$dynamicRef"),
    *("unevaluatedProperties", "unevaluatedItems"),
)
"""Keywords in the order in which their errors are reported."""


@lru_cache(maxsize=1024)
def plan(keywords: tuple[str, ...]) -> Plan:
    """Return the handlers of some keywords of a schema."""
    ordered = [keyword for keyword in ORDER if keyword in keywords]
    reference = ordered.pop() if ordered and ordered[-1] in ("$ref", "$dynamicRef") else ""
    handlers = [(keyword, ASSERTIONS.get(keyword), APPLICATORS.get(keyword)) for keyword in ordered]
    return handlers, not {"unevaluatedItems", "unevaluatedProperties"}.isdisjoint(keywords), reference
