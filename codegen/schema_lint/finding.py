"""Result of a rule for one schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from ..source.diagnostics import Problem
from ..source.document import Document, Json

__all__ = ["Finding", "Rule", "Schema"]

Schema: TypeAlias = Mapping[str, Json]
"""JSON Schema 2020-12 object."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Mistake in a schema."""

    pointer: str
    """JSON Pointer relative to the schema."""
    code: str
    message: str
    expected: str | None = None
    got: str | None = None
    hint: str | None = None
    on_key: bool = True
    """True if the position is the one of the key."""

    def warning(self, document: Document, pointer: str) -> Problem:
        """Return the warning for the schema at ``pointer`` of ``document``."""
        problem = document.problem(
            pointer + self.pointer,
            self.code,
            self.message,
            key=self.on_key,
            expected=self.expected,
            got=self.got,
            hint=self.hint,
        )
        return replace(problem, severity="warning")


Rule: TypeAlias = Callable[[Schema], Iterator[Finding]]
"""Rule for one schema, without its references."""
