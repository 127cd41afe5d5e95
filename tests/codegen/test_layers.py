"""Each module of codegen imports only what stands before it, and knows only what is its own."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.support.layers import ROOT, imports, layer, modules

EMITTERS = ("python", "typescript", "svelte", "vite")

KEYWORDS = {
    *("additionalProperties", "allOf", "anyOf", "contains", "dependentRequired", "dependentSchemas"),
    *("exclusiveMaximum", "exclusiveMinimum", "maxItems", "maxLength", "maxProperties", "minItems", "minLength"),
    *("minProperties", "multipleOf", "oneOf", "patternProperties", "prefixItems", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties", "uniqueItems"),
}
"""Words that mean a keyword of JSON Schema and nothing else."""


def _below(folder: str) -> list[Path]:
    return [path for path in modules("codegen") if path.is_relative_to(ROOT / "codegen" / folder)]


@pytest.mark.parametrize("emitter", EMITTERS)
def test_emitters_do_not_import_each_other(emitter: str) -> None:
    others = {f"codegen.emit.{other}" for other in EMITTERS if other != emitter}

    for path in _below(f"emit/{emitter}"):
        for name in imports(path):
            assert not any(name == other or name.startswith(f"{other}.") for other in others), path


@pytest.mark.parametrize("emitter", EMITTERS)
def test_emitters_read_only_the_model(emitter: str) -> None:
    forbidden = {"keywords", "schema", "lint"}

    for path in _below(f"emit/{emitter}"):
        layers = {name.split(".")[1] for name in imports(path) if name.startswith("codegen.")}
        assert set() == layers & forbidden, path


def test_model_imports_nothing_of_ours() -> None:
    for path in _below("model"):
        assert {name for name in imports(path) if name.startswith("codegen.")} <= {
            name for name in imports(path) if name.startswith("codegen.model")
        }


def test_only_keywords_and_soundness_name_keywords_of_json_schema() -> None:
    allowed = {
        "keywords": "turns them into the model",
        "soundness": "proves what types guarantee of them",
        "schema": "spells those of older drafts, and explains errors of the meta-schema",
        "runtime_schema": "knows which of them refuse nothing",
        "model": "keeps their names for error messages",
    }
    for path in modules("codegen"):
        if layer(path) in allowed or layer(path) == "emit":
            continue
        texts = {
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert set() == texts & KEYWORDS, path


def test_the_server_does_not_need_codegen() -> None:
    runtime = ROOT / "tornado_ws"
    for path in runtime.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            assert "codegen" not in {name.split(".")[0] for name in names}, path


def test_help_and_problems_need_no_library() -> None:
    """What editors and Vite wait for starts at once: heavy things are imported where they are used."""
    for name in ("cli", "source/diagnostics", "__main__", "__init__"):
        tree = ast.parse((ROOT / "codegen" / f"{name}.py").read_text(encoding="utf-8"))
        top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        outside = {
            (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else node.names[0].name.split(".")[0]
            for node in top
            if not (isinstance(node, ast.ImportFrom) and node.level)
        }
        assert outside <= sys.stdlib_module_names
