"""Emitters: model to text, one package for each language. None imports another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

__all__ = ["Output"]


@dataclass(frozen=True)
class Output:
    """A generated file."""

    path: PurePosixPath
    """Relative to the folder of its kind: that of the Python package, or that of the client."""
    text: str
