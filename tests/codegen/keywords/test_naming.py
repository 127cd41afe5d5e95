"""Names of definitions."""

from __future__ import annotations

from pathlib import Path

from codegen import model

from ..support.models import built, fields, member


def test_nested_record_is_named_after_its_pointer(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"x": {"type": "string"}}}
    schema = {
        "type": "object",
        "properties": {
            "author": inner,
            "line_items": {"type": "array", "items": inner},
            "by_name": {"type": "object", "additionalProperties": inner},
        },
    }

    found = built(tmp_path, schema)

    assert ["It", "ItAuthor", "ItLineItemsItem", "ItByNameValue"] == [one.name for one in found.definitions]


def test_derived_name_differs_from_declared_names(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"x": {"type": "string"}}}
    schema = {"type": "object", "properties": {"author": inner, "other": {"$ref": "#/$defs/ItAuthor"}}}

    found = built(tmp_path, schema, **{"$defs": {"ItAuthor": {"type": "object", "properties": {"y": True}}}})

    assert {"author": model.Ref(name="ItAuthor2"), "other": model.Ref(name="ItAuthor")} == fields(found, "It")


def test_members_of_a_union_are_named_after_their_tag(tmp_path: Path) -> None:
    found = built(tmp_path, {"oneOf": [member("circle"), member("text")]})

    assert ["ItCircle", "ItText"] == [definition.name for definition in found.definitions]
