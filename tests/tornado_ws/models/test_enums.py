"""Base classes of enumerations: exact conversion, and JSON text."""

from __future__ import annotations

from typing import Any

import pydantic
import pytest

from tornado_ws.models import IntEnum, Model, StrEnum


class Color(StrEnum):
    red = "red"
    one = "1"


class Level(IntEnum):
    off = 0
    low = 1


class Lamp(Model):
    color: Color = Color.red
    level: Level | bool
    levels: dict[Color, Level] = pydantic.Field(default_factory=dict)


@pytest.mark.parametrize(
    ("type_", "value", "member"),
    [(Color, "red", Color.red), (Color, Color.one, Color.one), (Level, 1, Level.low), (Level, Level.off, Level.off)],
)
def test_members_and_their_values_become_members(type_: Any, value: Any, member: Any) -> None:
    adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(type_, config=pydantic.ConfigDict(strict=True))

    assert adapter.validate_python(value) is member


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (Color, 1),
        (Color, b"red"),
        (Color, "blue"),
        (Level, "1"),
        (Level, 1.0),
        (Level, True),
        (Level, 2),
        (Level, None),
    ],
)
def test_no_other_values_become_members(type_: Any, value: Any) -> None:
    with pytest.raises(pydantic.ValidationError):
        pydantic.TypeAdapter(type_).validate_python(value)


def test_boolean_beside_an_integer_remains_a_boolean() -> None:
    assert Lamp(level=True).level is True
    assert Lamp(level=Level.low).level is Level.low


def test_members_are_written_as_their_values() -> None:
    lamp = Lamp(color=Color.one, level=Level.low, levels={Color.red: Level.off})

    assert '{"color":"1","level":1,"levels":{"red":0}}' == lamp.model_dump_json()
    assert '{"color":"1","level":0,"levels":{"red":0}}' == lamp.model_copy(update={"level": 0}).model_dump_json()


def test_json_schema_lists_the_values() -> None:
    assert {"enum": [0, 1], "title": "Level", "type": "integer"} == pydantic.TypeAdapter(Level).json_schema()
