"""References within a schema document; ``test_first_error.py`` combines them with every applicator."""

from __future__ import annotations

from typing import Any

import pytest

from tornado_ws.validation.references import DEFAULT_BASE_URI, References

INNER = {"$id": "inner", "$anchor": "here", "$dynamicAnchor": "node", "$defs": {"A": {"const": "inner"}}}
DOCUMENT: dict[str, Any] = {
    "$id": "https://example.org/outer",
    "$dynamicAnchor": "node",
    "properties": {"$id": {"const": "a property"}, "p": INNER},
    "enum": [{"$id": "value", "$anchor": "here"}],
    "unknown": {"$id": "unknown", "const": "found by a pointer only"},
    "$defs": {"": {"const": "empty"}, "a b": {"const": "space"}},
}


@pytest.fixture
def references() -> References:
    return References(DOCUMENT, DOCUMENT["$id"])


@pytest.mark.parametrize(
    ("reference", "target"),
    [
        ("#", DOCUMENT),
        ("", DOCUMENT),
        ("outer", DOCUMENT),
        ("https://example.org/outer#/$defs/", DOCUMENT["$defs"][""]),
        ("#/$defs/a%20b", DOCUMENT["$defs"]["a b"]),
        ("inner", INNER),
        ("inner#here", INNER),
        ("inner#/$defs/A", INNER["$defs"]["A"]),  # type: ignore[index]
        ("#/properties/p/$defs/A", INNER["$defs"]["A"]),  # type: ignore[index]
        ("#node", DOCUMENT),
        ("#/unknown", DOCUMENT["unknown"]),
    ],
)
def test_reference_leads_to_a_schema(references: References, reference: str, target: Any) -> None:
    _, scope = references.at("")

    assert references.follow(reference, scope)[0] is target


@pytest.mark.parametrize("reference", ["#here", "unknown", "value", "#/nowhere", "#/enum/x", "other#here"])
def test_reference_that_leads_nowhere_raises(references: References, reference: str) -> None:
    _, scope = references.at("")

    with pytest.raises((LookupError, ValueError, TypeError)):
        references.follow(reference, scope)


def test_references_of_a_resource_are_relative_to_it(references: References) -> None:
    _, scope = references.at("/properties/p")

    assert references.follow("#/$defs/A", scope)[0] is INNER["$defs"]["A"]  # type: ignore[index]
    assert references.follow("outer", scope)[0] is DOCUMENT


def test_dynamic_reference_prefers_the_outermost_resource(references: References) -> None:
    _, scope = references.at("/properties/p")

    assert references.follow("#node", scope)[0] is INNER
    assert references.follow("#node", scope, dynamic=True)[0] is DOCUMENT
    assert references.follow("#/$defs/A", scope, dynamic=True)[0] is INNER["$defs"]["A"]  # type: ignore[index]


def test_schema_has_a_uri(references: References) -> None:
    assert "https://example.org/outer#/$defs/a%20b" == references.uri(DOCUMENT["$defs"]["a b"])


@pytest.mark.parametrize("document", [True, {}, 1, {"properties": 1, "allOf": {}, "$id": 3, "items": []}])
def test_any_document_can_be_indexed(document: Any) -> None:
    schema, scope = References(document, DEFAULT_BASE_URI).at("")

    assert schema is document
    assert scope.base == DEFAULT_BASE_URI
