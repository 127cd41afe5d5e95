"""Emitter for ``messages.ts``: the types, validators and constant of each endpoint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from ... import model
from ...source.diagnostics import Problem, SchemaProblems
from ...source.internal_errors import collecting
from .. import Output
from .typescript_module import render

__all__ = ["emit"]


def emit(endpoints: Sequence[model.Endpoint]) -> Iterator[Output]:
    """Yield a module for each endpoint; paths are relative to the client folder."""
    problems: list[Problem] = []
    for endpoint in endpoints:
        with collecting(endpoint.source, problems):
            yield Output(path=PurePosixPath(endpoint.name, "messages.ts"), text=render(endpoint))
    if problems:
        raise SchemaProblems(problems)
