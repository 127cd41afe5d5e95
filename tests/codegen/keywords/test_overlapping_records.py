"""Records of unions without a tag, which keep the properties that other alternatives declare or judge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen import model

from ..support.generated import payload, read

INTEGER = {"type": "integer"}


def record(*names: str, **keywords: Any) -> dict[str, Any]:
    return {"type": "object", "properties": dict.fromkeys(names, INTEGER), **keywords}


def kept(path: Path, schema: Any) -> set[str]:
    """Return the names of the records that keep undeclared properties."""
    (endpoint,) = read(path, {"test.json": payload(schema)})
    return {one.name for one in endpoint.definitions if isinstance(one, model.Record) and one.keeps}


def one_of_kinds(keyword: str) -> dict[str, Any]:
    kinds = [record(kind, required=["kind"]) for kind in ("a", "b")]
    for kind, schema in zip(("a", "b"), kinds, strict=True):
        schema["properties"]["kind"] = {"const": kind}
    return {keyword: kinds}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"anyOf": [record("a"), record("b")]}, {"ItA", "ItB"}),
        ({"anyOf": [record("a"), record("a", "b"), record("c")]}, {"ItB", "ItC", "ItOther"}),
        ({"anyOf": [record("a"), record("a", "b")]}, set()),
        ({"anyOf": [record("a"), record("b", additionalProperties=False)]}, set()),
        ({"oneOf": [record("a"), record("b")]}, {"ItA", "ItB"}),
        ({"oneOf": [record("a", required=["a"]), record("b", required=["b"])]}, set()),
        ({"oneOf": [record("a"), record("a", "b", required=["b"])]}, set()),
        ({"oneOf": [record("a"), record("a", "b")]}, {"ItOther"}),
        ({"oneOf": [record("a"), record("a", additionalProperties=False)]}, {"It1"}),
        (one_of_kinds("oneOf"), set()),
        (one_of_kinds("anyOf"), set()),
        ({"anyOf": [record("a"), {"type": "object", "additionalProperties": INTEGER}]}, {"ItA"}),
        ({"anyOf": [record("a"), {"type": "array", "items": record("b")}]}, set()),
        (
            {"anyOf": [{"type": "array", "items": record("a")}, {"type": "array", "items": record("b")}]},
            {"It1Item", "It2Item"},
        ),
        (
            {"anyOf": [{"type": "object", "properties": {"x": record(name)}} for name in ("a", "b")]},
            {"It1X", "It2X"},
        ),
        ({"type": "object", "anyOf": [{"properties": {name: INTEGER}} for name in ("a", "b")]}, {"ItA", "ItB"}),
    ],
)
def test_records_keep_what_another_valid_alternative_may_declare(
    tmp_path: Path, schema: Any, expected: set[str]
) -> None:
    assert expected == kept(tmp_path, schema)


def test_recursive_alternatives_are_compared_once(tmp_path: Path) -> None:
    node = {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/Node"}}, record("a"), record("b")]}
    (endpoint,) = read(tmp_path, {"test.json": payload({"$ref": "#/$defs/Node"}, **{"$defs": {"Node": node}})})
    records = [one for one in endpoint.definitions if isinstance(one, model.Record)]

    assert [True] * 2 == [one.keeps for one in records]


def test_all_records_of_a_large_union_keep_properties(tmp_path: Path) -> None:
    nested = {"anyOf": [{"anyOf": [record(f"p{part}{at}") for at in range(60)]} for part in range(2)]}

    assert len(kept(tmp_path, nested)) == 120
