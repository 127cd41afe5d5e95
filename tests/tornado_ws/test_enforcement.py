"""References from limits and close codes to the code that enforces or sends them."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
from collections.abc import Iterator

import pytest

from tests.support.layers import ROOT
from tornado_ws import CloseCode, Limits

REFERENCE = re.compile(r":(?:class|meth|func|attr|exc|mod):`[~.]?([\w.]+)`")
UNSENT = {"UNSUPPORTED", "POLICY"}
"""Close codes of other servers."""


def declarations(cls: type) -> Iterator[tuple[str, list[str]]]:
    """Yield the fields or members of a class, with the references in the strings below them."""
    (body,) = (node.body for node in ast.parse(inspect.getsource(cls)).body if isinstance(node, ast.ClassDef))
    for statement, below in itertools.pairwise(body):
        if isinstance(statement, ast.AnnAssign | ast.Assign):
            target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
            yield ast.unparse(target), REFERENCE.findall(ast.unparse(below) if isinstance(below, ast.Expr) else "")


def defined_names() -> set[str]:
    """Return the names of modules, classes, functions, methods and attributes, as references end in them."""
    names = set()
    for path in (ROOT / "tornado_ws").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names |= {f".{path.stem}", *(f".{node.name}" for node in tree.body if isinstance(node, DEFINITIONS))}
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                names |= {f".{node.name}.{name}" for name in members(node)}
    return names


DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def members(cls: ast.ClassDef) -> Iterator[str]:
    for node in cls.body:
        if isinstance(node, DEFINITIONS):
            yield node.name
        elif isinstance(node, ast.AnnAssign):
            yield ast.unparse(node.target)
        elif isinstance(node, ast.Assign):
            yield ast.unparse(node.targets[0])


@pytest.mark.parametrize("cls", [CloseCode, Limits])
def test_each_declaration_refers_to_code(cls: type) -> None:
    assert UNSENT & {*dir(cls)} == {name for name, references in declarations(cls) if not references}


@pytest.mark.parametrize("cls", [CloseCode, Limits])
def test_each_reference_exists(cls: type) -> None:
    known = defined_names()

    assert [] == [
        reference
        for _, references in declarations(cls)
        for reference in references
        if not any(f".{reference}".endswith(name) for name in known)
    ]
