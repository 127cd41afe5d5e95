"""References to the meta-schemas of JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec

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
