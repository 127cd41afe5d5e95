"""Handshakes that are not answered yet, for the shutdown of a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

__all__ = ["PendingHandshakes"]


class PendingHandshakes:
    """Handshakes of one controller that are not answered yet."""

    def __init__(self) -> None:
        self._count = 0
        self._checks: set[asyncio.Timeout] = set()
        self._done: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return self._count

    @contextmanager
    def track(self) -> Iterator[None]:
        """Count a handshake from its request to its answer."""
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1
            if not self._count and self._done is not None and not self._done.done():
                self._done.set_result(None)

    @asynccontextmanager
    async def interruptible(self) -> AsyncIterator[None]:
        """Run the checks of a handshake; a later call of :meth:`interrupt` ends them with :exc:`TimeoutError`."""
        async with asyncio.timeout(None) as timeout:
            self._checks.add(timeout)
            try:
                yield
            finally:
                self._checks.discard(timeout)

    async def interrupt(self, timeout: float) -> None:  # noqa: ASYNC109
        """End the checks of all handshakes, and wait until they are answered.

        Args:
            timeout: Maximum time to wait, in seconds. A guard that suppresses its cancellation is abandoned.
        """
        if not self._count:
            return
        loop = asyncio.get_running_loop()
        for check in self._checks:
            check.reschedule(loop.time())
        self._done = loop.create_future()
        await asyncio.wait((self._done,), timeout=timeout)
