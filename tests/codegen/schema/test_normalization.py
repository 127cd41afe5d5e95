"""Keywords of other dialects, in the form of JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codegen.emit.python import Models
from codegen.schema.resolve import Schemas, resolve
from codegen.source.load import load
from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec

from ..support import package
from ..support.folders import EXPORT, folder, resolved
from ..support.generated import Client, payload
from ..support.generated import read as read_endpoints

DRAFT6 = "http://json-schema.org/draft-06/schema#"
DRAFT7 = "http://json-schema.org/draft-07/schema#"
DRAFT2019 = "https://json-schema.org/draft/2019-09/schema"


def referring(reference: str) -> dict[str, Any]:
    return EXPORT | {"serverMessages": {"done": {"payload": {"$ref": reference}}}}


def definition(schemas: Schemas, name: str) -> Any:
    assert schemas.problems == ()
    (document,) = (document for document in schemas.documents if document.name == "common")
    return document.root["$defs"][name]


def read(path: Path, schema: Any, *, nullable: bool = True) -> Any:
    """Return a definition of a shared file after all steps."""
    files = folder(path / "schemas", export=EXPORT, common={"$defs": {"It": schema}})
    return definition(resolve(load(files), nullable=nullable), "It")


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        ({"type": "string", "nullable": True}, ["string", "null"]),
        ({"type": ["string", "integer"], "nullable": True}, ["string", "integer", "null"]),
        ({"type": ["string", "null"], "nullable": True}, ["string", "null"]),
        ({"type": "string", "enum": ["a"], "nullable": True}, ["string", "null"]),
        ({"type": "string", "nullable": False}, "string"),
        ({"enum": ["a", None], "nullable": True}, None),
        ({"allOf": [{"type": "string"}], "nullable": True}, None),
    ],
    ids=str,
)
def test_nullable_adds_null_to_the_type_beside_it(schema: Any, types: Any, tmp_path: Path) -> None:
    found = read(tmp_path, schema)

    assert types == found.get("type")
    assert schema.get("enum") == found.get("enum")
    assert read(tmp_path / "without", schema, nullable=False) == schema


NULL = {"type": "null"}
TEXT, REFERENCE = {"type": "string", "nullable": True}, {"$ref": "#/$defs/It"}
ALTERNATIVES = [{"type": "string"}, {"type": "integer"}]
OF_TEXT = {"anyOf": [{"type": ["string", "null"], "nullable": True}, REFERENCE, NULL]}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"allOf": [REFERENCE], "title": "A"}, {"anyOf": [REFERENCE, NULL], "title": "A"}),
        ({"allOf": [REFERENCE], "type": "object"}, {"anyOf": [REFERENCE, NULL], "type": ["object", "null"]}),
        ({"anyOf": ALTERNATIVES}, {"anyOf": [*ALTERNATIVES, NULL]}),
        ({"anyOf": [TEXT, REFERENCE]}, OF_TEXT),
        ({"oneOf": ALTERNATIVES}, {"anyOf": [{"oneOf": ALTERNATIVES}, NULL]}),
        ({"anyOf": [*ALTERNATIVES, NULL]}, None),
        ({"allOf": ALTERNATIVES}, None),
        ({"allOf": [REFERENCE, REFERENCE]}, None),
        ({"allOf": [REFERENCE], "anyOf": ALTERNATIVES}, None),
        (REFERENCE, None),
    ],
    ids=str,
)
def test_nullable_adds_null_to_the_combined_schemas_beside_it(schema: Any, expected: Any, tmp_path: Path) -> None:
    nullable = {"nullable": True}

    assert nullable | (schema if expected is None else expected) == read(tmp_path, schema | nullable)


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
def test_null_is_valid_in_both_languages_where_combined_schemas_are_nullable(models: Models, tmp_path: Path) -> None:
    pets = {
        kind: {"type": "object", "properties": {"kind": {"const": kind}}, "required": ["kind"]}
        for kind in ("Cat", "Dog")
    }
    references = [{"$ref": f"#/$defs/{kind}"} for kind in pets]
    union = {"oneOf": references, "discriminator": {"propertyName": "kind"}}
    parts = {"a": {"allOf": references[:1]}, "b": {"anyOf": references}, "c": union, "d": {"allOf": references}}
    properties = {name: part | {"nullable": True} for name, part in parts.items()}
    files = {"test.json": payload({"type": "object", "properties": properties}, **{"$defs": pets})}
    module = package.run(package.write(tmp_path / "python", files, models=models, nullable=True)["test"])
    codec = Codec(package.endpoint(module), side="client")
    client = Client(tmp_path / "client")
    client.add(read_endpoints(tmp_path / "schemas", files, nullable=True))
    values = [{name: value} for name in parts for value in (None, {"kind": "Cat"})]
    for value in values:
        client.queue("test", value)

    verdicts = [package.accepts(codec, value) for value in values]

    assert verdicts == [True] * 6 + [False] * 2
    assert verdicts == [issue is None for issue in client.results()]


def test_problem_inside_a_nullable_union_has_its_place_in_the_file(tmp_path: Path) -> None:
    wrong = {"type": "object", "properties": {"x": {"type": "text"}}}
    inner = {"oneOf": [{"type": "integer"}, wrong], "nullable": True}
    common = {"$defs": {"It": {"oneOf": [inner, {"type": "boolean"}], "nullable": True}}}
    files = folder(tmp_path / "schemas", export=referring("common.json#/$defs/It"), common=common)

    (problem,) = resolve(load(files), nullable=True).problems

    assert problem.pointer == "/$defs/It/oneOf/0/oneOf/1/properties/x/type"


def test_nullable_applies_to_nested_schemas_and_not_to_data(tmp_path: Path) -> None:
    data = {"type": "string", "nullable": True}
    schema = {"properties": {"nullable": data}, "default": data, "x-data": data}

    found = read(tmp_path, {"items": schema})["items"]

    assert found["properties"]["nullable"]["type"] == ["string", "null"]
    assert found["default"] == found["x-data"] == data


def test_nullable_applies_to_payloads_and_to_definitions_in_other_places(tmp_path: Path) -> None:
    text = {"type": "string", "nullable": True}
    endpoint = EXPORT | {
        "serverMessages": {
            "done": {"payload": text},
            "gone": {"payload": {"$ref": "common.json#/components/schemas/It"}},
        }
    }
    files = folder(tmp_path / "schemas", export=endpoint, common={"components": {"schemas": {"It": text}}})

    schemas = resolve(load(files), nullable=True)

    (found,) = schemas.endpoints
    assert found.root["serverMessages"]["done"]["payload"]["type"] == ["string", "null"]
    assert definition(schemas, "It")["type"] == ["string", "null"]


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
def test_null_is_valid_in_both_languages_where_the_type_is_nullable(models: Models, tmp_path: Path) -> None:
    plain, typed = {"enum": ["x"], "nullable": True}, {"type": "string", "nullable": True}
    properties = {"a": typed, "b": typed | {"enum": ["x"]}, "c": typed | {"enum": ["x", None]}, "d": plain}
    files = {"test.json": payload({"type": "object", "properties": properties})}
    modules = package.write(tmp_path / "python", files, models=models, nullable=True)
    codec = Codec(package.endpoint(package.run(modules["test"])), side="client")
    client = Client(tmp_path / "client")
    client.add(read_endpoints(tmp_path / "schemas", files, nullable=True))
    verdicts = {"a": True, "b": False, "c": True, "d": False}

    for name, verdict in verdicts.items():
        client.queue("test", {name: None})
        frame = json.dumps({"type": "it", "data": {name: None}})
        if verdict:
            codec.decode(frame)
        else:
            with pytest.raises(InvalidFrame):
                codec.decode(frame)

    assert [issue is None for issue in client.results()] == [*verdicts.values()]


@pytest.mark.parametrize("dialect", [DRAFT6, DRAFT7, None])
@pytest.mark.parametrize("name", ["a", "a/b", "a b", "ü", "1", "a:b", "-", "a%2Fb"])
def test_anchor_of_an_older_draft_may_have_any_name(dialect: str | None, name: str, tmp_path: Path) -> None:
    common = {"definitions": {"A": {"$id": f"#{name}", "type": "string"}, "B": {"$ref": f"#{name}"}}}
    declared = {"$schema": dialect} if dialect else {}

    schemas = resolved(tmp_path, export=referring(f"common.json#{name}"), common=declared | common)

    assert schemas.problems == ()


@pytest.mark.parametrize("dialect", [DRAFT6, DRAFT7, None])
def test_pointer_as_identifier_of_an_older_draft_names_nothing(dialect: str | None, tmp_path: Path) -> None:
    declared = {"$schema": dialect} if dialect else {}
    common = {"properties": {"a": {"$id": "#/properties/a", "type": "string"}, "b": {"$id": "#/properties/a"}}}

    schemas = resolved(tmp_path, export=referring("common.json#/properties/a"), common=declared | common)

    assert schemas.problems == ()


def test_anchor_of_2019_09_may_contain_a_colon(tmp_path: Path) -> None:
    common = {"$schema": DRAFT2019, "$defs": {"A": {"$anchor": "a:b", "type": "string"}}}

    assert resolved(tmp_path, export=referring("common.json#a:b"), common=common).problems == ()


def test_fragment_as_identifier_in_a_later_draft_is_an_error_with_a_hint(tmp_path: Path) -> None:
    common = {"$schema": DRAFT2019, "$defs": {"A": {"$id": "#a", "type": "string"}}}

    (problem,) = resolved(tmp_path, export=EXPORT, common=common).problems

    assert problem.code == "invalid_schema"
    assert problem.hint == 'write "$anchor": "a"'


BOUNDS = {"type": "number", "minimum": 1, "exclusiveMinimum": True, "maximum": 5, "exclusiveMaximum": False}


@pytest.mark.parametrize(
    "stated", [{"openapi": "3.0.3"}, {"openapi": "3.0"}, {"openapi": 3.0}, {"swagger": "2.0"}, {"swagger": 2.0}]
)
def test_files_of_openapi_have_its_keywords(stated: dict[str, Any], tmp_path: Path) -> None:
    schemas = resolved(
        tmp_path,
        export=referring("common.json#/components/schemas/It"),
        common={**stated, "components": {"schemas": {"It": {**BOUNDS, "nullable": True}}}},
    )

    it = definition(schemas, "It")

    assert {"type": ["number", "null"], "exclusiveMinimum": 1, "maximum": 5, "nullable": True} == it


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1.5, "exclusiveMaximum": True}, {"exclusiveMaximum": 1.5}),
        ({"minimum": 1, "exclusiveMinimum": False}, {"minimum": 1}),
        ({"exclusiveMinimum": True}, {}),
        ({"minimum": 1, "exclusiveMinimum": 0}, {"minimum": 1, "exclusiveMinimum": 0}),
        ({"items": {"minimum": 1, "exclusiveMinimum": True}}, {"items": {"exclusiveMinimum": 1}}),
    ],
    ids=str,
)
def test_setting_reads_exclusive_bounds_as_openapi(bounds: Any, expected: Any, tmp_path: Path) -> None:
    assert expected == read(tmp_path, bounds)


def test_setting_leaves_bounds_of_draft_04_to_its_upgrade(tmp_path: Path) -> None:
    common = {"$schema": "http://json-schema.org/draft-04/schema#", "definitions": {"It": BOUNDS}}
    files = folder(tmp_path / "schemas", export=EXPORT, common=common)

    (document,) = (one for one in resolve(load(files), nullable=True).documents if one.name == "common")

    assert {"type": "number", "exclusiveMinimum": 1, "maximum": 5} == document.root["definitions"]["It"]


@pytest.mark.parametrize("stated", [{}, {"openapi": "3.1.0"}, {"swagger": "1.2"}, {"openapi": None}])
def test_boolean_bounds_elsewhere_are_an_error_with_a_way_out(stated: dict[str, Any], tmp_path: Path) -> None:
    (problem,) = resolved(tmp_path, export=EXPORT, common={**stated, "$defs": {"It": BOUNDS}}).problems[:1]

    assert (
        "/$defs/It/exclusiveMaximum: invalid JSON Schema (2020-12): expected number, got false [invalid_schema]\n"
        '  hint: set nullable = true to read schemas as OpenAPI 3.0, or declare "$schema": "http://json-schema.org/draft-04/schema"'
    ) == str(problem).split(": ", 1)[1]


def test_boolean_bound_in_an_endpoint_has_a_hint_for_its_draft(tmp_path: Path) -> None:
    it = {"minimum": 1, "exclusiveMinimum": True}

    (problem,) = resolved(tmp_path, test=payload(it)).problems

    assert (
        'write "exclusiveMinimum": 5 in place of "minimum": 5, or set nullable = true to read schemas as OpenAPI 3.0'
    ) == problem.hint
    assert {"exclusiveMinimum": 1} == resolve(load(tmp_path / "schemas"), nullable=True).endpoints[0].root[
        "serverMessages"
    ]["it"]["payload"]
