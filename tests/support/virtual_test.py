"""Decorator of tests that run in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from . import virtual_loop

__all__ = ["virtual"]


def virtual(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Return a test that runs a coroutine in virtual time."""

    @wraps(test)
    def run() -> None:
        virtual_loop.run(test())

    return run
