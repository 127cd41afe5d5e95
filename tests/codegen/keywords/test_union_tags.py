"""Tags of unions in the bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..support.generated import payload
from ..support.models import endpoint


def test_bundle_contains_the_tag_of_a_union(tmp_path: Path) -> None:
    def member(kind: str) -> Any:
        return {"type": "object", "properties": {"kind": {"const": kind}}, "required": ["kind"]}

    found = endpoint(tmp_path, payload({"oneOf": [member("a"), member("b")]}))

    assert {"keyword": "oneOf", "name": "kind", "values": ["a", "b"]} == found.bundle["$defs"]["It"]["x-tag"]


def test_x_tag_of_an_author_is_ignored(tmp_path: Path) -> None:
    schema = {"anyOf": [{"type": "string"}, True], "x-tag": {"keyword": "anyOf", "name": "a", "values": ["b", "c"]}}

    found = endpoint(tmp_path, payload(schema))

    assert "x-tag" not in found.bundle["$defs"]["It"]


def test_union_with_a_reference_to_its_member_has_a_tag(tmp_path: Path) -> None:
    def member(kind: str) -> Any:
        return {"type": "object", "properties": {"kind": {"const": kind}}, "required": ["kind"]}

    schema = {"oneOf": [member("a"), member("b")], "properties": {"below": {"$ref": "#/$defs/Shape/oneOf/0"}}}

    found = endpoint(tmp_path, payload({"$ref": "#/$defs/Shape"}, **{"$defs": {"Shape": schema}}))

    assert {"keyword": "oneOf", "name": "kind", "values": ["a", "b"]} == found.bundle["$defs"]["Shape"]["x-tag"]
    assert "tag=Tag(name='kind', values=('a', 'b'))" in repr(found.validators["Shape"])
