"""Emits what a page works with: of each endpoint a class and a component, and the runtime below them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from ... import model
from .. import Output
from .component import render
from .runtime_files import copies

__all__ = ["emit"]


def emit(endpoints: Sequence[model.Endpoint]) -> Iterator[Output]:
    """Yield the files, by paths in the folder of the client."""
    for name, text in copies():
        yield Output(path=PurePosixPath("runtime", name), text=text)
    for endpoint in endpoints:
        for name, text in render(endpoint):
            yield Output(path=PurePosixPath(endpoint.name, name), text=text)
