"""Problems of schemas and settings, with their positions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Literal

__all__ = ["Problem", "SchemaProblems"]

INTERNAL = frozenset({"is_strict", "is_third_party", "traceback"})
"""Fields that ``--json`` does not print."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Problem at one position of one file."""

    file: str
    """Path as given by the user, with ``/`` as separator."""
    line: int = 1
    column: int = 1
    pointer: str = ""
    """JSON Pointer (RFC 6901) to the invalid value; empty for the document, or if no value was parsed."""
    code: str
    """Stable identifier of lower-case words joined by ``_``."""
    message: str
    expected: str | None = None
    got: str | None = None
    hint: str | None = None
    """Suggested fix, if one is known."""
    severity: Literal["error", "warning"] = "error"
    """A warning does not prevent the generation of code, unless ``strict`` is set."""
    is_strict: bool = field(default=False, compare=False, repr=False)
    """True if the problem is an error only because ``strict`` is set."""
    is_third_party: bool = field(default=False, compare=False, repr=False)
    """True if the user does not edit the file."""
    traceback: str | None = field(default=None, compare=False, repr=False)
    """Traceback of an unexpected exception."""

    def __str__(self) -> str:
        position = f"{self.file}:{self.line}:{self.column}: "
        if self.severity == "warning":
            position += "warning: "
        if self.pointer:
            position += f"{self.pointer}: "
        text = self.message
        if self.expected is not None:
            text += f": expected {self.expected}"
        if self.got is not None:
            text += f"{':' if self.expected is None else ','} got {self.got}"
        lines = [f"{position}{text} [{self.code}]"]
        if self.hint is not None:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(_escape_control_characters(line) for line in lines)

    def to_json(self) -> dict[str, str | int]:
        """Return the fields with a value, as printed by ``--json``."""
        fields = asdict(self)
        return {name: fields[name] for name in fields if fields[name] is not None and name not in INTERNAL}

    @property
    def is_error(self) -> bool:
        """True if the problem prevents the generation of code."""
        return self.severity == "error"

    @property
    def sort_key(self) -> tuple[str, int, int, str, str, str]:
        """Sort key: file, line and column come first."""
        return self.file, self.line, self.column, self.pointer, self.code, self.message


class SchemaProblems(Exception):
    """Raised if no code can be generated from the schemas or settings."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems), key=lambda problem: problem.sort_key))
        """All problems, sorted by file, line and column, without duplicates."""
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def _escape_control_characters(line: str) -> str:
    """Escape control characters: an untrusted schema must not control the terminal."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in line)
