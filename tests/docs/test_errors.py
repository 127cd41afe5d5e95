from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from codegen.model import POLICIES
from docs.scripts.problems import cases, reported_problem
from tests.docs.pages import ROOT

CODE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
REPORTERS = re.compile(r"_?problem|Problem|_fail|_report|_reject|Finding")
"""Functions that take the code of a problem among their first three arguments, or as ``code``."""

RUNTIME = ROOT / "codegen/emit/svelte/runtime"
REASONS = RUNTIME / "diagnosis.ts"
"""Module with reasons of failed handshakes, which are no errors of messages."""
PAGE = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")
RUNTIME_SECTION, CODEGEN_SECTION = PAGE.split("## Schema problems")


def test_page_lists_exactly_the_codes_of_codegen():
    assert set(_codegen_codes()) == set(re.findall(r"^#### `(\w+)`$", CODEGEN_SECTION, re.MULTILINE))


def test_page_lists_exactly_the_codes_of_the_runtime():
    assert set(_runtime_codes()) == set(re.findall(r"^\| `(\w+)` \|", RUNTIME_SECTION, re.MULTILINE))


def test_page_lists_the_reasons_of_a_failed_handshake_that_the_client_finds():
    page = (ROOT / "docs/reference/typescript.md").read_text(encoding="utf-8")
    found = re.findall(r"code: '(\w+)'", REASONS.read_text(encoding="utf-8"))

    assert found
    assert [] == [code for code in found if not re.search(rf"^\| `{code}` \|", page, re.MULTILINE)]


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.code)
def test_each_example_is_rejected_with_its_code(case):
    assert case.code == reported_problem(case).code


def _codegen_codes() -> Iterator[str]:
    yield from (policy.malformed for policy in POLICIES if "pattern" in policy.schema)
    for path in (ROOT / "codegen").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield from (text for text in _texts(_of_call(node)) if CODE.fullmatch(text))
            if path.name == "schema_errors.py":
                yield from (text for text in _texts(_of_error_table(node)) if CODE.fullmatch(text))


def _of_call(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if REPORTERS.fullmatch(name):
            yield from node.args[1:3]
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "code")


def _of_error_table(node: ast.AST) -> Iterator[ast.expr]:
    """Yield codes in ``schema_errors.py``: in a table by keyword, and in pairs of code and text."""
    if isinstance(node, ast.Assign) and any(isinstance(name, ast.Name) and name.id == "CODES" for name in node.targets):
        assert isinstance(node.value, ast.Dict)
        yield from node.value.values
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        yield node.value.elts[0]  # a look-up in the table contains no literal


def _texts(nodes: Iterator[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _runtime_codes() -> Iterator[str]:
    for path in (ROOT / "tornado_ws").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "code" and _is_text(node.value):
                yield from _texts(iter([node.value]))
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
                yield from _assigned(node)
    for path in _scripts(RUNTIME):
        yield from re.findall(r"code: '(\w+)'", path.read_text(encoding="utf-8"))


def _assigned(node: ast.Assign) -> Iterator[str]:
    """Yield the value of ``code`` in ``code, message = "too_deep", "…"``."""
    target, value = node.targets[0], node.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = zip(target.elts, value.elts, strict=True)
        yield from _texts(value for name, value in pairs if isinstance(name, ast.Name) and name.id == "code")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _scripts(folder: Path) -> list[Path]:
    return sorted({*folder.rglob("*.ts")} - {REASONS})
