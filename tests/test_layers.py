"""Each module of the runtime imports only those that stand left of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "tornado_ws"

ROWS = [
    "errors messages endpoint",
    "models frames values faults together branches ordered ladder judge",
    "doubts untagged vanishing params slots latest reader writer codec compiled",
    "arguments rates tickets registry replay pending addresses origins routes limits session",
    "backplane guards heartbeat",
    "connection",
    "wire strict_wire tornado_wire responder worker conversation",
    "rooms service mount admission one_time",
    "upgrade handler action summary shutdown controller",
    "testing __init__",
]
LAYERS = [name for row in ROWS for name in row.split()]

TORNADO = {"connection", "tornado_wire", "one_time", "upgrade", "handler", "action", "controller", "testing"}
"""Who may import Tornado."""


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Return what a module imports: modules of the package as ``.name``, other packages as ``name``."""
    depth = len(path.relative_to(PACKAGE).parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield str(node.module).partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.level == depth:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            yield from ("." + name.partition(".")[0] for name in names)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_stands_left_of_it(path):
    left = {f".{name}" for name in LAYERS[: LAYERS.index(layer(path))]}

    assert {name for name in imported(path) if name.startswith(".")} <= left


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_outer_layers_know_tornado_and_one_module_redis(path):
    names = set(imported(path))

    assert "tornado" not in names or layer(path) in TORNADO
    assert "redis" not in names or path.name == "redis.py"
    assert "pydantic" not in names or layer(path) == "models"
    assert "codegen" not in names
    assert "pytest" not in names or layer(path) == "testing"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_imports_the_module_that_imports_pydantic(path):
    assert ".models" not in imported(path)


def test_every_module_has_its_layer():
    assert {layer(path) for path in modules()} == set(LAYERS)
