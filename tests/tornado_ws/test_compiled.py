"""Modules that mypyc compiles when the package is built."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tornado_ws import COMPILED

C_KEYWORDS = {
    *("_asm", "_attribute", "_complex", "_const", "_imag", "_inline"),
    *("_real", "_signed", "_thread", "_typeof", "_volatile"),
}
"""Attributes that mypyc prefixes with another underscore, so that they are keywords of GCC."""
ROOT = Path(__file__).parents[2]


def listed() -> list[str]:
    """Return the list in setup.py."""
    for node in ast.parse((ROOT / "setup.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "COMPILED":
            return list(ast.literal_eval(node.value))
    raise AssertionError("setup.py has no COMPILED")


def test_package_is_compiled_only_if_expected() -> None:
    assert COMPILED is ("EXPECT_COMPILED" in os.environ)


@pytest.mark.parametrize("name", listed())
def test_each_listed_module_is_compiled_with_the_package(name: str) -> None:
    module = importlib.import_module(f"tornado_ws.{name.replace('/', '.')}")

    assert COMPILED is not str(module.__file__).endswith(".py")


@pytest.mark.parametrize("name", listed())
def test_compiled_modules_have_no_coroutines(name: str) -> None:
    tree = ast.parse((ROOT / f"tornado_ws/{name}.py").read_text(encoding="utf-8"))

    assert [] == [node.name for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)]


@pytest.mark.parametrize("name", listed())
def test_no_attribute_becomes_a_keyword_of_c(name: str) -> None:
    tree = ast.parse((ROOT / f"tornado_ws/{name}.py").read_text(encoding="utf-8"))

    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert set() == attributes & C_KEYWORDS


@pytest.mark.slow
def test_package_is_installed_in_pure_python_without_a_compiler(tmp_path: Path) -> None:
    copy, target = tmp_path / "copy", tmp_path / "target"
    copy.mkdir()
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    kept = [name for name in listing.split("\0") if name.startswith(("tornado_ws/", "codegen/")) or "/" not in name]
    for name in filter(None, kept):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes((ROOT / name).read_bytes())
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-build-isolation")
    code = "import tornado_ws; print(tornado_ws.COMPILED, tornado_ws.__file__)"

    subprocess.run([*pip, "--no-deps", "--target", target, copy], check=True, env={**os.environ, "CC": "false"})

    environment = {**os.environ, "PYTHONPATH": str(target)}
    printed = subprocess.check_output([sys.executable, "-P", "-c", code], cwd=tmp_path, env=environment, text=True)
    assert printed.split() == ["False", str(target / "tornado_ws/__init__.py")]
    assert [] == list(target.rglob("*mypyc*"))
