"""What is compiled when the package is built."""

from __future__ import annotations

import ast
import importlib
import os
from pathlib import Path

import pytest

from tornado_ws import COMPILED

ROOT = Path(__file__).parents[1]


def listed() -> list[str]:
    """Return the list in setup.py."""
    for node in ast.parse((ROOT / "setup.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "COMPILED":
            return list(ast.literal_eval(node.value))
    raise AssertionError("setup.py has no list")


def test_it_is_compiled_if_and_only_if_it_should_be() -> None:
    assert COMPILED is ("EXPECT_COMPILED" in os.environ)


@pytest.mark.parametrize("name", listed())
def test_each_module_is_what_the_package_says(name: str) -> None:
    module = importlib.import_module(f"tornado_ws.{name.replace('/', '.')}")

    assert COMPILED is not str(module.__file__).endswith(".py")


@pytest.mark.parametrize("name", listed())
def test_no_module_has_coroutines(name: str) -> None:
    tree = ast.parse((ROOT / f"tornado_ws/{name}.py").read_text(encoding="utf-8"))

    assert [] == [node.name for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)]
