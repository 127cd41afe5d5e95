"""Files of the client runtime, which every client shares."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from ...version import VERSION
from .. import MARK

__all__ = ["runtime_files"]

HEADER = f"{MARK} {VERSION}. DO NOT EDIT."
NO_LINT = "<!-- eslint-disable -->"
"""Comment for the ESLint plugin of Svelte."""


def runtime_files() -> Iterator[tuple[str, str]]:
    """Yield the name and text of each file in ``runtime/``, with a header."""
    assert __package__
    folder = files(__package__) / "runtime"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith((".ts", ".svelte")):
            is_component = file.name.endswith(".svelte")
            header = f"<!-- {HEADER} -->\n{NO_LINT}" if is_component else f"// {HEADER}\n/* eslint-disable */"
            yield file.name, f"{header}\n{file.read_text(encoding='utf-8')}"
