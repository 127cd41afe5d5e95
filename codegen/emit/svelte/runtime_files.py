"""The runtime: files that lie in ``runtime/`` as they are written to every client."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from ...version import VERSION
from .. import MARK

__all__ = ["copies"]

HEADER = f"{MARK} {VERSION}. DO NOT EDIT."


def copies() -> Iterator[tuple[str, str]]:
    """Yield the files' names and texts: all that is added is a header."""
    assert __package__
    folder = files(__package__) / "runtime"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith((".ts", ".svelte")):
            header = f"<!-- {HEADER} -->" if file.name.endswith(".svelte") else f"// {HEADER}\n/* eslint-disable */"
            yield file.name, f"{header}\n{file.read_text(encoding='utf-8')}"
