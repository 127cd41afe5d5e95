"""Conversion of exceptions after which Tornado would leave a request without a response."""

from __future__ import annotations

import asyncio
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
    except (Exception, SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        if isinstance(error, GeneratorExit) and not _loop_is_running():
            raise  # the interpreter destroys the coroutine
        raise RuntimeError(f"{name} raised {type(error).__name__}") from error


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
