"""Conversion of exceptions after which Tornado would leave a request without a response."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

__all__ = ["answered_by_tornado"]


@contextlib.contextmanager
def answered_by_tornado(name: str) -> Iterator[None]:
    """Replace an exception that is not an :exc:`Exception`, such as a cancellation, with one that Tornado answers.

    Args:
        name: Name of the method in the block.

    Raises:
        RuntimeError: If the block raises such an exception, unless it ends the program.
    """
    try:
        yield
    except (Exception, SystemExit, KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        raise RuntimeError(f"{name} raised {type(error).__name__}") from error
