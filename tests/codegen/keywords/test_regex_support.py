"""Patterns and formats: translation, and problems with unsupported ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..support.generated import payload, read
from ..support.models import codes, endpoint


def test_bundle_contains_translated_patterns(tmp_path: Path) -> None:
    found = endpoint(tmp_path, payload({"pattern": "^.$", "patternProperties": {r"\bx": {"pattern": "^a"}}}))

    translated = r"^[^\n\r\u2028\u2029]$"
    assert translated == found.bundle["$defs"]["It"]["pattern"]
    assert {translated: "^.$", r"(?-u:\b)x": r"\bx"} == found.bundle["patterns"]
    assert [r"(?-u:\b)x"] == list(found.bundle["$defs"]["It"]["patternProperties"])


def test_all_unsupported_patterns_are_problems(tmp_path: Path) -> None:
    schema = {"properties": {"a": {"pattern": "(?=a)"}}, "patternProperties": {r"(a)\1": True}}

    assert [
        ("unsupported_pattern", "/serverMessages/it/payload/properties/a/pattern"),
        ("unsupported_pattern", r"/serverMessages/it/payload/patternProperties/(a)\1"),
    ] == codes(tmp_path, payload(schema))


@pytest.mark.parametrize("name", ["uri-template", "int64", "colour"])
def test_format_without_check_stays_an_annotation_where_formats_are_asserted(tmp_path: Path, name: str) -> None:
    properties = {"a": {"type": "string", "format": name}, "b": {"type": "string", "format": "date"}}

    (found,) = read(tmp_path, {"test.json": payload({"properties": properties})}, formats=True)

    declared = found.bundle["$defs"]["It"]["properties"]
    assert {"a": {"type": "string"}, "b": {"type": "string", "format": "date"}} == declared


def test_word_boundary_beside_lookaheads_is_a_problem(tmp_path: Path) -> None:
    schema = {"properties": {"a": {"pattern": r"\ba"}, "b": {"pattern": "^(?!a)"}}}

    assert [("unsupported_pattern", "/serverMessages/it/payload/properties/a/pattern")] == codes(
        tmp_path, payload(schema)
    )
