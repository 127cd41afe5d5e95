"""Unexpected exceptions of codegen as problems."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from .diagnostics import Problem, SchemaProblems

__all__ = ["collecting", "internal_error"]

DEEP_HINT = "a long chain of references: Python 3.12 nests fewer calls than other versions, for about 120 schemas"
HINT = "an error in codegen, not in the schema; please report it with the file and the output of --traceback"


@contextmanager
def collecting(file: str, problems: list[Problem]) -> Iterator[None]:
    """Add the problems of a step to ``problems``, also in place of an unexpected exception; the next step can follow.

    Args:
        file: File that is being processed, as given by the user.
        problems: List for the problems.
    """
    try:
        yield
    except SchemaProblems as found:
        problems += found.problems
    except Exception as error:
        problems.append(internal_error(file, error))


def internal_error(file: str, error: Exception) -> Problem:
    """Return the problem for an exception that no input should cause."""
    first_line = str(error).partition("\n")[0]
    got = f"{type(error).__name__}: {first_line}" if first_line else type(error).__name__
    return Problem(
        file=file,
        code="internal_error",
        message="unexpected exception",
        got=got,
        hint=DEEP_HINT if isinstance(error, RecursionError) else HINT,
        traceback="".join(traceback.format_exception(error)),
    )
