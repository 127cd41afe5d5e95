"""Branches: what a schema says, taken apart so that a validator can find its faults in one order only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from .together import together

__all__ = ["COMPANIONS", "LEFT_OUT", "ORDER", "Below", "apart", "hollow"]

COMPANIONS = {
    "additionalProperties": ("patternProperties", "properties"),
    "contains": ("maxContains", "minContains"),
    "if": ("else", "then"),
    "items": ("prefixItems",),
}
"""Keywords that say something only together."""
LEFT_OUT = ("patternProperties", "prefixItems", "properties")
"""Companions that only say what is left for others."""

ORDER = (
    *("type", "const", "enum"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
    *("required", "dependentRequired", "pattern", "format", "uniqueItems"),
    *("properties", "patternProperties", "additionalProperties", "propertyNames"),
    *("prefixItems", "items", "contains", "dependentSchemas"),
    *("allOf", "anyOf", "oneOf", "not", "if", "$ref", "$dynamicRef"),
)
"""In which faults are named; what is unevaluated comes last. Generated clients check in the same (``checks.ts``)."""
ONE = frozenset({"additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames"})
ONE |= {"then", "unevaluatedItems", "unevaluatedProperties"}
MANY = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
NAMED = frozenset({"$defs", "definitions", "dependentSchemas", "patternProperties", "properties"})
UNIONS = ("anyOf", "oneOf")
TAG = "x-tag"
"""Stands beside a union whose members a property tells apart: keyword of the union, name of the property, values."""
INDEX = re.compile("0|[1-9][0-9]{0,9}")
NO_INDEX = 2**32 - 1


class Below(NamedTuple):
    """A schema below the one that is taken apart."""

    way: tuple[str, ...]
    """Where it stood in that."""
    schema: Any
    """It is JSON."""


def apart(schema: dict[str, Any], home: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what refuses nothing or has to come last, and the branches with the rest, in their order.

    Args:
        schema: a JSON Schema, from which each schema below is returned as :class:`Below`.
        home: base URI of a document with a definition for each kind of union, which refuses everything.
    """
    stated = {keyword: _marked(keyword, value) for keyword, value in schema.items()}
    branches = [branch for keyword in ORDER if keyword in stated for branch in _branches(keyword, stated, home)]
    said = {*ORDER, *(companion for keyword in stated for companion in COMPANIONS.get(keyword, ()))}
    return {keyword: value for keyword, value in stated.items() if keyword not in said}, together(branches)


def hollow(schemas: Any) -> Any:  # JSON values
    """Return schemas in an object or a list without what they say."""
    return dict.fromkeys(schemas, True) if isinstance(schemas, dict) else [True] * len(schemas)


def _marked(keyword: str, value: Any) -> Any:
    if keyword in ONE:
        return Below((keyword,), value)
    if keyword in MANY:
        return [Below((keyword, str(at)), one) for at, one in enumerate(value)]
    if keyword in NAMED:
        return {name: Below((keyword, name), one) for name, one in value.items()}
    return value


def _branches(keyword: str, stated: dict[str, Any], home: str) -> Iterator[dict[str, Any]]:
    value = stated[keyword]
    if keyword == "properties":
        yield from ({keyword: {name: value[name]}} for name in sorted(value, key=_index))
    elif keyword in ("dependentSchemas", "patternProperties"):
        yield from ({keyword: {name: one}} for name, one in value.items())
    elif keyword == "required":
        yield from ({keyword: [name]} for name in value)
    elif keyword == "dependentRequired":
        yield from ({keyword: {name: [other]}} for name, others in value.items() for other in others)
    elif keyword in UNIONS:
        none, tag = {"$ref": f"{home}#/$defs/%00{keyword}"}, stated.get(TAG, {})
        if tag.get("keyword") == keyword:
            yield from _chosen(value, none, tag["name"], tag["values"])
        else:
            # Of a union jsonschema-rs collects every fault of every member, only to say that none of them fits. That
            # takes seconds where a hundred thousand items are wrong.
            yield {"if": {keyword: value}, "else": none}
    else:
        companions = [name for name in COMPANIONS.get(keyword, ()) if name in stated]
        yield {keyword: value} | {
            name: hollow(stated[name]) if name in LEFT_OUT else stated[name] for name in companions
        }


def _chosen(members: list[Any], none: Any, name: str, values: list[str]) -> Iterator[dict[str, Any]]:
    """Yield what lets the member hold that ``name`` chooses, so that its fault is found and not that none fits."""

    def says(*wanted: str) -> dict[str, Any]:
        return {"type": "object", "properties": {name: {"enum": wanted}}, "required": [name]}

    yield {"if": says(*values), "else": none}
    yield from ({"if": says(value), "then": member} for value, member in zip(values, members, strict=True))


def _index(name: str) -> int:
    """Return where a property comes in an object of ECMAScript: those that could be indices of an array come first."""
    return int(name) if INDEX.fullmatch(name) and int(name) < NO_INDEX else NO_INDEX
