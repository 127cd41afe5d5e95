"""JSON Schemas of generated models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pydantic

from tests.codegen.support.generated import payload
from tests.codegen.support.package import lint, module, run_all, write
from tornado_ws.models.json_schema import definition_schema

LINE = {
    "title": "Line",
    "description": "Line of text.",
    "type": "object",
    "properties": {"text": {"type": "string", "maxLength": 5, "examples": ["hi"]}, "next": {"$ref": "#/$defs/Line"}},
    "required": ["text"],
    "minProperties": 1,
}
PAGE = {"type": "object", "properties": {"lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}}}}


def test_schema_of_a_model_is_its_definition_with_the_definitions_it_needs(tmp_path: Path) -> None:
    files = {"test.json": payload({"$ref": "#/$defs/Page"}, **{"$defs": {"Page": PAGE, "Line": LINE, "Other": {}}})}
    it = module(tmp_path, files, models="pydantic")

    assert {**LINE, "$defs": {"Line": LINE}} == it.Line.model_json_schema()
    assert {**PAGE, "$defs": {"Line": LINE}} == it.Page.model_json_schema()


def test_schema_of_a_subclass_is_written_by_pydantic(tmp_path: Path) -> None:
    it = module(
        tmp_path, {"test.json": payload({"$ref": "#/$defs/Line"}, **{"$defs": {"Line": LINE}})}, models="pydantic"
    )

    class Long(it.Line, frozen=True):  # type: ignore[name-defined, misc]
        size: int

    assert {"text", "next", "size"} == Long.model_json_schema()["properties"].keys()


def test_schema_of_a_model_of_the_application_has_titles_and_descriptions(tmp_path: Path) -> None:
    files = {"test.json": payload({"$ref": "#/$defs/Page"}, **{"$defs": {"Page": PAGE, "Line": LINE}})}
    it = module(tmp_path, files, models="pydantic")

    class Long(it.Line, frozen=True):  # type: ignore[name-defined, misc]
        size: int

    class Book(pydantic.BaseModel):
        pages: list[it.Page]  # type: ignore[name-defined]
        long: Long

    definitions = Book.model_json_schema()["$defs"]

    assert ["hi"] == definitions["Line"]["properties"]["text"]["examples"]
    assert "Line of text." == definitions["Line"]["description"]
    assert ("Long", ["hi"]) == (definitions["Long"]["title"], definitions["Long"]["properties"]["text"]["examples"])


def test_schema_of_a_shared_model_is_valid_on_its_own(tmp_path: Path) -> None:
    own = payload({"$ref": "#/$defs/word"}, **{"$defs": {"word": LINE | {"properties": {"text": {"type": "string"}}}}})
    page = {"type": "array", "items": {"$ref": "c.json#/$defs/page"}}
    files = {
        "a.json": own,
        "b.json": payload({"type": "object", "properties": {"x": {"$ref": "a.json#/$defs/word"}, "y": page}}),
        "c.json": {
            "$defs": {"page": PAGE | {"properties": {"lines": {"items": {"$ref": "#/$defs/Line"}}}}, "Line": LINE}
        },
    }
    write(tmp_path, files, models="pydantic")
    shared = run_all(tmp_path / "generated")["shared"]

    for model, valid, invalid in ((shared.Word, {"text": "x"}, {}), (shared.Page, {"lines": []}, {"lines": [{}]})):
        schema = jsonschema.Draft202012Validator(model.model_json_schema())
        assert schema.is_valid(valid)
        assert not schema.is_valid(invalid)
    lint(tmp_path / "generated")


def test_definitions_have_their_names_and_no_others_are_included() -> None:
    far = {
        "$id": "https://tornado-ws.invalid/c.json",
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {
            "page": {"properties": {"n": {"$ref": "#/$defs/Line/properties/n"}, "l": {"$ref": "#/$defs/Line"}}},
            "Line": {"properties": {"n": {"type": "integer"}, "$ref": {"const": {"$ref": "#"}}}},
        },
    }
    top = {
        "properties": {
            "a": {"$ref": "#/$defs/A%20b"},
            "page": {"$ref": "c.json#/$defs/page"},
            "line": {"$ref": "#/$defs/Line"},
            "size": {"$ref": "#/$defs/gr%C3%B6%C3%9Fe"},
            "x-tag": {"$ref": "#/$defs/a~1%25"},
        },
        "oneOf": [{"required": ["a"]}, {"required": ["page"]}],
        "x-tag": {"oneOf": {"name": "a", "choices": []}},
    }
    document = {
        "$id": "https://tornado-ws.invalid/test.json",
        "$defs": {
            **{"Top": top, "A b": {"type": "null"}, "Line": {"maxLength": 3}, "größe": {"$ref": "#/$defs/Top"}},
            **{"a/%": {"type": "string"}, "Unused": {}, "https://tornado-ws.invalid/c.json": far},
        },
    }

    schema = definition_schema(document, "/$defs/Top")

    assert {"properties", "oneOf", "$defs"} == schema.keys()
    assert {"A b", "page", "n", "Line", "Line2", "größe", "Top", "a/%"} == schema["$defs"].keys()
    assert {"$ref": "#/$defs/A%20b"} == schema["properties"]["a"]
    assert {"$ref": "#/$defs/a~1%25"} == schema["properties"]["x-tag"]
    assert {"const": {"$ref": "#"}} == schema["$defs"]["Line2"]["properties"]["$ref"]
    assert "tornado-ws.invalid" not in json.dumps(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for value in ({"a": None}, {"page": {"n": 1, "l": {"n": 1}}}, {"a": None, "size": {"a": None, "line": "long"}}):
        assert validator.is_valid(value) is ("line" not in value.get("size", {}))
    assert not validator.is_valid({"page": {"n": "1"}})


def test_whole_document_is_returned_if_references_depend_on_it() -> None:
    tree: dict[str, Any] = {"$dynamicAnchor": "tree", "items": {"$dynamicRef": "#tree"}, "type": "array"}
    document = {"$id": "https://example.org/x", "$defs": {"Tree b": tree, "a": {"anyOf": [], "x-tag": {}}}}

    schema = definition_schema(document, "/$defs/Tree b")

    assert {"$id", "$defs", "$ref"} == schema.keys()
    assert "#/$defs/Tree%20b" == schema["$ref"]
    assert {"anyOf": []} == schema["$defs"]["a"]
    assert jsonschema.Draft202012Validator(schema).is_valid([[]])
    assert not jsonschema.Draft202012Validator(schema).is_valid([1])
