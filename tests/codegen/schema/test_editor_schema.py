"""Meta-schema for editors, in the language service of VS Code."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from codegen.schema.editor_schema import editor_schema
from codegen.schema.metaschema import meta_schema

ROOT = Path(__file__).parents[3]
ENDPOINTS = sorted(
    path for path in ROOT.glob("tests/golden/*/schemas/*.json") if "kind" in json.loads(path.read_text("utf-8"))
)


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("editor") / "endpoint.schema.json"
    path.write_text(editor_schema(), encoding="utf-8")
    return path


def edited(schema: Path, text: str) -> dict[str, list[str]]:
    """Return the completions at ``|``, and the problems of the text without it."""
    command = ["node", str(ROOT / "tests/node/editor.mjs"), str(schema)]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("place", ["payload", "reply"])
def test_keywords_are_completed_in_payloads(schema: Path, place: str) -> None:
    found = edited(schema, f'{{"kind": "persistent", "path": "/x", "serverMessages": {{"it": {{"{place}": {{|}}}}}}}}')

    assert {"type", "properties", "items", "const", "default", "unevaluatedProperties", "$ref"} <= {
        *found["completions"]
    }
    assert [] == found["problems"]


def test_keywords_are_completed_at_any_depth(schema: Path) -> None:
    text = '{"kind": "persistent", "path": "/x", "$defs": {"A": {"properties": {"a": {"anyOf": [{"items": {|}}]}}}}}'

    assert "additionalProperties" in edited(schema, text)["completions"]


@pytest.mark.parametrize(("keyword", "value"), [("type", "integer"), ("format", "date-time")])
def test_values_are_completed(schema: Path, keyword: str, value: str) -> None:
    text = f'{{"kind": "persistent", "path": "/x", "params": {{"{keyword}": |}}}}'

    assert json.dumps(value) in edited(schema, text)["completions"]


def test_wrong_values_are_reported(schema: Path) -> None:
    found = edited(schema, '{"kind": "persistent", "path": "/x", "params": {"type": "integre"}}')

    assert 1 == len(found["problems"])
    assert '"integer"' in found["problems"][0]


def test_policies_are_completed(schema: Path) -> None:
    found = edited(schema, '{"kind": "persistent", "path": "/x", "serverMessages": {"it": {|}}}')

    assert {"payload", "volatile", "replay", "latest"} <= {*found["completions"]}


@pytest.mark.parametrize("path", ENDPOINTS, ids=lambda path: path.stem)
def test_valid_endpoints_have_no_problem(schema: Path, path: Path) -> None:
    assert [] == edited(schema, path.read_text(encoding="utf-8"))["problems"]


SCHEMAS: list[Any] = [
    *({}, True, [], None, {"type": "integer"}, {"type": ["integer", "null"]}, {"type": []}, {"type": "int"}),
    *({"minLength": -1}, {"minLength": 1}, {"required": ["a", "a"]}, {"enum": 1}, {"items": []}, {"items": {}}),
    *({"properties": {"a": 1}}, {"properties": {"a": {"not": {"maximum": "1"}}}}, {"allOf": []}, {"x": 1}),
    *({"$ref": 1}, {"$anchor": "1"}, {"multipleOf": 0}, {"dependentRequired": {"a": [1]}}, {"default": [1]}),
]


@pytest.mark.parametrize("payload", SCHEMAS, ids=json.dumps)
def test_verdict_about_a_payload_is_that_of_json_schema(payload: Any) -> None:
    document = {"kind": "ephemeral", "ticket": payload}
    ours = jsonschema_rs.Draft202012Validator(json.loads(meta_schema())).is_valid(document)
    standard = ours and jsonschema_rs.meta.is_valid(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "not": payload}
    )

    assert standard == jsonschema_rs.Draft202012Validator(json.loads(editor_schema())).is_valid(document)
