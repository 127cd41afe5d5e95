"""Bundles without unreachable definitions."""

from __future__ import annotations

import copy
from typing import Any

from codegen.keywords.reachable_schemas import reachable_schemas

FILE = "https://example.org/file.json"
POINTER = "/$defs/https:~1~1example.org~1file.json"


def bundle(file: Any, **own: Any) -> dict[str, Any]:
    return {"$id": "https://example.org/", "$defs": {**own, FILE: {"$id": FILE, **file}}}


def kept(file: Any, *pointers: str, **own: Any) -> Any:
    """Return what remains of a file."""
    original = bundle(file, **own)
    unchanged = copy.deepcopy(original)
    found = reachable_schemas(original, pointers)
    assert unchanged == original
    return found["$defs"].get(FILE)


def test_definitions_remain_that_references_reach() -> None:
    a, b, c = {"$ref": "#/definitions/b/properties/x"}, {"properties": {"x": True}}, {"$ref": "#/definitions/a"}

    found = kept({"definitions": {"a": a, "b": b, "c": c}}, f"{POINTER}/definitions/a")

    assert {"$id": FILE, "definitions": {"a": a, "b": b}} == found


def test_schema_around_a_definition_keeps_its_identity_only() -> None:
    file = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$dynamicAnchor": "n", "$ref": "#/$defs/b"}

    found = kept({**file, "type": "object", "$defs": {"a": {"type": "string"}, "b": {}}}, f"{POINTER}/$defs/a")

    assert {"$id": FILE, **file, "$defs": {"a": {"type": "string"}}} == {**found, "$ref": "#/$defs/b"}
    assert "$ref" not in found


def test_reference_to_a_part_keeps_the_whole_definition() -> None:
    file = {"properties": {"x": {"$anchor": "x", "$ref": "#/$defs/b"}}, "$defs": {"a": {"$ref": "#x"}, "b": {}}}

    assert {"$id": FILE, **file} == kept(file, f"{POINTER}/$defs/a")


def test_definitions_inside_other_keywords_are_parts_of_their_schema() -> None:
    inner = {"properties": {"x": {"$defs": {"y": {"$ref": "#/$defs/b"}}}}}
    file = {"$defs": {"a": inner, "b": {"type": "string"}, "c": {}}}

    assert {"a": inner, "b": {"type": "string"}} == kept(file, f"{POINTER}/$defs/a")["$defs"]


def test_nested_definitions_are_left_out_on_their_own() -> None:
    nested = {"type": "object", "$defs": {"used": {"type": "string"}, "unused": {}}}
    file = {"$defs": {"a": {"$ref": "#/$defs/nested/$defs/used"}, "nested": nested}}

    found = kept(file, f"{POINTER}/$defs/a")

    assert {"$defs": {"used": {"type": "string"}}} == found["$defs"]["nested"]


def test_dynamic_references_keep_every_anchor_of_their_name() -> None:
    a, b, c = {"$dynamicRef": "#n"}, {"$dynamicAnchor": "n", "type": "string"}, {"$dynamicAnchor": "m"}

    found = kept({"$defs": {"a": a, "b": b, "c": c, "d": {"$dynamicAnchor": "n"}}}, f"{POINTER}/$defs/a")

    assert {"a": a, "b": b, "d": {"$dynamicAnchor": "n"}} == found["$defs"]


def test_embedded_resources_remain_that_identifiers_reach() -> None:
    a, b = {"$ref": "b.json"}, {"$id": "b.json", "type": "string"}

    assert {"a": a, "b": b} == kept({"$defs": {"a": a, "b": b, "c": {}}}, f"{POINTER}/$defs/a")["$defs"]


def test_own_definitions_of_the_endpoint_remain_with_what_they_need() -> None:
    file = {"$defs": {"a": {"type": "string"}, "b": {}}}

    assert {"a": {"type": "string"}} == kept(file, Own={"$ref": f"{FILE}#/$defs/a"})["$defs"]
    assert kept(file, Own={}) is None


def test_schema_of_a_type_may_be_a_reference() -> None:
    assert {"a": {}} == kept({"$defs": {"a": {}, "b": {}}}, f"{FILE}#/$defs/a")["$defs"]
