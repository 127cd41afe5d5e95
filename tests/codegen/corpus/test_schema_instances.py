"""Instances for the comparison: most are valid."""

from __future__ import annotations

import random
import re
from typing import Any

import jsonschema_rs
import pytest

from ..support.regex_texts import matching_text
from ..support.schema_instances import SchemaInstances


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^[a-f0-9]{64}$"},
        {"type": "object", "properties": {"a": {"const": 1}, "b": {"minimum": 3}}, "required": ["a"]},
        {"type": "array", "items": {"type": "integer", "multipleOf": 5}, "minItems": 2, "maxItems": 3},
        {"allOf": [{"$ref": "#/$defs/A"}, {"properties": {"b": {"enum": ["x"]}}, "required": ["b"]}]},
        {"oneOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]},
        {"patternProperties": {"^x-": {"type": "boolean"}}, "additionalProperties": False, "minProperties": 1},
        {"prefixItems": [{"type": "string"}, {"$ref": "#/$defs/Tree"}], "type": "array", "items": False, "minItems": 2},
    ],
)
def test_most_instances_are_valid(schema: dict[str, Any]) -> None:
    tree = {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}
    definitions = {"A": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}, "Tree": tree}
    document = {**schema, "$defs": definitions}
    source, validator = SchemaInstances(document, random.Random(1)), jsonschema_rs.Draft202012Validator(document)

    valid = [validator.is_valid(source.make("")) for _ in range(200)]

    assert valid.count(True) > 180


@pytest.mark.parametrize("pattern", ["^a+(b|[0-9]{2,3})?$", "^[^x]*$", r"^\d{4}-\d\d$", "^(?:urn:)?[a-zA-Z]+$"])
def test_text_matches_the_pattern(pattern: str) -> None:
    rng = random.Random(2)

    assert all(re.search(pattern, matching_text(pattern, rng)) for _ in range(100))
