"""Definitions in places where JSON Schema defines none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen.source.diagnostics import SchemaProblems
from tornado_ws.validation.codec import Codec

from ..support.generated import read
from ..support.package import accepts, endpoint, module

TEXT = {"type": "string", "maxLength": 3}


def referring(reference: str) -> dict[str, Any]:
    return {"kind": "ephemeral", "serverMessages": {"it": {"payload": {"$ref": reference}}}}


@pytest.mark.parametrize(
    ("reference", "shared"),
    [
        ("shared.json#/definitions/group/name", {"definitions": {"group": {"name": TEXT, "other": True}}}),
        ("shared.json#/definitions/group/type", {"definitions": {"group": {"type": TEXT}}}),
        ("shared.json#/$defs/a/b/c", {"$defs": {"a": {"b": {"c": TEXT}}}}),
        ("shared.json#/FilePath", {"FilePath": TEXT}),
        ("shared.json#/A/items/0", {"$schema": "http://json-schema.org/draft-07/schema#", "A": {"items": [TEXT]}}),
        ("shared.json#/Name", {"Name": TEXT, "$defs": {"Name": {"type": "integer"}}}),
        ("shared.json#/x/A", {"x": {"A": {"$ref": "#/x/B"}, "B": {"$ref": "#/y/0"}}, "y": [TEXT]}),
        ("a/shared.json#/x/A", {"x": {"A": {"$ref": "#/x/B"}, "B": TEXT}}),
        ("shared.json#/x/A", {"$id": "https://example.org/here", "x": {"A": {"$ref": "here#/x/B"}, "B": TEXT}}),
        ("shared.json#/default", {"default": TEXT}),
    ],
)  # fmt: skip
def test_definition_in_any_place_is_a_schema(tmp_path: Path, reference: str, shared: Any) -> None:
    files = {"test.json": referring(reference), reference.partition("#")[0]: shared}

    codec = Codec(endpoint(module(tmp_path, files)), side="client")

    assert (True, False, False) == tuple(accepts(codec, value) for value in ("abc", "abcd", 1))


def test_recursion_in_another_place_is_followed(tmp_path: Path) -> None:
    list_ = {"type": "array", "items": {"$ref": "#/components/schemas/List"}}

    codec = Codec(
        endpoint(
            module(
                tmp_path,
                {
                    "test.json": referring("shared.json#/components/schemas/List"),
                    "shared.json": {"components": {"schemas": {"List": list_}}},
                },
            )
        ),
        side="client",
    )

    assert (True, False) == (accepts(codec, [[], [[]]]), accepts(codec, [[1]]))


def test_problems_have_the_place_in_the_file(tmp_path: Path) -> None:
    group = {"name": {"$ref": "#/definitions/group/other"}, "other": {"minimum": "1"}}

    with pytest.raises(SchemaProblems) as caught:
        read(
            tmp_path,
            {
                "test.json": referring("shared.json#/definitions/group/name"),
                "shared.json": {"definitions": {"group": group}},
            },
        )

    assert ["/definitions/group/other/minimum"] == [problem.pointer for problem in caught.value.problems]


@pytest.mark.parametrize("reference", ["shared.json#/properties", "shared.json#/title", "shared.json#/x/none"])
def test_other_places_are_no_schemas(tmp_path: Path, reference: str) -> None:
    shared = {"title": "x", "properties": {"a": True}, "x": {}}

    with pytest.raises(SchemaProblems) as caught:
        read(tmp_path, {"test.json": referring(reference), "shared.json": shared})

    assert ["/serverMessages/it/payload/$ref"] == [problem.pointer for problem in caught.value.problems]
