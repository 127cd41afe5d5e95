"""Codegen reads any schemas folder or reports problems; it never raises another exception."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from codegen.pipeline import read
from codegen.settings.project_settings import read_settings
from codegen.source.diagnostics import SchemaProblems
from tests.support.seeds import seeds

from ..support.folders import folder

pytestmark = pytest.mark.usefixtures("unmeasured")

ROOT = Path(__file__).parents[3]

SHARED = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "$id": "common.json",
    "definitions": {
        "A": {
            "$id": "#a",
            "type": "object",
            "properties": {"x": {"$ref": "#/definitions/A"}},
            "dependencies": {"x": ["y"]},
        },
        "B": {"items": [{"type": "string"}], "additionalItems": False},
    },
}

KEYWORDS = (
    *("$anchor", "$defs", "$dynamicRef", "$id", "$recursiveRef", "$ref", "$schema", "allOf", "const", "definitions"),
    *(
        "dependencies",
        "description",
        "enum",
        "errors",
        "if",
        "items",
        "kind",
        "latest",
        "not",
        "params",
        "path",
        "payload",
    ),
    *("prefixItems", "properties", "rate", "replay", "reply", "stream", "ticket", "type", "volatile"),
)

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 1e300, "", "x", "http://[x", "//", "#", "#/", "../..", "%zz"),
    *("common.json", "common.json#/definitions/A", "#/$defs/Line", "#a", [], [[]], ["a"], [1, {}], {}),
    *({"$ref": "#/$defs/Said"}, {"$ref": "common.json#a"}, {"$ref": "http://[x"}, {"$id": "http://[x"}, {"$id": "#x"}),
    *({"$anchor": ""}, {"$dynamicRef": "#q"}, {"$dynamicAnchor": "q"}, {"type": "object"}, {"allOf": [{"$ref": "#"}]}),
    *({"kind": "x"}, {"pattern": "("}, {"const": {"$ref": "x"}}, {"$defs": 5}, {"properties": 5}, {"id": 5}),
    *({"$schema": "x"}, {"$schema": 5}, {"not": {}}),
)


def containers(value: Any) -> list[Any]:
    """Return all arrays and objects in a value."""
    if not isinstance(value, dict | list):
        return []
    members = value.values() if isinstance(value, dict) else value
    return [value, *(found for member in members for found in containers(member))]


def mutate(document: Any, random: Random) -> None:
    """Replace or add one random value."""
    target = random.choice(containers(document))
    value = copy.deepcopy(random.choice(VALUES))
    if isinstance(target, list):
        target[:] = [value if random.random() < 0.3 else item for item in target]
    elif target and random.random() < 0.4:
        target[random.choice(list(target))] = value
    else:
        target[random.choice(KEYWORDS)] = value


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in seeds(1, 12))])
def test_mutated_documents_are_read_or_have_problems(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    chat, export = (
        json.loads((ROOT / f"schemas/{name}.json").read_text(encoding="utf-8")) for name in ("chat", "export")
    )
    for _ in range(20):
        documents = {
            name: copy.deepcopy(each) for name, each in (("chat", chat), ("export", export), ("common", SHARED))
        }
        for _ in range(random.choice([1, 1, 2, 4])):
            mutate(random.choice(list(documents.values())), random)
        folder(tmp_path / "schemas", **documents)

        try:
            read(read_settings(tmp_path))
        except SchemaProblems as error:
            assert all(str(problem) for problem in error.problems)
