"""Emitter for the Vite plugin: its source, and a module with the paths of the endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import PurePosixPath

from ...version import VERSION
from .. import MARK, Output
from ..js_literals import string
from ..results import Route
from ..templates import Code, template

__all__ = ["emit_common"]

HEADER = f"// {MARK} {VERSION}. DO NOT EDIT.\n/* eslint-disable */\n"
UNTYPED = "// @ts-nocheck -- it runs in Node, for which the page may have no types\n"
CONNECT = "/_/connect/{key}"
"""Route of one-time URLs."""


def emit_common(routes: Sequence[Route]) -> Iterator[Output]:
    """Yield the files; paths are relative to the client folder."""
    assert __package__
    scripts = [
        (f"runtime/{name}.js", HEADER + UNTYPED) for name in ("vite", "vite-imports", "vite-proxy", "vite-python")
    ]
    for path, header in (*scripts, ("vite.d.ts", HEADER)):
        text = files(__package__).joinpath(path).read_text(encoding="utf-8")
        yield Output(path=PurePosixPath(path), text=header + text)
    module = template(__package__, "vite.js.jinja", literal=string)
    text = module.render(version=Code(VERSION), paths=list(_paths(routes)), schemas=_schemas(routes))
    yield Output(path=PurePosixPath("vite.js"), text=text)


def _paths(routes: Sequence[Route]) -> Iterator[str]:
    yield from dict.fromkeys(route.path for route in routes if route.path is not None)
    if any(route.kind == "ephemeral" for route in routes):
        yield CONNECT


def _schemas(routes: Sequence[Route]) -> str:
    """Return the folder of the schemas, relative to the folder of the project."""
    parents = [PurePosixPath(route.source).parent for route in routes]
    return min(parents, key=lambda parent: len(parent.parts)).as_posix() if parents else "schemas"
