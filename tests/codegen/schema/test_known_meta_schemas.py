"""References to the meta-schemas of JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.schema_validator import SchemaValidator

from ..support import package
from ..support.folders import EXPORT, resolved
from ..support.generated import Client, payload, read

DRAFTS = (
    *("http://json-schema.org/draft-04/schema", "http://json-schema.org/draft-06/schema"),
    *("http://json-schema.org/draft-07/schema", "https://json-schema.org/draft/2019-09/schema"),
    "https://json-schema.org/draft/2020-12/schema",
)
VALID: list[Any] = [
    {"type": "object", "properties": {"a": {"type": ["string", "null"], "maxLength": 3}}, "required": ["a"]},
    {"not": {"items": {"minimum": 1}}},
    {},
]
INVALID: list[Any] = [
    {"properties": {"a": {"type": "text"}}},
    {"not": {"items": {"minimum": "1"}}},
    {"required": "a"},
    [],
]


def referring(reference: str) -> dict[str, Any]:
    return EXPORT | {"serverMessages": {"done": {"payload": {"$ref": reference}}}}


def both_verdicts(folder: Path, files: Any, values: list[Any], **options: Any) -> list[bool]:
    """Return the verdicts of the server on values, which those of the schema validator and of the page equal."""
    loaded = package.endpoint(package.module(folder / "python", files, **options))
    codec = Codec(loaded, side="client")
    checked = loaded.server[0].payload
    assert checked is not None
    is_valid = SchemaValidator(loaded.schema).predicate(checked.schema)
    client = Client(folder / "client")
    client.add(read(folder / "page", files, **options))
    for value in values:
        client.queue("test", value)
    verdicts = [package.accepts(codec, value) for value in values]
    assert verdicts == [*map(is_valid, values)]
    assert verdicts == [issue is None for issue in client.results()]
    return verdicts


def test_schemas_are_validated_by_the_meta_schema_of_each_draft_in_both_languages(tmp_path: Path) -> None:
    client = Client(tmp_path / "client")
    for number, address in enumerate(DRAFTS):
        files = {"test.json": payload({"$ref": f"{address}#"})}
        codec = Codec(package.endpoint(package.module(tmp_path / str(number), files)), side="client")
        client.add(read(tmp_path / f"page{number}", files), prefix=f"{number}-")
        for value in (*VALID, *INVALID):
            client.queue(f"{number}-test", value)
            frame = json.dumps({"type": "it", "data": value})
            if value in VALID:
                codec.decode(frame)
            else:
                with pytest.raises(InvalidFrame):
                    codec.decode(frame)

    assert [issue is None for issue in client.results()] == [True, True, True, False, False, False, False] * len(DRAFTS)


@pytest.mark.parametrize("address", [*DRAFTS[3:], "https://json-schema.org/draft/2020-12/meta/core"])
def test_undeclared_members_of_meta_schemas_are_rejected_in_both_languages(address: str, tmp_path: Path) -> None:
    schema = {"type": "array", "items": {"$ref": address}}
    other = {"kind": "ephemeral", "path": "/other", "clientMessages": {"it": {"payload": schema}}}
    files = {"test.json": payload(schema), "other.json": other}
    values = [[{"$id": "https://example.com/a"}], [{"zzz": 1}]]

    assert [True, False] == both_verdicts(tmp_path, files, values, unknown="forbid")


@pytest.mark.parametrize("address", [*DRAFTS, "https://json-schema.org/draft/2020-12/meta/core"])
@pytest.mark.parametrize("part", [{}, {"$dynamicAnchor": "meta", "items": {"$dynamicRef": "#meta"}}])
def test_file_with_the_address_of_a_meta_schema_applies_in_both_languages(
    address: str, part: dict[str, Any], tmp_path: Path
) -> None:
    text = {"type": "string", **part}
    own = {"$id": address, "$ref": "#/$defs/Text", "allOf": [{"$ref": "own-part"}], "$defs": {"Text": text}}
    own["$defs"] |= {"Part": {"$id": "own-part", "$ref": f"{address}#/$defs/Text"}}

    assert [True, False] == both_verdicts(tmp_path, {"test.json": payload({"$ref": address}), "own.json": own}, ["", 1])


@pytest.mark.parametrize(
    "reference",
    [
        "https://json-schema.org/draft-07/schema",
        "http://json-schema.org/draft/2020-12/schema",
        "https://json-schema.org/draft/2020-12/meta/core#/$defs/anchorString",
        "http://json-schema.org/draft-07/schema#/definitions/nonNegativeInteger",
    ],
)
def test_parts_and_both_schemes_are_known(reference: str, tmp_path: Path) -> None:
    schemas = resolved(tmp_path, export=referring(reference))

    assert schemas.problems == ()
    assert [document.name for document in schemas.own_documents] == ["export"]


@pytest.mark.parametrize(
    "reference",
    [
        "http://json-schema.org/draft-03/schema",
        "https://json-schema.org/draft-08/schema",
        "ftp://json-schema.org/draft-07/schema",
    ],
)
def test_other_addresses_are_remote(reference: str, tmp_path: Path) -> None:
    (problem,) = resolved(tmp_path, export=referring(reference)).problems

    assert problem.code == "remote_reference"


def test_meta_schema_in_the_folder_comes_first(tmp_path: Path) -> None:
    address = "http://json-schema.org/draft-07/schema"

    schemas = resolved(tmp_path, export=referring(address), own={"$id": f"{address}#", "type": "string"})

    assert schemas.problems == ()
    assert [document.name for document in schemas.documents] == ["export", "own"]
