"""Handlers of all keywords, and their order."""

from __future__ import annotations

from typing import Any

import pytest

from tornado_ws.validation.keyword_handlers import ORDER

from .schema_documents import INTEGER, STRING, Document

EACH: dict[str, tuple[Any, Any]] = {
    "type": ({"type": "string"}, 1),
    "const": ({"const": 1}, True),
    "enum": ({"enum": [1, "a"]}, "b"),
    "minimum": ({"minimum": 3}, 2),
    "maximum": ({"maximum": 3}, 4),
    "exclusiveMinimum": ({"exclusiveMinimum": 3}, 3),
    "exclusiveMaximum": ({"exclusiveMaximum": 3}, 3),
    "multipleOf": ({"multipleOf": 0.1}, 0.25),
    "minLength": ({"minLength": 2}, "😀"),
    "maxLength": ({"maxLength": 1}, "ab"),
    "minItems": ({"minItems": 1}, []),
    "maxItems": ({"maxItems": 1}, [1, 2]),
    "minProperties": ({"minProperties": 1}, {}),
    "maxProperties": ({"maxProperties": 0}, {"a": 1}),
    "required": ({"required": ["a"]}, {}),
    "dependentRequired": ({"dependentRequired": {"a": ["b"]}}, {"a": 1}),
    "pattern": ({"pattern": "^a"}, "b"),
    "format": ({"format": "date"}, "today"),
    "uniqueItems": ({"uniqueItems": True}, [1, 1.0]),
    "properties": ({"properties": {"a": False}}, {"a": 1}),
    "patternProperties": ({"patternProperties": {"^a": False}}, {"a": 1}),
    "additionalProperties": ({"additionalProperties": False}, {"a": 1}),
    "propertyNames": ({"propertyNames": {"maxLength": 1}}, {"ab": 1}),
    "prefixItems": ({"prefixItems": [False]}, [1]),
    "items": ({"items": False}, [1]),
    "contains": ({"contains": INTEGER}, ["a"]),
    "dependentSchemas": ({"dependentSchemas": {"a": False}}, {"a": 1}),
    "allOf": ({"allOf": [False]}, 1),
    "anyOf": ({"anyOf": [INTEGER, STRING]}, None),
    "oneOf": ({"oneOf": [INTEGER, {"minimum": 0}]}, 1),
    "not": ({"not": INTEGER}, 1),
    "if": ({"if": True, "then": {"const": 2}}, 1),
    "$ref": ({"$ref": "#/$defs/None", "$defs": {"None": False}}, 1),
    "$dynamicRef": ({"$dynamicRef": "#/$defs/None", "$defs": {"None": False}}, 1),
    "unevaluatedProperties": ({"unevaluatedProperties": {"type": "null"}}, {"a": 1}),
    "unevaluatedItems": ({"unevaluatedItems": False}, [1]),
}
"""A schema and a value that it rejects, by keyword."""


def test_every_keyword_has_an_example() -> None:
    assert [*ORDER] == [*EACH]


@pytest.mark.parametrize("keyword", EACH)
def test_keyword_rejects_its_example(keyword: str) -> None:
    schema, value = EACH[keyword]

    error = Document(schema, formats=True).locate(value)

    assert error.keyword == {"if": "const"}.get(keyword, keyword)


def test_format_is_not_asserted_unless_the_endpoint_states_it() -> None:
    schema, value = EACH["format"]

    assert Document(schema).locate(value).keyword is None


def _merged(one: Any, other: Any) -> Any:
    """Return a schema with the keywords of both, one after the other, the second one first."""
    return other | one | ({"$defs": {"None": False}} if "$defs" in one or "$defs" in other else {})


@pytest.mark.parametrize("earlier", range(len(ORDER)))
def test_keywords_are_reported_in_order(earlier: int) -> None:
    """Every pair of keywords that reject one value."""
    for later in range(earlier + 1, len(ORDER)):
        keywords = ORDER[earlier], ORDER[later]
        (first_schema, value), (second_schema, other_value) = (EACH[keyword] for keyword in keywords)
        for one in (value, other_value):
            document = Document(_merged(first_schema, second_schema), formats=True)
            alone = [Document(schema, formats=True) for schema in (first_schema, second_schema)]
            if any(part.is_valid(one) for part in alone) or document.is_valid(one):
                continue

            assert document.locate(one).keyword == alone[0].locate(one).keyword, (keywords, one)
