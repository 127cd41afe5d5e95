"""Problems as lines of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from .diagnostics import Problem

__all__ = ["count_of", "lines"]


def lines(problems: Sequence[Problem]) -> Iterator[str]:
    """Yield the text of problems; of equal warnings in a file that the user does not edit, only the first."""
    repeated = Counter((one.file, one.code) for one in problems if _is_brief(one))
    for problem in problems:
        number = repeated.pop((problem.file, problem.code), 0) if _is_brief(problem) else 1
        if number > 0:
            yield str(problem)
        if number > 1:
            yield f"  … and {count_of('more place', number - 1)}"


def count_of(noun: str, number: int) -> str:
    """Return a number with its noun, such as ``2 errors``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _is_brief(problem: Problem) -> bool:
    return problem.is_third_party and not problem.is_error
