"""Warnings about alternatives of ``oneOf`` whose values another alternative accepts, too."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from codegen.pipeline import read
from codegen.settings.project_settings import read_settings
from codegen.source.diagnostics import Problem

from ..support.folders import folder
from ..support.generated import payload

TEXT, INTEGER, FREE = {"type": "string"}, {"type": "integer"}, {"type": "object"}


def record(*required: str, **properties: Any) -> dict[str, Any]:
    """Return an open object."""
    return {"type": "object", "properties": properties, **({"required": [*required]} if required else {})}


def closed(*required: str, **properties: Any) -> dict[str, Any]:
    """Return a closed object."""
    return {**record(*required, **properties), "additionalProperties": False}


def warnings(path: Path, schema: Any, settings: str = "", **definitions: Any) -> list[Problem]:
    """Return the warnings about overlapping alternatives."""
    path.mkdir(exist_ok=True)
    (path / "pyproject.toml").write_text(f"[tool.tornado-ws]\n{settings}\n", encoding="utf-8")
    folder(path / "schemas", test=payload(schema, **{"$defs": definitions}))
    return [one for one in read(read_settings(path)).warnings if one.code == "overlapping_alternatives"]


NODE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}

OVERLAPPING: list[tuple[list[Any], int, list[Any]]] = [
    ([record(a=TEXT), record(b=INTEGER)], 0, [{}, {"a": "x"}]),
    ([record("a", a=TEXT), record("a", "b", a=TEXT, b=INTEGER)], 1, [{"a": "x", "b": 1}]),
    ([record("k", k=TEXT), record("k", k={"const": "a"}, b=TEXT)], 1, [{"k": "a", "b": "x"}]),
    ([record("a", a=record(x=TEXT)), record(a=record(x=TEXT, y=TEXT), b=TEXT)], 0, [{"a": {"x": "x"}}]),
    (
        [record(a={"type": "array", "items": TEXT}), record(a={"type": "array", "items": TEXT}, b=TEXT)],
        0,
        [{"a": ["x"]}],
    ),
    ([record(a=FREE), record(a=FREE, b=TEXT)], 0, [{"a": {"x": 1}}]),
    ([closed(a=TEXT), record(a=TEXT, b=TEXT)], 0, [{"a": "x"}]),
    ([record("b", b=TEXT), {"type": "object", "additionalProperties": TEXT}], 0, [{"b": "x"}]),
    ([{"allOf": [record(a=TEXT), {"required": ["a"]}]}, record("a", a=TEXT, b=TEXT), record(a=TEXT)], 0, [{"a": "x"}]),
    ([{"$ref": "#/$defs/Node"}, {"$ref": "#/$defs/Node"}], 0, [{"next": {}}]),
    ([{"$ref": "#/$defs/Node"}, record(next={"$ref": "#/$defs/Node"}, b=TEXT)], 0, [{"next": {"next": {}}}]),
    ([{"allOf": [{"$ref": "#/$defs/Node"}, record(b=TEXT)]}, {"$ref": "#/$defs/Node"}], 0, [{"b": "x"}]),
    ([record(a=TEXT), {**record(a=TEXT), "type": ["object", "array"], "items": INTEGER}], 0, [{"a": "x"}]),
    ([record("a", "b", a=TEXT), record(b={})], 0, [{"a": "x", "b": 1}]),
    ([INTEGER, {"type": "number"}], 0, [1]),
    ([TEXT, {"enum": ["a"]}], 1, ["a"]),
    ([{"const": 1}, {"enum": [1.0, 2]}], 0, [1]),
    ([{"type": "string", "maxLength": 5, "pattern": "^a"}, {"type": "string", "pattern": "^a"}], 0, ["ab"]),
    ([{"type": "string", "format": "ipv4"}, {"type": "string", "format": "ipv6"}], 0, ["::1"]),
    ([TEXT, {}, INTEGER], 0, ["a"]),
]


@pytest.mark.parametrize(("alternatives", "position", "values"), OVERLAPPING, ids=json.dumps)
def test_values_of_two_alternatives_are_a_warning(
    alternatives: list[Any], position: int, values: list[Any], tmp_path: Path
) -> None:
    schema = {"oneOf": alternatives}

    (problem,) = warnings(tmp_path, schema, Node=NODE)

    assert f"/serverMessages/it/payload/oneOf/{position}" == problem.pointer
    for value in values:
        assert jsonschema_rs.is_valid({**alternatives[position], "$defs": {"Node": NODE}}, value)
        assert not jsonschema_rs.is_valid({**schema, "$defs": {"Node": NODE}}, value)


DISTINCT: list[Any] = [
    {"oneOf": [record("a", a=TEXT), record("b", b=INTEGER)]},
    {"oneOf": [record("k", k={"const": "a"}), record("k", k={"const": "b"})]},
    {"oneOf": [record(k={"const": "a"}), record(k={"const": "b"})]},
    {"oneOf": [record(a=TEXT), record(a=INTEGER)]},
    {"oneOf": [closed(a=TEXT), closed(b=TEXT)]},
    {"oneOf": [{"type": "object", "additionalProperties": TEXT}, closed("b", b=INTEGER)]},
    {"oneOf": [record("a", a=TEXT, b=False), record("b", b=TEXT, a=False)]},
    {"oneOf": [record("a", a=record("k", k={"const": 1})), record("a", a=record("k", k={"const": 2}))]},
    {"oneOf": [record("a", a=TEXT), {**FREE, "patternProperties": {"^b": {}}, "additionalProperties": False}]},
    {"oneOf": [record("a", "b", a=TEXT), record(b=TEXT)]},
    {"oneOf": [FREE, TEXT, {"type": "null"}]},
    {"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 5}]},
    {"oneOf": [{"type": "string", "pattern": "^a"}, {"type": "string", "pattern": "^b"}]},
    {"oneOf": [{"type": "string", "maxLength": 5}, {"type": "string", "minLength": 6}]},
    {"oneOf": [{"enum": ["a"]}, {"enum": ["b"]}]},
    {"oneOf": [{"type": "array", "items": TEXT}, {"type": "array", "items": INTEGER}]},
    {"oneOf": [record("a", a={"anyOf": [TEXT, INTEGER]}), record("a", a={"anyOf": [{"type": "null"}, FREE]})]},
    {"oneOf": [{"not": {"required": ["a"]}}, record("a", a=TEXT)]},
    {"oneOf": [record("a", a=TEXT), {**FREE, "not": {"required": ["a"]}}]},
    {"oneOf": [{"required": ["a"]}, {"required": ["b"]}], **record(a=TEXT, b=TEXT)},
    {"oneOf": [{"required": ["a"]}, {}], **record(a=TEXT)},
    {"oneOf": [record(a={"const": 1}), record(b={"const": 2})], **record(a=INTEGER, b=INTEGER)},
    {
        "oneOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}],
        **record(a=INTEGER, b=INTEGER),
    },
    {
        **record(a=INTEGER, b=INTEGER),
        "allOf": [
            {"oneOf": [record(a={"type": "integer", "minimum": 5}), record(b={"type": "integer", "minimum": 5})]}
        ],
    },
    {
        **record(a=INTEGER, b=INTEGER),
        "if": {"required": ["a"]},
        "then": {"oneOf": [record(a={"type": "integer", "minimum": 5}), record(b={"type": "integer", "minimum": 5})]},
    },
    {"oneOf": [record(a=TEXT)]},
    {"anyOf": [record(a=TEXT), record(b=TEXT)]},
    {"oneOf": [{"type": "string", "format": "date"}, INTEGER]},
]


@pytest.mark.parametrize("schema", DISTINCT, ids=json.dumps)
def test_alternatives_with_values_of_their_own_have_no_warning(schema: Any, tmp_path: Path) -> None:
    assert [] == warnings(tmp_path, schema)


def test_words_name_the_other_alternative(tmp_path: Path) -> None:
    (problem,) = warnings(tmp_path, {"oneOf": [record(a=TEXT), record(b=TEXT)]})

    assert (
        "warning: /serverMessages/it/payload/oneOf/0: oneOf rejects usual values of this alternative, because /oneOf/1 "
        "accepts them, too [overlapping_alternatives]\n"
        "  hint: use anyOf, or give each alternative a constant of a property"
    ) == str(problem).split(": ", 1)[1]


def test_formats_tell_alternatives_apart_where_they_are_asserted(tmp_path: Path) -> None:
    schema = {"oneOf": [{"type": "string", "format": "ipv4"}, {"type": "string", "format": "ipv6"}]}

    (problem,) = warnings(tmp_path / "1", schema)

    assert "use anyOf, or set format-assertion = true, so that formats distinguish the alternatives" == problem.hint
    assert [] == warnings(tmp_path / "2", schema, "format-assertion = true")


def test_undeclared_properties_tell_alternatives_apart_where_they_are_forbidden(tmp_path: Path) -> None:
    schema = {"oneOf": [record(a=TEXT), record(b=TEXT)]}

    assert [] == warnings(tmp_path, schema, 'unknown = "forbid"')


def test_many_alternatives_and_long_chains_take_little_time(tmp_path: Path) -> None:
    chain = {
        f"N{at}": record(**{name: {"$ref": f"#/$defs/N{(at * 7 + step) % 60}"} for step, name in enumerate("abcdefgh")})
        for at in range(60)
    }
    schema = {"oneOf": [{"$ref": f"#/$defs/N{at}"} for at in range(60)]}
    pair = {"oneOf": [{"$ref": "#/$defs/N1"}, {"$ref": "#/$defs/N2"}]}
    start = time.process_time()

    assert [] == warnings(tmp_path / "1", schema, **chain)
    warnings(tmp_path / "2", pair, **chain)

    assert time.process_time() - start < 10
