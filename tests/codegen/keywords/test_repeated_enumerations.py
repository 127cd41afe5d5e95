"""Large enumerations that several schemas state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen import model

from ..support.generated import payload, read
from ..support.models import built, endpoint, fields

COLORS = ["black", "silver", "gray", "white", "maroon", "red", "purple", "fuchsia", "green", "lime", "olive", "yellow"]
ENUM = {"type": "string", "enum": COLORS}
COLOR = model.Enumeration(values=tuple(COLORS))


def pen(schema: Any, name: str = "color") -> dict[str, Any]:
    return {"type": "object", "properties": {name: schema, "width": {"type": "integer"}}}


def aliases(endpoint: model.Endpoint) -> dict[str, model.Type]:
    return {one.name: one.type for one in endpoint.definitions if isinstance(one, model.Alias)}


def test_enumeration_that_two_schemas_state_has_a_name(tmp_path: Path) -> None:
    definitions = {"Pen": pen(ENUM), "Brush": pen({"enum": COLORS[::-1], "description": "Of the brush."})}

    found = built(tmp_path, True, **{"$defs": definitions})

    assert {"PenColor": COLOR} == aliases(found)
    assert model.Ref(name="PenColor") == fields(found, "Pen")["color"] == fields(found, "Brush")["color"]


def test_enumeration_of_a_definition_is_not_repeated(tmp_path: Path) -> None:
    found = built(tmp_path, True, **{"$defs": {"Pen": pen(ENUM), "Color": ENUM, "OtherColor": ENUM}})

    assert {"Color": COLOR, "OtherColor": COLOR} == aliases(found)
    assert model.Ref(name="Color") == fields(found, "Pen")["color"]


@pytest.mark.parametrize(
    ("one", "two", "name"),
    [
        (pen(ENUM, "line_color"), pen(ENUM, "line_color"), "LineColor"),
        (pen(pen(ENUM), "tip"), pen(pen(ENUM), "end"), "TipColor"),
        (pen({"type": "array", "items": ENUM}, "colors"), pen(ENUM), "OneColorsItem"),
        (pen({**ENUM, "title": "Basic color"}), pen(ENUM), "BasicColor"),
    ],
)
def test_name_is_that_of_the_common_property_or_of_the_first_place(
    tmp_path: Path, one: Any, two: Any, name: str
) -> None:
    found = built(tmp_path, True, **{"$defs": {"One": one, "Two": two}})

    assert {name: COLOR} == aliases(found)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"enum": COLORS[:4]}, {"enum": COLORS[:4]}),  # short
        (ENUM, {"enum": COLORS[1:]}),
        (ENUM, {"type": ["string", "null"], "enum": [*COLORS, None]}),
        (ENUM, {**ENUM, "not": {"const": "red"}}),
        (ENUM, {"type": "integer", "enum": COLORS}),
    ],
)
def test_other_enumerations_have_no_name(tmp_path: Path, one: Any, two: Any) -> None:
    found = built(tmp_path, True, **{"$defs": {"Pen": pen(one), "Brush": pen(two)}})

    assert {} == aliases(found)


def test_files_do_not_share_enumerations(tmp_path: Path) -> None:
    document = payload(pen(ENUM), **{"$defs": {"Brush": pen({"$ref": "shared.json#/$defs/Pen"})}})

    found = endpoint(tmp_path, document, shared={"$defs": {"Pen": pen(ENUM)}})

    assert {} == aliases(found)


def test_endpoints_share_enumerations_whatever_they_use(tmp_path: Path) -> None:
    shared = {"$defs": {"Pen": pen(ENUM), "Brush": pen(ENUM)}}
    one, two = (payload({"$ref": f"shared.json#/$defs/{name}"}) for name in shared["$defs"])

    endpoints = read(tmp_path, {"one.json": one, "two.json": two, "shared.json": shared})

    assert ["PenColor", "PenColor"] == [found.shared["PenColor"] for found in endpoints]
