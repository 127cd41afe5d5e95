"""Futures of callers that wait for an answer, and the bound of their time."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncGenerator
from typing import Any

from ..argument_checks import require_seconds
from ..endpoint import MessageType
from ..errors import ConnectionClosed, RequestTimeout, TornadoWsError

__all__ = ["discard", "reject", "resolve", "within"]


@contextlib.asynccontextmanager
async def within(seconds: float | None, message: MessageType) -> AsyncGenerator[None, None]:
    """Bound the time of the block that waits for an answer.

    Args:
        seconds: Maximum time, in seconds; None and infinity: without end.
        message: Type of the request.

    Raises:
        RequestTimeout: If the answer takes longer.
        TypeError: If ``seconds`` is not a number.
        ValueError: If ``seconds`` is negative or NaN.
    """
    if seconds is not None and seconds != math.inf:
        require_seconds(message.name, "timeout", seconds)
    try:
        async with asyncio.timeout(None if seconds == math.inf else seconds) as limit:
            yield
    except TimeoutError:
        if seconds is None or not limit.expired():
            raise
        raise RequestTimeout(message.name, seconds) from None


def resolve(future: asyncio.Future[Any], value: Any) -> None:  # of the type of the answer
    """Set the result of a future, unless its caller has stopped waiting."""
    if not future.done():
        future.set_result(value)


def reject(future: asyncio.Future[Any], error: TornadoWsError | None) -> None:
    """Set the error of a future, unless its caller has stopped waiting; None for an end without an answer."""
    if not future.done():
        future.set_exception(error or ConnectionClosed(1006, "the reply has ended"))


def discard(future: asyncio.Future[Any]) -> None:
    """Retrieve the error of an answer that arrived when its caller was cancelled."""
    if not future.cancel() and not future.cancelled():
        future.exception()
