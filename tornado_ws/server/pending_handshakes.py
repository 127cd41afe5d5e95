"""Handshakes that are not answered yet, for the shutdown of a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

__all__ = ["PendingHandshakes", "require_time"]


class PendingHandshakes:
    """Handshakes of one controller that are not answered yet."""

    def __init__(self) -> None:
        self._count = 0
        self._checks: dict[str, asyncio.Timeout] = {}
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
    async def interruptible(self, connection_id: str) -> AsyncIterator[asyncio.Timeout]:
        """Run the checks of a handshake; a later call of :meth:`interrupt` ends them with :exc:`TimeoutError`.

        Args:
            connection_id: Id of the connection, for :meth:`interrupt_one`.

        Yields:
            Timeout that has expired after an interruption, also if the checks have suppressed their cancellation.
        """
        async with asyncio.timeout(None) as timeout:
            self._checks[connection_id] = timeout
            try:
                yield timeout
            finally:
                del self._checks[connection_id]

    def interrupt_one(self, connection_id: str) -> None:
        """End the checks of one handshake, if they run."""
        timeout = self._checks.get(connection_id)
        if timeout is not None and not timeout.expired():
            timeout.reschedule(asyncio.get_running_loop().time())

    async def interrupt(self, timeout: float) -> None:  # noqa: ASYNC109
        """End the checks of all handshakes, and wait until they are answered.

        Args:
            timeout: Maximum time to wait, in seconds. A guard that suppresses its cancellation is abandoned.
        """
        if not self._count:
            return
        for connection_id in self._checks:
            self.interrupt_one(connection_id)
        self._done = asyncio.get_running_loop().create_future()
        await asyncio.wait((self._done,), timeout=timeout)


def require_time(*timeouts: asyncio.Timeout) -> None:
    """Raise :exc:`TimeoutError` if one has expired, but the code that ran in it has suppressed its cancellation."""
    if any(timeout.expired() for timeout in timeouts):
        raise TimeoutError
