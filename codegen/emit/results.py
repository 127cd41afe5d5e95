"""Results of codegen by units, so that a run after a change computes only the units that depend on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..source.diagnostics import Problem

__all__ = ["Generated", "Route", "Unit"]


@dataclass(frozen=True, kw_only=True)
class Route:
    """Facts about an endpoint for the files that all endpoints have in common."""

    kind: Literal["ephemeral", "persistent"]
    path: str | None
    source: str
    """Path of the schema file as given by the user."""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """Result for a file without references to others, or for all files that refer to each other."""

    key: str
    """Hash of everything that determines the other attributes; empty without a cache."""
    routes: tuple[Route, ...]
    files: Mapping[Path, str]
    """Text of each generated file."""
    warnings: tuple[Problem, ...]
    """Warnings that depend on references and types."""


@dataclass(frozen=True, kw_only=True)
class Generated:
    """Result for a folder."""

    units: tuple[Unit, ...]
    common: Mapping[Path, str]
    """Text of each file that all endpoints have in common."""
    warnings: tuple[Problem, ...]
    """All warnings about the schemas, including those of the units."""

    @property
    def files(self) -> dict[Path, str]:
        """Text of each generated file."""
        groups = (self.common, *(unit.files for unit in self.units))
        return {path: text for files in groups for path, text in files.items()}
