"""Schemas that several keywords apply to one value."""

from __future__ import annotations

from pathlib import Path

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


def test_redundant_type_does_not_hide_the_name_of_a_reference(tmp_path: Path) -> None:
    base = {"type": "object", "properties": {"arguments": {"type": ["array", "object", "string"]}}}
    derived = {"properties": {"arguments": {"$ref": "#/$defs/Arguments"}}}
    definitions = {"Base": base, "Arguments": {"type": "object", "properties": {"a": {"type": "string"}}}}

    found = built(tmp_path, {"allOf": [{"$ref": "#/$defs/Base"}, derived]}, **{"$defs": definitions})

    assert {"arguments": model.Ref(name="Arguments")} == fields(found, "It")
