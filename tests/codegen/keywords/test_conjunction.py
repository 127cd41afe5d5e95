"""Schemas that several keywords apply to one value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen import model

from ..support.models import built, fields


def test_reference_with_annotations_has_the_name_of_its_target(tmp_path: Path) -> None:
    definitions = {
        "User": {"type": "object", "properties": {"id": {"$ref": "#/$defs/UserId"}}},
        "UserId": {"type": "string"},
    }
    schema = {
        "type": "object",
        "properties": {
            "by": {"$ref": "#/$defs/User", "description": "Who."},
            "of": {"allOf": [{"$ref": "#/$defs/User"}]},
        },
    }

    found = built(tmp_path, schema, **{"$defs": definitions})

    assert {"by": model.Ref(name="User"), "of": model.Ref(name="User")} == fields(found, "It")
    assert {"id": model.Ref(name="UserId")} == fields(found, "User")
    assert ["User", "UserId", "It"] == [definition.name for definition in found.definitions]


@pytest.mark.parametrize(
    "others",
    [
        {"x-foo": 1},
        {"example": {"id": "a"}, "nullable": False, "markdownDescription": "*Owner*"},
        {"xml": {"name": "owner"}, "externalDocs": {"url": "https://example.com"}},
        {"discriminator": {"propertyName": "id"}},
        {"type": "object"},
        {"type": ["object", "null"], "description": "Owner of it."},
    ],
    ids=str,
)
def test_reference_beside_unknown_keywords_or_an_implied_type_is_its_target(
    others: dict[str, Any], tmp_path: Path
) -> None:
    owner = {"type": "object", "properties": {"id": {"type": "string"}}}
    references: dict[str, Any] = {"a": {"$ref": "#/$defs/Owner"}, "b": {"allOf": [{"$ref": "#/$defs/Owner"}]}}
    properties = {name: reference | others for name, reference in references.items()}

    found = built(tmp_path, {"type": "object", "properties": properties}, **{"$defs": {"Owner": owner}})

    assert {"a": model.Ref(name="Owner"), "b": model.Ref(name="Owner")} == fields(found, "It")
    assert ["Owner", "It"] == [definition.name for definition in found.definitions]


def test_reference_beside_a_narrower_type_has_a_type_of_its_own(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/Both", "type": "string", "x-foo": 1}}}

    found = built(tmp_path, schema, **{"$defs": {"Both": {"type": ["string", "null"]}}})

    assert {"a": model.Scalar(type="string")} == fields(found, "It")


def test_redundant_type_does_not_hide_the_name_of_a_reference(tmp_path: Path) -> None:
    base = {"type": "object", "properties": {"arguments": {"type": ["array", "object", "string"]}}}
    derived = {"properties": {"arguments": {"$ref": "#/$defs/Arguments"}}}
    definitions = {"Base": base, "Arguments": {"type": "object", "properties": {"a": {"type": "string"}}}}

    found = built(tmp_path, {"allOf": [{"$ref": "#/$defs/Base"}, derived]}, **{"$defs": definitions})

    assert {"arguments": model.Ref(name="Arguments")} == fields(found, "It")
