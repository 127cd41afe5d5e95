"""Import layers of both packages, from the lowest to the highest."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

LAYERS = {
    "tornado_ws": (
        *(
            "loggers",
            "histogram",
            "argument_checks",
            "errors",
            "messages",
            "endpoint",
            "config_checks",
            "rate_limited_log",
        ),
        *("channels", "presence", "validation", "models", "websocket", "http_server", "limits", "session", "client"),
        *("server", "testing", "command", "prometheus", "opentelemetry", "__main__"),
    ),
    "codegen": (
        *("version", "deep_stack", "source", "identifiers", "regex", "model", "schema", "keywords"),
        *("runtime_schema", "contract", "limits", "evolution", "schema_lint", "lint", "soundness", "emit"),
        *("settings", "output", "cache", "cost_report", "schema_folder", "pipeline", "contract_commands"),
        *("watch", "scaffold", "build", "cli", "__main__"),
    ),
}
"""Modules and folders directly below a package. Each may import only those before it."""

PACKAGES = tuple(LAYERS)


def modules(package: str) -> list[Path]:
    """Return the Python files of a package, without those that are copied to users."""
    files = sorted((ROOT / package).rglob("*.py"))
    return [path for path in files if "project" not in path.parts and "runtime" not in path.parts]


def layer(path: Path) -> str:
    """Return the module or folder directly below the package that contains a file."""
    return path.relative_to(ROOT).parts[1].removesuffix(".py")


def name(path: Path) -> str:
    """Return the absolute name of a module, such as ``tornado_ws.session.state``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Yield the absolute name of each import, at any depth of the module."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join((*base, *(node.module or "").split("."))).rstrip(".")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def imported_modules(path: Path, known: set[str]) -> set[str]:
    """Return the modules in ``known`` that a file imports, whole or in part."""
    return {found for one in imports(path) for found in (one, one.rpartition(".")[0]) if found in known}
