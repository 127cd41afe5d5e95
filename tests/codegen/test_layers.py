"""Responsibilities of the layers of codegen."""

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
"""Unambiguous keywords of JSON Schema."""


def _modules(folder: str) -> list[Path]:
    return [path for path in modules("codegen") if path.is_relative_to(ROOT / "codegen" / folder)]


@pytest.mark.parametrize("emitter", EMITTERS)
def test_emitters_do_not_import_each_other(emitter: str) -> None:
    others = {f"codegen.emit.{other}" for other in EMITTERS if other != emitter}

    for path in _modules(f"emit/{emitter}"):
        for name in imports(path):
            assert not any(name == other or name.startswith(f"{other}.") for other in others), path


@pytest.mark.parametrize("emitter", EMITTERS)
def test_emitters_use_only_the_model(emitter: str) -> None:
    forbidden = {"keywords", "schema", "lint"}

    for path in _modules(f"emit/{emitter}"):
        layers = {name.split(".")[1] for name in imports(path) if name.startswith("codegen.")}
        assert set() == layers & forbidden, path


def test_model_imports_no_other_layer() -> None:
    for path in _modules("model"):
        assert {name for name in imports(path) if name.startswith("codegen.")} <= {
            name for name in imports(path) if name.startswith("codegen.model")
        }


def test_only_some_layers_contain_keywords_of_json_schema() -> None:
    allowed = {
        "keywords": "converts them to the model",
        "soundness": "proves that types guarantee them",
        "schema": "upgrades older drafts, and explains errors of the meta-schemas",
        "runtime_schema": "removes annotations",
        "evolution": "compares versions of schemas",
        "limits": "estimates the time of validators by their keywords",
        "schema_lint": "finds mistakes in them",
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


def test_runtime_does_not_import_codegen() -> None:
    runtime = ROOT / "tornado_ws"
    for path in runtime.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            assert "codegen" not in {name.split(".")[0] for name in names}, path


def test_command_starts_without_third_party_imports() -> None:
    """Slow imports are local to functions, because editors and Vite wait for the command."""
    for name in ("cli", "source/diagnostics", "__main__", "__init__"):
        tree = ast.parse((ROOT / "codegen" / f"{name}.py").read_text(encoding="utf-8"))
        top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        outside = {
            (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else node.names[0].name.split(".")[0]
            for node in top
            if not (isinstance(node, ast.ImportFrom) and node.level)
        }
        assert outside <= sys.stdlib_module_names
