"""Tags of records in unions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen import model

from ..support.models import built, member, record


def test_records_of_a_union_have_a_tag(tmp_path: Path) -> None:
    definitions = {"Circle": member("circle", r={"type": "number"}), "Text": member("text")}
    schema = {"oneOf": [{"$ref": "#/$defs/Circle"}, {"$ref": "#/$defs/Text"}]}

    found = built(tmp_path, schema, **{"$defs": definitions})

    assert ("kind", "circle") == record(found, "Circle").tag
    assert ("kind", "text") == record(found, "Text").tag


@pytest.mark.parametrize(
    "members",
    [
        [member("a"), member("a")],
        [member("a"), {"type": "object", "properties": {"kind": {"const": "b"}}}],
        [member("a"), {"type": "object", "properties": {"kind": {"const": True}}, "required": ["kind"]}],
        [member("a"), {"type": "object", "properties": {"kind": {"enum": ["b", "c"]}}, "required": ["kind"]}],
    ],
    ids=["same", "optional", "boolean", "several"],
)
def test_property_that_does_not_distinguish_members_is_not_a_tag(tmp_path: Path, members: list[Any]) -> None:
    found = built(tmp_path, {"anyOf": members})

    assert {None} == {definition.tag for definition in found.definitions if isinstance(definition, model.Record)}


def test_unused_union_changes_no_record_of_a_payload(tmp_path: Path) -> None:
    definitions = {
        "A": {"type": "object", "properties": {"kind": {"const": "a"}, "x": {}}, "required": ["kind"]},
        "B": {"type": "object", "properties": {"y": {}}},
        "First": {"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]},
    }
    alone = built(tmp_path / "alone", {"$ref": "#/$defs/A"}, **{"$defs": {"A": definitions["A"]}})

    beside = built(tmp_path / "beside", {"$ref": "#/$defs/A"}, **{"$defs": definitions})

    assert record(alone, "A") == record(beside, "A")


def test_union_of_a_payload_determines_the_tag_before_an_unused_one(tmp_path: Path) -> None:
    constants = {"kind": {"const": "a"}, "op": {"const": 1}}
    both = {"type": "object", "properties": constants, "required": ["kind", "op"]}
    first = {"oneOf": [{"$ref": "#/$defs/Both"}, member("b")]}
    other = {"type": "object", "properties": {"op": {"const": 2}}, "required": ["op"]}
    found = built(tmp_path, {"oneOf": [{"$ref": "#/$defs/Both"}, other]}, **{"$defs": {"First": first, "Both": both}})

    assert ("op", 1) == record(found, "Both").tag
