"""References to schemas that the upgrade of older drafts or ``nullable`` moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen.source.diagnostics import SchemaProblems
from tornado_ws.validation.codec import Codec

from ..support.generated import payload
from ..support.package import accepts, endpoint, module

DRAFT7 = "http://json-schema.org/draft-07/schema#"
TEXT, INTEGER = {"type": "string"}, {"type": "integer"}
OLD = {
    "$schema": DRAFT7,
    "definitions": {
        "T": {"items": [INTEGER, {"$ref": "#/definitions/T/items/0"}], "additionalItems": {"items": [INTEGER]}},
        "D": {"dependencies": {"x": {"properties": {"y": INTEGER}, "required": ["y"]}}},
        "R": {"$id": "https://example.org/r.json", "items": [INTEGER, {"$ref": "#/items/0"}]},
        "Beside": {"items": INTEGER, "additionalItems": INTEGER},
    },
}
NULLABLE = {
    "components": {
        "schemas": {
            "One": {"oneOf": [INTEGER, {"oneOf": [INTEGER, TEXT], "nullable": True}], "nullable": True},
            "All": {"allOf": [{"$ref": "#/components/schemas/Number"}], "nullable": True},
            "Number": INTEGER,
            "Inside": {"type": "array", "items": {"$ref": "#/components/schemas/One/oneOf/1/oneOf/0"}},
        }
    }
}


def verdicts(path: Path, reference: str, values: list[Any], **options: Any) -> list[bool]:
    files = {"test.json": payload({"$ref": reference}), "old.json": OLD, "api.json": NULLABLE}
    codec = Codec(endpoint(module(path, files, **options)), side="client")
    return [accepts(codec, value) for value in values]


@pytest.mark.parametrize(
    "reference",
    [
        "old.json#/definitions/T/items/0",
        "old.json#/definitions/T/items/1",
        "old.json#/definitions/T/additionalItems/items/0",
        "old.json#/definitions/D/dependencies/x/properties/y",
        "old.json#/definitions/R/items/0",
        "old.json#/definitions/R/items/1",
        "https://example.org/r.json#/items/0",
        "https://example.org/r.json#/items/1",
    ],
)
def test_reference_from_another_file_follows_the_upgrade(tmp_path: Path, reference: str) -> None:
    assert [True, False] == verdicts(tmp_path, reference, [1, "a"])


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("api.json#/components/schemas/One/oneOf/0", 1),
        ("api.json#/components/schemas/One/oneOf/1/oneOf/0", 1),
        ("api.json#/components/schemas/All/allOf/0", 1),
        ("api.json#/components/schemas/Inside", [1]),
    ],
)
def test_reference_follows_a_schema_that_gets_null_as_an_alternative(
    tmp_path: Path, reference: str, value: Any
) -> None:
    assert [True, False, False] == verdicts(tmp_path, reference, [value, "a", None], nullable=True)


@pytest.mark.parametrize("reference", ["old.json#/definitions/T/items", "old.json#/definitions/Beside/additionalItems"])
def test_reference_to_a_place_without_a_schema_is_a_problem(tmp_path: Path, reference: str) -> None:
    with pytest.raises(SchemaProblems) as raised:
        verdicts(tmp_path, reference, [])

    assert {"reference_to_non_schema", "unresolved_reference"} >= {problem.code for problem in raised.value.problems}


def test_dependencies_of_an_endpoint_are_found(tmp_path: Path) -> None:
    schema = {
        "dependencies": {"a": {"properties": {"b": INTEGER}}},
        "properties": {"c": {"$ref": "#/$defs/It/dependencies/a"}},
    }
    made = module(tmp_path, {"test.json": payload({"$ref": "#/$defs/It"}, **{"$defs": {"It": schema}})})

    codec = Codec(endpoint(made), side="client")

    assert [True, False] == [accepts(codec, {"c": {"b": value}}) for value in (1, "x")]


@pytest.mark.parametrize(("name", "expected"), [("dependencies", [True, False]), ("dependentSchemas", [False, True])])
def test_reference_leads_to_one_of_two_schemas_for_a_property(tmp_path: Path, name: str, expected: list[bool]) -> None:
    both = {"dependencies": {"x": INTEGER}, "dependentSchemas": {"x": TEXT}}
    common = {"$schema": "https://json-schema.org/draft/2019-09/schema", "$defs": {"It": both}}
    files = {"test.json": payload({"$ref": f"common.json#/$defs/It/{name}/x"}), "common.json": common}

    codec = Codec(endpoint(module(tmp_path, files)), side="client")

    assert expected == [accepts(codec, value) for value in (1, "a")]


def test_reference_to_a_dependency_ignores_a_keyword_of_later_drafts(tmp_path: Path) -> None:
    both = {"dependencies": {"x": INTEGER}, "dependentSchemas": {"x": TEXT}}
    common = {"$schema": DRAFT7, "definitions": {"It": both}}
    files = {"test.json": payload({"$ref": "common.json#/definitions/It/dependencies/x"}), "common.json": common}

    codec = Codec(endpoint(module(tmp_path, files)), side="client")

    assert [True, False] == [accepts(codec, value) for value in (1, "a")]
