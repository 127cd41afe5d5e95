"""Shapes of types."""

from __future__ import annotations

import enum
from typing import Annotated, Any, Literal

import pytest
from typing_extensions import TypeAliasType

from tornado_ws.models import Model, WithConstants
from tornado_ws.models.shapes import property_names, shape


class Color(enum.StrEnum):
    RED = "red"


class Point(Model, frozen=True, extra="forbid", schema="/$defs/Point"):
    x: int
    y: int = 0


class Circle(WithConstants, frozen=True, schema="/$defs/Circle", constants=("kind",)):
    kind: Literal["circle"] = "circle"
    center: Point | None = None


Tree = TypeAliasType("Tree", "list[Tree] | int")


@pytest.mark.parametrize(
    ("type_", "fitting", "others"),
    [
        (str, ["a"], [1, None, []]),
        (int, [1, 1.0], [True, "1"]),
        (float, [1, 1.5], [True, None]),
        (bool, [True], [1]),
        (None, [None], [0, False]),
        (Literal["a", 1], ["a", 1, 1.0], ["b", [], {}]),
        (Color, ["red", Color.RED], ["blue", []]),
        (str | None, ["a", None], [1]),
        (Annotated[str, "anything"], ["a"], [1]),
        (list[int], [[], [1, 2]], [[1, "2"], {}, "12"]),
        (tuple[int, str], [[1, "a"], (1, "a")], [[1], ["a", 1], [1, "a", 2]]),
        (dict[str, int], [{}, {"a": 1}], [{"a": "1"}, []]),
        (Point, [{"x": 1}, {"x": 1, "y": 2}, Point(x=1)], [{}, {"x": 1, "z": 2}, {"x": "1"}, Circle(), []]),
        (Circle, [{"kind": "circle", "z": 1}, Circle()], [{}, {"kind": "square"}, Point(x=1)]),
        (Circle, [{"kind": "circle", "center": {"x": 1}}], [{"kind": "circle", "center": {"y": 1}}]),
        (list[Circle], [[{"kind": "circle"}]], [[{"kind": "square"}]]),
        (list[list[Circle]], [[[{"kind": "square"}]]], [[[1]]]),  # beyond the depth
        (Tree, [1, [[1]], [[["a"]]]], ["a", [["a"]]]),
        (Any, [1, "a", None, {}, []], []),
        (complex, [1, "a"], []),
    ],
)
def test_shape_excludes_values(type_: Any, fitting: list[Any], others: list[Any]) -> None:
    fits = shape(type_)

    assert fitting == [value for value in (*fitting, *others) if fits(value)]


def test_properties_of_a_model_are_named_as_in_json() -> None:
    assert {"x", "y"} == property_names(Annotated[Point, "anything"])
    assert set() == property_names(dict[str, int])
