"""Stack for recursion through schemas: each definition of a long chain of references adds several calls."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

__all__ = ["with_deep_stack"]

STACK_BYTES = 1 << 29
"""Size of the stack, in bytes of virtual memory; the operating system provides only the pages that are used."""
RECURSION_LIMIT = 150_000
"""Maximum number of nested calls of Python. One of them needs at most 3 KB of the stack."""

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")
_thread = threading.local()


def with_deep_stack(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Decorate a function so that it runs in a thread with a large stack, unless its caller already does."""

    @functools.wraps(function)
    def run(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Result:
        if getattr(_thread, "is_deep", False):
            return function(*args, **kwargs)
        return _in_thread(lambda: function(*args, **kwargs))

    return run


def _in_thread(function: Callable[[], _Result]) -> _Result:
    results: list[_Result] = []
    errors: list[BaseException] = []

    def target() -> None:
        _thread.is_deep = True
        try:
            results.append(function())
        except BaseException as error:
            errors.append(error)

    stack_bytes = threading.stack_size(STACK_BYTES)
    recursion_limit = sys.getrecursionlimit()
    sys.setrecursionlimit(RECURSION_LIMIT)
    try:
        thread = threading.Thread(target=target, daemon=True)  # Ctrl-C ends the process without waiting
        thread.start()
        thread.join()
    finally:
        threading.stack_size(stack_bytes)
        sys.setrecursionlimit(recursion_limit)
    for error in errors:
        raise error
    return results[0]
