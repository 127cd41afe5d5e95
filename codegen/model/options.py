"""Options of a project that change the model of its endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Options"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options that change verdicts, types or names."""

    unknown: Literal["ignore", "keep", "forbid"] = "ignore"
    """Treatment of undeclared properties of an object whose schema does not state whether it is open."""
    formats: bool = False
    """True if ``format`` is an assertion instead of an annotation (JSON Schema 2020-12, Validation, section 7.2.1)."""
    snake_case: bool = False
    """True if attributes in Python have names in snake_case; JSON and TypeScript keep the names of the schema."""
    python_models: tuple[str, ...] = ()
    """Modules with Pydantic models that may stand in for definitions."""
    typed_formats: bool = False
    """True if strings with a format have the type of :func:`.typed_format`; formats are then checked."""
    enum_classes: bool = False
    """True if enumerations of strings, or of integers, are classes in Python instead of literal types."""
    upper_case_members: bool = False
    """True if the members of these classes have names in upper case."""
    bigint: bool = False
    """True if integers with bounds or constants beyond 2^53 are ``bigint`` in TypeScript."""
    nullable: bool = False
    """True if all schemas are those of OpenAPI 3.0: ``nullable: true`` adds null to the ``type`` and to the combined
    schemas beside it, and ``exclusiveMinimum: true`` excludes ``minimum``."""
