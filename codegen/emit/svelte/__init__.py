"""Emitter for Svelte: the runtime, and a class and a component for each endpoint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from ... import model
from ...source.diagnostics import Problem, SchemaProblems
from ...source.internal_errors import collecting
from .. import Output
from ..results import Route
from .component import render
from .runtime_files import runtime_files

__all__ = ["emit", "emit_common"]


def emit_common(_: Sequence[Route]) -> Iterator[Output]:
    """Yield the files of the runtime; paths are relative to the client folder."""
    for name, text in runtime_files():
        yield Output(path=PurePosixPath("runtime", name), text=text)


def emit(endpoints: Sequence[model.Endpoint]) -> Iterator[Output]:
    """Yield the files of each endpoint; paths are relative to the client folder."""
    problems: list[Problem] = []
    for endpoint in endpoints:
        with collecting(endpoint.source, problems):
            for name, text in render(endpoint):
                yield Output(path=PurePosixPath(endpoint.name, name), text=text)
    if problems:
        raise SchemaProblems(problems)
