"""Emits ``messages.ts`` of each endpoint: types, checks and one constant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from ... import model
from .. import Output
from .typescript_module import render

__all__ = ["emit"]


def emit(endpoints: Sequence[model.Endpoint]) -> Iterator[Output]:
    """Yield the modules, by paths in the folder of the client."""
    for endpoint in endpoints:
        yield Output(path=PurePosixPath(endpoint.name, "messages.ts"), text=render(endpoint))
