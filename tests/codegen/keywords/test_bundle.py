"""Bundles, and the locations of problems in the original files."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import jsonschema_rs
import pytest

from codegen import model
from codegen.source.diagnostics import SchemaProblems
from tornado_ws.validation.schema_validator import SchemaValidator

from ..support.generated import payload
from ..support.models import codes, endpoint


def test_bundle_refers_to_no_other_document(tmp_path: Path) -> None:
    found = endpoint(
        tmp_path,
        payload({"$ref": "common.json#/$defs/User"}),
        common={"$defs": {"User": {"$ref": "deep.json"}, "Unused": {"$ref": "unused.json"}}},
        deep={
            "$id": "https://example.com/deep",
            "type": "object",
            "properties": {"self": {"$ref": "#"}, "id": {"$ref": "id"}},
        },
        id={"$id": "https://example.com/id", "type": "integer"},
        unused=True,
        never={"type": "null"},
    )

    target = found.server[0].payload
    assert target is not None
    registry = jsonschema_rs.Registry([(found.bundle["$id"], found.bundle)])
    validator = jsonschema_rs.validator_for(
        {"$ref": f"{found.bundle['$id']}#{target.pointer}"}, registry=registry, offline=True
    )
    assert validator.is_valid({"self": {"id": 1}})
    assert not validator.is_valid({"self": {"id": "1"}})
    assert "never.json" not in json.dumps(found.bundle)


def test_reference_to_an_inline_schema_leads_to_its_new_location(tmp_path: Path) -> None:
    document = payload(
        {"type": "object", "properties": {"again": {"$ref": "#/serverMessages/it/payload"}}},
        clientMessages={"x": {"payload": {"$ref": "#/serverMessages/it/payload/properties/again"}}},
    )

    found = endpoint(tmp_path, document)

    assert [model.Ref(name="It")] == [part.type for part in (found.client[0].payload,) if part]
    (record,) = found.definitions
    assert isinstance(record, model.Record)
    assert model.Ref(name="It") == record.fields[0].type


def test_problem_in_an_earlier_draft_has_its_original_location(tmp_path: Path) -> None:
    wrong = {"pattern": "(?=a)"}
    draft4 = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "items": [wrong, {"const": 0, "enum": [2**53 + 1]}],
        "additionalItems": wrong,
        "dependencies": {"a": wrong},
        "properties": {"items": {"items": wrong}},
    }
    draft7 = {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"$ref": "#/nowhere"}]}

    found = codes(tmp_path / "a", payload({"$ref": "other.json"}), other=draft4)
    lost = codes(tmp_path / "b", payload({"$ref": "other.json"}), other=draft7)

    assert {
        ("unsupported_pattern", "/items/0/pattern"),
        ("inexact_number", "/items/1/enum/0"),
        ("unsupported_pattern", "/additionalItems/pattern"),
        ("unsupported_pattern", "/dependencies/a/pattern"),
        ("unsupported_pattern", "/properties/items/items/pattern"),
    } == {*found}
    assert [("unresolved_reference", "/items/0/$ref")] == lost


def test_problem_in_another_file_has_its_location_there(tmp_path: Path) -> None:
    with pytest.raises(SchemaProblems) as caught:
        endpoint(tmp_path, payload({"$ref": "other.json"}), other={"items": {"pattern": "(?!a)"}})

    (problem,) = caught.value.problems
    assert (f"{tmp_path}/other.json", "/items/pattern") == (problem.file, problem.pointer)


@pytest.mark.parametrize("name", ["my types", "größe", "\N{CJK UNIFIED IDEOGRAPH-65E5}", "a[b]", 'a"b'])
def test_file_names_are_percent_encoded_in_references(name: str, tmp_path: Path) -> None:
    found = endpoint(
        tmp_path,
        payload({"$ref": f"{quote(name)}.json#/$defs/Count"}),
        **{name: {"type": "array", "items": {"$ref": "#/$defs/Count"}, "$defs": {"Count": {"type": "integer"}}}},
    )

    target = found.server[0].payload
    assert target is not None
    is_valid = SchemaValidator(json.dumps(found.bundle)).predicate(target.pointer)
    assert (True, False) == (is_valid(1), is_valid("1"))
