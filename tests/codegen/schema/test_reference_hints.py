"""Hints for references without a target."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codegen.schema.resolve import resolve
from codegen.source.load import load

HOST = "http://example.org/schema/"
BOM = HOST + "bom.json"


def text(folder: Path, **files: Any) -> str:
    """Return the text of the only problem of files in ``v/``, after the pointer."""
    (folder / "v").mkdir()
    for name, content in files.items():
        (folder / f"v/{name.replace('__', '.')}.json").write_text(json.dumps(content), encoding="utf-8")
    (problem,) = resolve(load(folder)).problems
    return str(problem).split("/$ref: ", 1)[1]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            {"bom": {"$id": BOM, "$ref": "spdx.SNAPSHOT.json"}, "spdx__SNAPSHOT": {"$id": HOST + "spdx.json"}},
            'remote references are not fetched: got "spdx.SNAPSHOT.json", which is '
            "http://example.org/schema/spdx.SNAPSHOT.json [remote_reference]\n"
            "  hint: v/spdx.SNAPSHOT.json has the $id http://example.org/schema/spdx.json: refer to this address, or "
            "change the $id",
        ),
        (
            {"bom": {"$id": BOM, "$ref": "spdx.v1.json"}, "other": {"$id": HOST + "spdx.json"}},
            'remote references are not fetched: got "spdx.v1.json", which is http://example.org/schema/spdx.v1.json '
            "[remote_reference]\n"
            "  hint: did you mean http://example.org/schema/spdx.json, the $id of v/other.json?",
        ),
        (
            {"bom": {"$id": BOM, "$ref": "spdx.json#/$defs/A"}, "spdx": {"$defs": {"A": True}}},
            'remote references are not fetched: got "spdx.json#/$defs/A", which is http://example.org/schema/spdx.json '
            "[remote_reference]\n"
            '  hint: v/spdx.json has no $id: add "$id": "http://example.org/schema/spdx.json"',
        ),
        (
            {"bom": {"$ref": "http://a.org/x.json#/y"}, "x": {"$id": "https://a.org/x.json"}},
            'remote references are not fetched: got "http://a.org/x.json#/y" [remote_reference]\n'
            "  hint: did you mean https://a.org/x.json, the $id of v/x.json?",
        ),
        (
            {"bom": {"$ref": "http://a.org/x.json#/y"}, "other": {"$id": "https://a.org/unrelated"}},
            'remote references are not fetched: got "http://a.org/x.json#/y" [remote_reference]\n'
            '  hint: save the schema in the schemas folder, with "$id": "http://a.org/x.json", or refer to the file',
        ),
        (
            {"bom": {"$id": BOM, "$ref": "x.json"}, "other": {}},
            'remote references are not fetched: got "x.json", which is http://example.org/schema/x.json '
            "[remote_reference]\n"
            '  hint: save the schema in the schemas folder, with "$id": "http://example.org/schema/x.json", or '
            "refer to the file",
        ),
        (
            {"bom": {"$id": BOM, "$ref": "#/$defs/Usr", "$defs": {"User": True}}},
            'no such schema in v/bom.json: got "#/$defs/Usr" [unresolved_reference]\n'
            "  hint: did you mean #/$defs/User?",
        ),
        (
            {"bom": {"$ref": "#definitions/A", "definitions": {"A": True}}},
            'no such schema in v/bom.json: got "#definitions/A" [unresolved_reference]\n'
            "  hint: did you mean #/definitions/A?",
        ),
        (
            {"bom": {"$ref": "http://a.org/x#/y"}, "x": {"$id": "http://a.org/x", "z": True}},
            'no such schema in v/x.json: got "http://a.org/x#/y" [unresolved_reference]',
        ),
        (
            {"bom": {"$id": "urn:a:bom", "$ref": "urn:a:spdx1"}, "spdx": {"$id": "urn:a:spdx"}},
            'remote references are not fetched: got "urn:a:spdx1" [remote_reference]\n'
            "  hint: did you mean urn:a:spdx, the $id of v/spdx.json?",
        ),
        (
            {"bom": {"$ref": "comon.json#/$defs/A"}, "common": {"$defs": {"A": True}}},
            'file not found in the schemas folder: got "comon.json#/$defs/A", which is v/comon.json '
            "[unresolved_reference]\n"
            "  hint: did you mean common.json?",
        ),
        (
            {"bom": {"$ref": "w/common.json"}, "common": {"$defs": {"A": True}}},
            'file not found in the schemas folder: got "w/common.json", which is v/w/common.json '
            "[unresolved_reference]\n"
            "  hint: did you mean common.json?",
        ),
    ],
)
def test_problem_has_the_address_and_the_nearest_known_one(files: dict[str, Any], words: str, tmp_path: Path) -> None:
    assert words == text(tmp_path, **files)


def test_file_of_the_user_can_join_an_address_and_a_file(tmp_path: Path) -> None:
    files = {
        "bom": {"$id": BOM, "$ref": "spdx.SNAPSHOT.json"},
        "spdx": {"$id": HOST + "spdx.json"},
        "own": {"$id": HOST + "spdx.SNAPSHOT.json", "$ref": "spdx.json"},
    }
    for name, content in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")

    assert () == resolve(load(tmp_path)).problems


def test_fragment_inside_an_embedded_resource_does_not_start_at_the_file(tmp_path: Path) -> None:
    inner = {"$id": HOST + "inner", "properties": {"a": {"$ref": "#/definitions/A"}}}

    words = text(tmp_path, bom={"definitions": {"A": True, "Inner": inner}})

    assert (
        'no such schema in v/bom.json#/definitions/Inner: got "#/definitions/A" [unresolved_reference]\n'
        "  hint: # is not the file, but /definitions/Inner with its $id"
    ) == words
