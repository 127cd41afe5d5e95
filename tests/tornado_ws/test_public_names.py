"""Names of the package ``tornado_ws``."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import tornado_ws


def test_every_public_name_has_a_module() -> None:
    names = [name for listed in tornado_ws.MODULES.values() for name in listed.split()]

    assert sorted(tornado_ws.__all__) == sorted(names)
    for module, listed in tornado_ws.MODULES.items():
        for name in listed.split():
            assert getattr(tornado_ws, name) is getattr(import_module(module, "tornado_ws"), name)


def test_type_checkers_import_the_same_names_from_the_same_modules() -> None:
    (path,) = tornado_ws.__path__
    tree = ast.parse((Path(path) / "__init__.py").read_text(encoding="utf-8"))
    found = {
        f".{node.module}": {alias.name for alias in node.names}
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == 1
    }

    assert found == {module: {*names.split()} for module, names in tornado_ws.MODULES.items()}


def test_unknown_name_is_an_error() -> None:
    with pytest.raises(AttributeError, match="module 'tornado_ws' has no attribute 'Typo'"):
        vars(tornado_ws)["__getattr__"]("Typo")
    assert {*tornado_ws.__all__} == {*dir(tornado_ws)}


def test_validation_is_imported_without_the_server() -> None:
    code = "import sys, tornado_ws.validation.schema_validator, tornado_ws.endpoint; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert not {"tornado", "asyncio", "tornado_ws.server"} & {*done.stdout.split()}
