"""Options that are read again before each attempt to connect, such as credentials."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TypeAlias, TypeVar

__all__ = ["PerAttempt", "value_for"]

ValueT = TypeVar("ValueT")

PerAttempt: TypeAlias = ValueT | Callable[[], ValueT | Awaitable[ValueT]]
"""Value, or a function that returns it before each attempt; the function may be asynchronous."""


async def value_for(option: PerAttempt[ValueT]) -> ValueT:
    """Return the value for one attempt."""
    if not callable(option):
        return option
    value = option()
    if inspect.isawaitable(value):
        awaited: ValueT = await value
        return awaited
    return value
