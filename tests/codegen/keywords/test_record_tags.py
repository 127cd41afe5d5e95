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
