"""References and keywords of older drafts, with equal verdicts on both sides."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from codegen.source import json_pointer

from .sides import BothSides

NAMES = (
    *("A<B>", "Größe", "a b", "a|b", "a[b]", "{a}", 'a"b', "a^b", "a`b", "a%b", "a%25b", "100%", "a\\b", "a~b", "a/b"),
    *("#", "?", "a#b", "a\tb", "a\0b", "", "日本", "'", "a+b", "$ref", "..", "😀"),
)
"""Names of definitions, also with characters that a URI cannot contain."""
IDENTIFIERS = (
    "..\\..\\x",
    "a\0b",
    "a b",
    "Größe",
    "urn:x:y",
    "a%zz",
    "tag:x",
    "{a}",
    "file:///c:/x",
    "?q",
    "http://é/x",
    "a//b",
)
DRAFTS = ("draft-04/schema#", "draft-06/schema", "draft-07/schema#", "draft/2019-09/schema", "draft/2020-12/schema")
REQUIRES = {"type": "object", "dependencies": {"a": ["b"], "b": {"required": ["c"]}}}


def test_definitions_with_any_name_are_referred_to(tmp_path: Path) -> None:
    both = BothSides(tmp_path)
    for name in NAMES:
        pointer = json_pointer.join("#/$defs", name)
        references = {"encoded": {"$ref": quote(pointer, safe="#/$~")}}
        if "%" not in name or name == "a%b":
            references["plain"] = {"$ref": pointer}
        schema = {"type": "object", "properties": references, "$defs": {name: {"type": "string", "pattern": "^a"}}}
        both.add(name, schema, [{use: value} for use in references for value in ("a", "b", 1)])

    assert [] == both.differences()
    assert both.count * 2 == both.rejected * 3


def test_resources_with_any_identifier_are_referred_to(tmp_path: Path) -> None:
    both = BothSides(tmp_path)
    for identifier in IDENTIFIERS:
        definition = {"$id": identifier, "$ref": "#/$defs/A", "$defs": {"A": {"type": "string", "pattern": "^a"}}}
        schema = {"properties": {"x": {"$ref": identifier}}, "type": "object", "$defs": {"D": definition}}
        both.add(identifier, schema, [{"x": "a"}, {"x": "b"}, {"x": 1}])

    assert [] == both.differences()
    assert len(IDENTIFIERS) * 2 == both.rejected


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_dependencies_are_asserted_in_every_draft(tmp_path: Path, scheme: str) -> None:
    both = BothSides(tmp_path)
    for draft in DRAFTS:
        both.add(draft, {"$schema": f"{scheme}://json-schema.org/{draft}", **REQUIRES}, [{"a": 1}, {"b": 1}, {"d": 1}])

    assert [] == both.differences()
    assert len(DRAFTS) * 2 == both.rejected


def test_members_of_data_are_no_keywords(tmp_path: Path) -> None:
    data = {"$schema": "x", "$id": "http://[", "$ref": "nowhere.json", "$anchor": "a", "pattern": "("}
    schema: dict[str, Any] = {"enum": [data], "default": data, "examples": [data], "x-data": data, "const": data}
    both = BothSides(tmp_path)

    both.add("data", schema, [data, {**data, "$ref": 1}])

    assert [] == both.differences()
    assert 1 == both.rejected
