"""Emitter for ``messages.ts``: the types, validators and constant of each endpoint; and for ``shared.ts``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import PurePosixPath

from ... import model
from ...source.diagnostics import Problem, SchemaProblems
from ...source.internal_errors import collecting
from ...version import VERSION
from .. import MARK, Output
from ..results import Route
from .typescript_module import render, render_shared

__all__ = ["emit", "emit_common"]

TOOLS = ("eslint.config.mjs", "prettier.config.mjs")
"""Settings that keep linters and formatters of the project away from generated code."""


def emit_common(_: Sequence[Route]) -> Iterator[Output]:
    """Yield the settings of tools; paths are relative to the client folder."""
    assert __package__
    for name in TOOLS:
        text = files(__package__).joinpath("tools", name).read_text(encoding="utf-8")
        yield Output(path=PurePosixPath(name), text=f"// {MARK} {VERSION}. DO NOT EDIT.\n{text}")


def emit(endpoints: Sequence[model.Endpoint]) -> Iterator[Output]:
    """Yield a module for each endpoint, and one for shared types; paths are relative to the client folder."""
    problems: list[Problem] = []
    shared = model.shared_definitions(endpoints)
    if shared:
        yield Output(path=PurePosixPath("shared.ts"), text=render_shared(endpoints, shared))
    for endpoint in endpoints:
        with collecting(endpoint.source, problems):
            yield Output(path=PurePosixPath(endpoint.name, "messages.ts"), text=render(endpoint))
    if problems:
        raise SchemaProblems(problems)
