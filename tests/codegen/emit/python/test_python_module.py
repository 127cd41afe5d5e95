"""Generated Python modules: golden cases."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from codegen import keywords
from codegen.emit.python import Models, emit, emit_common
from codegen.model import Options
from codegen.schema.resolve import resolve
from codegen.source.load import load
from tornado_ws.validation.codec import Codec

from ...support.generated import ROOT, payload
from ...support.package import endpoint, lint, module, pyright, run, typecheck, write

METHODS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
GOLDEN = sorted(path.parent for path in (ROOT / "tests/golden").glob("*/schemas"))


FOLDERS: dict[str, Models] = {"python": "msgspec", "models": "pydantic"}
"""Folder of the golden modules, with the library of their message classes."""


def generated(case: Path, models: Models) -> dict[str, str]:
    """Return the modules generated from the schemas of a golden case, by name."""
    schemas = resolve(load(case / "schemas", source="schemas"))
    assert () == schemas.problems
    options = Options(bigint=case.name == "bigints")
    built = [keywords.build(document, schemas.documents, options) for document in schemas.endpoints]
    endpoints = keywords.share(built, schemas.documents, options)
    outputs = (*emit_common((), models=models), *emit(endpoints, models=models))
    return {output.path.as_posix(): output.text for output in outputs}


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case.name)
def test_golden_folder(case: Path, folder: str) -> None:
    """Compare the generated modules with the golden ones; ``UPDATE_GOLDEN=1`` updates them."""
    actual = generated(case, FOLDERS[folder])
    if os.environ.get("UPDATE_GOLDEN"):
        (case / folder).mkdir(exist_ok=True)
        for name, text in actual.items():
            (case / folder / name).write_text(text, encoding="utf-8")

    expected = {path.name: path.read_text(encoding="utf-8") for path in (case / folder).iterdir() if path.is_file()}

    assert expected == actual


def test_docstrings_describe_replies_and_items(tmp_path: Path) -> None:
    answer = {"type": "integer", "description": "Its size.\nIn meters."}
    requests = {"ask": {"description": "Ask.", "reply": answer}, "pull": {"stream": answer}}
    (tmp_path / "it.json").write_text(json.dumps({"kind": "persistent", "path": "/it", "clientMessages": requests}))
    schemas = resolve(load(tmp_path))
    (output,) = (
        output for output in emit([keywords.build(schemas.endpoints[0], schemas.documents)]) if output.path.stem == "it"
    )

    methods = {
        node.name: ast.get_docstring(node) for node in ast.walk(ast.parse(output.text)) if isinstance(node, METHODS)
    }

    assert "Ask.\n\nReturns:\n    Its size.\n    In meters." == methods["on_ask"] == methods["Ask"]
    assert "Handle ``pull``.\n\nYields:\n    Its size.\n    In meters." == methods["on_pull"]


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case.name)
def test_golden_modules_can_be_imported_and_decoded(case: Path, folder: str) -> None:
    for path in sorted({*(case / folder).glob("[!_]*.py")} - {case / folder / "shared.py"}):
        loaded = endpoint(run(path))

        assert Codec(loaded).endpoint is Codec(loaded, side="client").endpoint


@pytest.mark.slow
def test_golden_modules_pass_linter_formatter_and_mypy() -> None:
    folders = [case / folder for case in GOLDEN for folder in FOLDERS]
    for folder in folders:
        lint(folder)
    typecheck(*(path for folder in folders for path in folder.glob("[!_]*.py")))


@pytest.mark.slow
def test_golden_modules_pass_pyright(tmp_path: Path) -> None:
    modules = [path for case in GOLDEN for folder in FOLDERS for path in (case / folder).glob("*.py")]

    assert [] == pyright(tmp_path, modules)


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
def test_alias_with_the_name_of_its_message_differs_from_the_other_definitions(tmp_path: Path, models: Models) -> None:
    definitions = {"It": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/ItData"}]}, "ItData": {"type": "integer"}}
    document = payload({"$ref": "#/$defs/It"}, **{"$defs": definitions})

    made = module(tmp_path, {"test.json": document}, models=models)

    assert 1 == Codec(endpoint(made), side="client").decode('{"type": "it", "data": 1}').data
    assert {"It", "ItData", "ItData_"} <= {*made.__all__}


def test_message_is_made_of_an_object_of_its_payload_class(tmp_path: Path) -> None:
    order = {"type": "object", "properties": {"of": {"type": "string"}, "size": {"type": "integer"}}}
    messages = {
        "changed": {"$ref": "#/$defs/Order"},
        "total": {"type": "integer"},
        "maybe": {"type": ["null", "array"]},
    }
    document = {
        "kind": "ephemeral",
        "serverMessages": {name: {"payload": schema} for name, schema in messages.items()},
        "$defs": {"Order": order},
    }
    made = module(tmp_path, {"test.json": document})
    codec = Codec(endpoint(made))

    changed = made.Changed.of(made.Order(of_="tea", size=2))

    assert codec.encode(changed) == codec.encode(made.Changed(of_="tea", size=2))
    assert codec.encode(made.Total.of(5)) == codec.encode(made.Total(5))
    assert codec.encode(made.Maybe.of([1])) == codec.encode(made.Maybe([1]))


def test_order_of_residual_checks_does_not_depend_on_hashes(tmp_path: Path) -> None:
    names = [f"name_{letter}" for letter in "abcdefghij"]
    schema = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names},
        "patternProperties": {"^name": {"type": "integer"}},
        "additionalProperties": False,
    }

    text = write(tmp_path, {"test.json": payload(schema)})["test"].read_text(encoding="utf-8")

    assert names == re.findall(r'MemberCheck\(\s*"(name_.)"', text)


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
def test_no_rule_of_a_linter_or_formatter_applies_to_modules(tmp_path: Path, models: Models) -> None:
    properties = {"l": {"$ref": "shared.json#/$defs/I"}, "O" * 150: {"type": "string"}, "ﬁ": {"const": "\u200b"}}
    files = {
        "test.json": payload({"type": "object", "properties": properties}, description="Résumé"),
        "shared.json": {"$defs": {"I": {"type": "object", "properties": {"id": {"type": "string"}}}}},
    }
    modules = write(tmp_path, files, models=models)

    for command in (("check", "--select", "ALL"), ("format", "--check", "--line-length", "60")):
        arguments = (sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", *modules.values())
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
