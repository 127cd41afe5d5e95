"""Rule for values in a schema that the schema itself rejects: defaults, examples and constants."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

import jsonschema_rs

from ..keywords.single_resource import single_resource
from ..keywords.vocabulary import NON_VALIDATING, Visit
from ..source import json_pointer
from ..source.document import Json, describe
from .finding import Finding

__all__ = ["rejected_values"]

MESSAGES = {
    "const": "the constant is rejected by other keywords of its schema",
    "default": "the default is rejected by its own schema",
    "enum": "the value is rejected by other keywords of its schema",
    "examples": "the example is rejected by its own schema",
}
_KEYWORDS = frozenset(MESSAGES)
LONGEST = 60
"""Longest text of a keyword's value in a message."""


def rejected_values(
    bundle: dict[str, Json], visits: Iterable[Visit], *, formats: bool
) -> Iterator[tuple[str, Finding]]:
    """Yield the pointer to each schema of a bundle that rejects a value in it, with the finding.

    All schemas are compiled together, so that shared definitions are compiled once.

    Args:
        bundle: Bundle of an endpoint, with patterns for the schema validator.
        visits: All schemas of the bundle.
        formats: True if ``format`` is asserted.
    """
    values = {visit.pointer: found for visit in visits if (found := [*_values(visit.schema)])}
    if not values:
        return
    validator = _validator(bundle, values, formats=formats)
    reported: set[tuple[str, str]] = set()
    for position in range(max(map(len, values.values()), default=0)):
        chosen = {pointer: found[position] for pointer, found in values.items() if position < len(found)}
        instance = {pointer: value for pointer, (_, value) in chosen.items()}
        if validator.is_valid(instance):
            continue
        rejecting: dict[str, str] = {}
        for error in validator.iter_errors(instance):
            rejecting.setdefault(str(error.instance_path[0]), _expected(bundle, error))
        for pointer in sorted(rejecting):
            relative, value = chosen[pointer]
            keyword = json_pointer.parse(relative)[0]
            if (pointer, keyword) in reported:
                continue
            reported.add((pointer, keyword))
            yield (
                pointer,
                Finding(
                    pointer=relative,
                    code="rejected_value",
                    message=MESSAGES[keyword],
                    expected=rejecting[pointer],
                    got=describe(value),
                    on_key=False,
                ),
            )


def _expected(bundle: dict[str, Json], error: jsonschema_rs.ValidationError) -> str:
    """Return the keyword that rejects a value, with its own value if that is short, and the place in the value."""
    keyword = str(error.schema_path[-1]) if error.schema_path else "false"
    try:
        found = json_pointer.resolve(bundle, json_pointer.join("", *map(str, error.schema_path)))
    except LookupError:  # a schema behind a dynamic reference
        text = ""
    else:
        text = json.dumps(found, ensure_ascii=False)
    place = json_pointer.join("", *map(str, error.instance_path[1:]))
    return f'"{keyword}"{f": {text}" if 0 < len(text) <= LONGEST else ""}{f" at {place}" if place else ""}'


def _validator(
    bundle: dict[str, Json], pointers: Iterable[str], *, formats: bool
) -> jsonschema_rs.Draft202012Validator:
    """Return the validator of an object with one value for each schema of a bundle, by pointer."""
    address = bundle["$id"]
    return jsonschema_rs.Draft202012Validator(
        {"properties": {pointer: {"$ref": f"{address}#{quote(pointer)}"} for pointer in pointers}},
        registry=jsonschema_rs.Registry([(address, single_resource(bundle))]),
        validate_formats=formats,
        pattern_options=jsonschema_rs.FancyRegexOptions(),
    )


def _values(schema: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield the relative pointer and each default, example and constant that another keyword may reject."""
    if _KEYWORDS.isdisjoint(schema):
        return
    others = schema.keys() - NON_VALIDATING
    for keyword in ("const", "default"):
        if keyword in schema and others - {keyword}:
            yield f"/{keyword}", schema[keyword]
    for keyword in ("enum", "examples"):
        if isinstance(schema.get(keyword), list) and others - {keyword}:
            yield from ((f"/{keyword}/{position}", value) for position, value in enumerate(schema[keyword]))
