"""Each module of codegen imports only what stands before it, and knows only what is its own."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CODEGEN = Path(__file__).parents[2] / "codegen"

ORDER = (
    *("version", "problems", "names", "document", "scan_json", "scan_yaml", "load"),
    *("complaints", "dialects", "misspelled", "meta", "references", "resource", "resolve"),
    *("patterns", "automaton", "model", "keywords", "judged", "contract", "sizes", "rules", "soundness", "emit"),
    *("explain", "settings", "write", "generate", "watch", "init", "build", "cli", "__main__"),
)

EMITTERS = ("python", "typescript", "svelte", "vite")

KEYWORDS = {
    *("additionalProperties", "allOf", "anyOf", "contains", "dependentRequired", "dependentSchemas"),
    *("exclusiveMaximum", "exclusiveMinimum", "maxItems", "maxLength", "maxProperties", "minItems", "minLength"),
    *("minProperties", "multipleOf", "oneOf", "patternProperties", "prefixItems", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties", "uniqueItems"),
}
"""Words that mean a keyword of JSON Schema and nothing else."""


def modules(folder: Path = CODEGEN) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "project" not in path.parts and "runtime" not in path.parts)


def layer(path: Path) -> str:
    """Return the module or package directly below codegen that a file belongs to."""
    return path.relative_to(CODEGEN).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Yield what a module imports, by absolute names."""
    package = ("codegen", *path.relative_to(CODEGEN).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            module = (*base, *(node.module or "").split(".")) if node.module else base
            yield from (".".join((*module, alias.name)) for alias in node.names)


def test_every_module_has_its_place() -> None:
    assert {layer(path) for path in modules()} <= {*ORDER, "__init__"}


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(CODEGEN).as_posix())
def test_module_imports_only_what_stands_before_it(path: Path) -> None:
    own = layer(path)
    if own == "__init__":
        return
    layers = {name.split(".")[1] for name in imported(path) if name.startswith("codegen.")}

    later = {name for name in layers - {own} if name in ORDER and ORDER.index(name) > ORDER.index(own)}

    assert set() == later


@pytest.mark.parametrize("emitter", EMITTERS)
def test_emitters_do_not_import_each_other(emitter: str) -> None:
    others = {f"codegen.emit.{other}" for other in EMITTERS if other != emitter}

    for path in modules(CODEGEN / "emit" / emitter):
        for name in imported(path):
            assert not any(name == other or name.startswith(f"{other}.") for other in others), path


@pytest.mark.parametrize("emitter", EMITTERS)
def test_emitters_read_only_the_model(emitter: str) -> None:
    forbidden = {"document", "keywords", "load", "meta", "resolve", "resource", "rules", "dialects"}

    for path in modules(CODEGEN / "emit" / emitter):
        layers = {name.split(".")[1] for name in imported(path) if name.startswith("codegen.")}
        assert set() == layers & forbidden, path


def test_model_imports_nothing_of_ours() -> None:
    for path in modules(CODEGEN / "model"):
        assert {name for name in imported(path) if name.startswith("codegen.")} <= {
            name for name in imported(path) if name.startswith("codegen.model")
        }


def test_only_keywords_and_soundness_name_keywords_of_json_schema() -> None:
    allowed = {
        "keywords": "turns them into the model",
        "soundness": "proves what types guarantee of them",
        "dialects": "spells those of older drafts",
        "complaints": "says in words what the meta-schema says of them",
        "judged": "knows which of them refuse nothing",
        "model": "keeps their names for error messages",
    }
    for path in modules():
        if layer(path) in allowed or path.is_relative_to(CODEGEN / "emit"):
            continue
        texts = {
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert set() == texts & KEYWORDS, path


def test_the_server_does_not_need_codegen() -> None:
    runtime = CODEGEN.parent / "tornado_ws"
    for path in runtime.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            assert "codegen" not in {name.split(".")[0] for name in names}, path


def test_help_and_problems_need_no_library() -> None:
    """What editors and Vite wait for starts at once: heavy things are imported where they are used."""
    for name in ("cli", "problems", "__main__", "__init__"):
        tree = ast.parse((CODEGEN / f"{name}.py").read_text(encoding="utf-8"))
        top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        outside = {
            (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else node.names[0].name.split(".")[0]
            for node in top
            if not (isinstance(node, ast.ImportFrom) and node.level)
        }
        assert outside <= sys.stdlib_module_names
