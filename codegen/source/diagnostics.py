"""What can be wrong with a schema, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

__all__ = ["Problem", "SchemaProblems"]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One fault, at one place of one file."""

    file: str
    """Path as the user named it, with ``/``."""
    line: int = 1
    column: int = 1
    pointer: str = ""
    """JSON Pointer (RFC 6901) to the value at fault; empty for the document itself, or where there is no value yet."""
    code: str
    """Stable, of lower-case words joined by ``_``."""
    message: str
    expected: str | None = None
    got: str | None = None
    hint: str | None = None
    """What to do about it, where that is known."""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: "
        if self.pointer:
            where += f"{self.pointer}: "
        text = self.message
        if self.expected is not None:
            text += f": expected {self.expected}"
        if self.got is not None:
            text += f"{':' if self.expected is None else ','} got {self.got}"
        lines = [f"{where}{text} [{self.code}]"]
        if self.hint is not None:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(_visible(line) for line in lines)

    def to_json(self) -> dict[str, str | int]:
        """Return what ``--json`` prints: the fields that say something."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @property
    def place(self) -> tuple[str, int, int, str, str, str]:
        """What problems are sorted by."""
        return self.file, self.line, self.column, self.pointer, self.code, self.message


class SchemaProblems(Exception):
    """The schemas cannot be turned into code."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems), key=lambda problem: problem.place))
        """All that is wrong, by file, line and column; without repetitions."""
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def _visible(line: str) -> str:
    """Escape what a terminal would obey: schemas may come from strangers."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in line)
