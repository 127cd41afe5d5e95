"""Time of codegen for many definitions, and after a change of one endpoint among fifty."""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import report

__all__ = ["run"]

DEFINITIONS = 4000
ENDPOINTS = 50
ROUNDS = 3
BARS = {"definitions": 12.0, "changed": 0.5}
"""Targets in seconds."""


def definitions(count: int) -> dict[str, Any]:
    """Return ``count`` definitions of objects that refer to each other, with bounds and constants."""
    rng = random.Random(1)
    return {
        f"Node{number}": {
            "type": "object",
            "description": f"Node {number}.",
            "required": ["id", "kind"],
            "properties": {
                "id": {"type": "string", "minLength": 1, "maxLength": 40},
                "kind": {"const": f"k{number}"},
                "count": {"type": "integer", "minimum": 0},
                "next": {"$ref": f"#/$defs/Node{(number + 1) % count}"},
                "others": {"type": "array", "items": {"$ref": f"#/$defs/Node{rng.randrange(count)}"}},
                "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 5},
            },
        }
        for number in range(count)
    }


def many_definitions(count: int) -> dict[str, Any]:
    """Return an endpoint with ``count`` definitions."""
    messages = {"it": {"payload": {"$ref": "#/$defs/Node0"}}}
    return {
        "kind": "persistent",
        "path": "/it",
        "clientMessages": messages,
        "serverMessages": messages,
        "$defs": definitions(count),
    }


def small_endpoint(number: int, longest: int) -> dict[str, Any]:
    """Return an endpoint with three messages; texts have at most ``longest`` characters."""
    room = {"type": "object", "properties": {"name": {"type": "string"}, "size": {"type": "integer"}}}
    text = {"type": "string", "maxLength": longest}
    said = {"type": "object", "required": ["text"], "properties": {"text": text, "room": {"$ref": "#/$defs/Room"}}}
    return {
        "kind": "persistent",
        "path": f"/e{number}",
        "clientMessages": {"say": {"payload": said}, "leave": {"payload": {"$ref": "#/$defs/Room"}}},
        "serverMessages": {"said": {"payload": said}},
        "$defs": {"Room": room},
    }


def run(*, quick: bool = False) -> str:
    """Measure, and return the tables."""
    count, endpoints, rounds = (200, 5, 1) if quick else (DEFINITIONS, ENDPOINTS, ROUNDS)
    with tempfile.TemporaryDirectory() as folder:
        many, fifty = _project(Path(folder, "many")), _project(Path(folder, "fifty"))
        _write(many, "it", many_definitions(count))
        models = many / "models.json"
        models.write_text(json.dumps({"$ref": "#/$defs/Node0", "$defs": definitions(count)}), encoding="utf-8")
        for number in range(endpoints):
            _write(fifty, f"e{number}", small_endpoint(number, 1))
        ours = _shortest(rounds, lambda _: _codegen(many, "--no-cache"))
        peer = _shortest(rounds, lambda _: _datamodel_codegen(models))
        whole = _shortest(rounds, lambda _: _codegen(fifty, "--no-cache"))
        _codegen(fifty)

        def change(number: int) -> float:
            _write(fifty, "e3", small_endpoint(3, 2 + number))
            return _codegen(fifty)

        changed, unchanged = _shortest(rounds, change), _shortest(rounds, lambda _: _codegen(fifty))
    rows = [
        (f"{count:,} definitions, Python and TypeScript", ours),
        ("datamodel-code-generator, Python only, the same definitions", peer),
        (f"{endpoints} endpoints", whole),
        ("one of them changed", changed),
        ("nothing changed", unchanged),
    ]
    table = report.table(("run", "processor time, s"), ((label, f"{seconds:.2f}") for label, seconds in rows))
    bars = [
        (f"{count:,} definitions", f"under {BARS['definitions']:g} s", f"{ours:.1f}", ours < BARS["definitions"]),
        (
            f"one changed endpoint of {endpoints}",
            f"under {BARS['changed']:g} s",
            f"{changed:.2f}",
            changed < BARS["changed"],
        ),
    ]
    return f"{table}\n\n{report.targets(bars)}"


def _project(folder: Path) -> Path:
    (folder / "schemas").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[tool.tornado-ws]\n", encoding="utf-8")
    return folder


def _write(project: Path, name: str, document: dict[str, Any]) -> None:
    (project / "schemas" / f"{name}.json").write_text(json.dumps(document, indent=1), encoding="utf-8")


def _shortest(rounds: int, measure: Callable[[int], float]) -> float:
    return min(measure(number) for number in range(rounds))


def _codegen(project: Path, *options: str) -> float:
    return _seconds([sys.executable, "-m", "codegen", *options], project)


def _datamodel_codegen(models: Path) -> float:
    command = [sys.executable, "-m", "datamodel_code_generator", "--input", str(models), "--input-file-type"]
    types = ["jsonschema", "--output-model-type", "msgspec.Struct", "--output", str(models.with_suffix(".py"))]
    return _seconds([*command, *types], models.parent)


def _seconds(command: list[str], folder: Path) -> float:
    """Return the processor time of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
