"""Event loop of a controller, its thread, and calls from other threads."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from threading import get_ident
from typing import Any

from ..errors import WrongThread

__all__ = ["LoopThread"]


class LoopThread:
    """Event loop that runs the connections of a controller, and its thread."""

    def __init__(self) -> None:
        """Use the running event loop, if there is one; otherwise that of the first client."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ident = 0
        try:
            self.adopt()
        except RuntimeError:
            return

    def adopt(self) -> None:
        """Use the running event loop from now on.

        Raises:
            RuntimeError: If no event loop is running in this thread.
        """
        self._loop = asyncio.get_running_loop()
        self._ident = get_ident()

    def require(self, call: str) -> None:
        """Require the thread of the event loop.

        Args:
            call: Name of the method that needs it.

        Raises:
            WrongThread: If the event loop runs in another thread.
        """
        if get_ident() != self._ident and self._loop is not None and self._loop.is_running():
            raise WrongThread(call)

    def call(self, function: Callable[..., Awaitable[Any] | Any], *args: Any, **kwargs: Any) -> Future[Any]:
        """Call a function or coroutine function in the event loop, from any thread.

        Raises:
            RuntimeError: If the event loop is unknown or closed.
        """

        async def run() -> Any:
            result = function(*args, **kwargs)
            return await result if inspect.isawaitable(result) else result

        if self._loop is None:
            raise RuntimeError("no event loop is known before the first client; create the controller in a coroutine")
        if self._loop.is_closed():
            raise RuntimeError("the event loop of the controller is closed")
        return asyncio.run_coroutine_threadsafe(run(), self._loop)
