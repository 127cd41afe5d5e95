"""Definitions that only rename others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen import model

from ..support.generated import payload, read
from ..support.models import STRING, TEXT_MAP, built, endpoint, fields

RESPONSE = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
REFERENCE = {"$ref": "#/$defs/Response"}


def aliases(endpoint: model.Endpoint) -> dict[str, model.Type]:
    return {one.name: one.type for one in endpoint.definitions if isinstance(one, model.Alias)}


def names(endpoint: model.Endpoint) -> list[str]:
    return [definition.name for definition in endpoint.definitions]


@pytest.mark.parametrize(
    "schema",
    [
        REFERENCE,
        {**REFERENCE, "description": "Reply to a launch."},
        {"allOf": [REFERENCE]},
        {"allOf": [REFERENCE, {"type": "object"}]},
        {"anyOf": [REFERENCE]},
        {"oneOf": [{"allOf": [REFERENCE]}], "title": "Reply"},
    ],
)
def test_definition_that_renames_another_is_an_alias(tmp_path: Path, schema: Any) -> None:
    definitions = {"LaunchResponse": schema, "Response": RESPONSE}

    found = built(tmp_path, {"$ref": "#/$defs/LaunchResponse"}, **{"$defs": definitions})

    assert {"LaunchResponse": model.Ref(name="Response")} == aliases(found)
    assert ["LaunchResponse", "Response"] == names(found)
    assert found.server[0].payload is not None
    assert model.Ref(name="LaunchResponse") == found.server[0].payload.type


def test_alias_has_the_description_of_its_definition(tmp_path: Path) -> None:
    schema = {**REFERENCE, "description": "Reply to a launch.", "deprecated": True}

    found = built(tmp_path, True, **{"$defs": {"LaunchResponse": schema, "Response": RESPONSE}})

    (alias,) = (one for one in found.definitions if isinstance(one, model.Alias))
    assert ("Reply to a launch.", True, "/$defs/LaunchResponse") == (alias.description, alias.deprecated, alias.pointer)


def test_each_definition_on_the_way_is_an_alias(tmp_path: Path) -> None:
    definitions = {"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/C"}, "C": {"type": "string"}}
    properties = {"one": {"$ref": "#/$defs/A"}, "two": {"$ref": "#/$defs/C"}}

    found = built(tmp_path, {"type": "object", "properties": properties}, **{"$defs": definitions})

    assert {"A": model.Ref(name="B"), "B": model.Ref(name="C"), "C": STRING} == aliases(found)
    assert {"one": model.Ref(name="A"), "two": model.Ref(name="C")} == fields(found, "It")


def test_definition_that_refers_to_an_inline_schema_is_an_alias(tmp_path: Path) -> None:
    text = {"type": "object", "additionalProperties": {"type": "string"}}
    definitions = {"Texts": {"$ref": "#/$defs/Page/properties/texts"}, "Page": {"properties": {"texts": text}}}

    found = built(tmp_path, {"$ref": "#/$defs/Texts"}, **{"$defs": definitions})

    assert {"Texts": TEXT_MAP} == aliases(found)


def test_names_of_one_definition_are_one_member_of_a_union(tmp_path: Path) -> None:
    definitions = {"A": REFERENCE, "B": {"allOf": [REFERENCE]}, "Response": RESPONSE}
    references = [{"$ref": f"#/$defs/{name}"} for name in definitions]

    found = built(tmp_path, {"type": "array", "items": {"anyOf": references}}, **{"$defs": definitions})

    assert found.server[0].payload is not None
    assert model.Array(item=model.Ref(name="Response")) == found.server[0].payload.type


def test_base_that_renames_another_definition_is_an_alias(tmp_path: Path) -> None:
    extended = {"allOf": [{"$ref": "#/$defs/Base"}, {"type": "object", "properties": {"id": {"type": "string"}}}]}
    definitions = {"It": extended, "Base": REFERENCE, "Response": RESPONSE}

    found = built(tmp_path, {"$ref": "#/$defs/It"}, **{"$defs": definitions})

    assert ["It", "Base", "Response"] == names(found)
    assert {"Base": model.Ref(name="Response")} == aliases(found)


def test_definition_with_the_name_of_the_other_one_needs_no_alias(tmp_path: Path) -> None:
    document = payload({"$ref": "messages.json#/$defs/Response"})
    messages = {"$defs": {"Response": {"$ref": "base.json#/$defs/Response"}}}

    found = endpoint(tmp_path, document, messages=messages, base={"$defs": {"Response": RESPONSE}})

    assert ["Response"] == names(found)


def test_file_that_refers_to_one_of_its_definitions_has_no_alias(tmp_path: Path) -> None:
    document = payload({"$ref": "hello.json"})

    found = endpoint(tmp_path, document, hello={"$ref": "#/$defs/Response", "$defs": {"Response": RESPONSE}})

    assert ["Response"] == names(found)


def test_other_definition_with_the_same_name_keeps_it(tmp_path: Path) -> None:
    properties = {"one": {"$ref": "one.json#/$defs/Reply"}, "two": {"$ref": "two.json#/$defs/Reply"}}
    document = payload({"type": "object", "properties": properties})
    one = {"$defs": {"Reply": REFERENCE, "Response": RESPONSE}}
    two = {"$defs": {"Reply": {"type": "object", "properties": {"id": {"type": "integer"}}}}}

    found = endpoint(tmp_path, document, one=one, two=two)

    assert {"one": model.Ref(name="OneReply"), "two": model.Ref(name="Reply")} == fields(found, "It")


def test_endpoints_share_aliases(tmp_path: Path) -> None:
    shared = {"$defs": {"LaunchResponse": REFERENCE, "Response": RESPONSE}}
    document = payload({"$ref": "shared.json#/$defs/LaunchResponse"})

    one, two = read(tmp_path, {"one.json": document, "two.json": document, "shared.json": shared})

    assert {"LaunchResponse": "LaunchResponse", "Response": "Response"} == one.shared == two.shared
