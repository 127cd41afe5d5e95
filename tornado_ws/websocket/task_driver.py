"""Coroutines that drive the work of a pooled task, inside or outside the task.

Not compiled: :func:`types.coroutine` accepts only generators of the interpreter.
"""

from __future__ import annotations

import asyncio
import contextvars
import types
from collections.abc import Awaitable, Generator
from typing import Any, Final, Protocol

__all__ = ["IDLE", "DrivenTask", "WorkSource", "drive", "stand_by"]

IDLE: Final = object()
"""Value that :func:`drive` yields when it is ready for the next work."""


class WorkSource(Protocol):
    """Source of the coroutines that a pooled task runs: a `CoroutineRunner`."""

    context: contextvars.Context

    def next_work(self) -> Awaitable[object] | None:
        """Return the next awaitable; None ends the use of the task."""
        ...

    def handle_error(self, error: BaseException) -> bool:
        """Handle an exception of the current work; return False if the task must end."""
        ...


class DrivenTask(Protocol):
    """Task of the pool, for the coroutines that drive it: a `PooledTask`."""

    awaited: object
    resumed: asyncio.Future[None]

    @property
    def runner(self) -> WorkSource | None:
        """Source of the current work; None while idle."""
        ...

    @property
    def coroutine(self) -> Generator[object, Any, None]:
        """Generator made by :func:`drive`."""
        ...

    @property
    def must_end(self) -> bool:
        """True if the task must not be reused."""
        ...

    def release(self) -> None:
        """Detach the task from its source of work."""
        ...

    def become_idle(self) -> None:
        """Return the task to the pool."""
        ...

    def close(self) -> None:
        """Remove the task from the pool before it ends."""
        ...


@types.coroutine
def drive(pooled: DrivenTask) -> Generator[object, Any, None]:
    """Await work, one awaitable after the other.

    Receives the next awaitable, or None to resume the current one. Yields the future that it awaits, or :data:`IDLE`.
    """
    while True:
        work = yield IDLE
        is_coroutine = type(work) is types.CoroutineType
        try:
            yield from work if is_coroutine else work.__await__()
        except (Exception, asyncio.CancelledError) as error:
            if pooled.runner is None or not pooled.runner.handle_error(error):
                raise
        del work  # releases the objects that it references before the next work


async def stand_by(pooled: DrivenTask) -> None:
    """Wait for suspended work and finish it, as the main coroutine of a pooled task."""
    try:
        while True:
            cancelled: BaseException | None = None
            try:
                await pooled.resumed
            except asyncio.CancelledError as error:
                if pooled.awaited is IDLE:
                    raise
                cancelled = error  # meant for the suspended work, for example by a timeout of zero seconds
            await _finish_work(pooled, cancelled)
            if pooled.must_end:
                return
            pooled.become_idle()
    finally:
        pooled.close()


async def _finish_work(pooled: DrivenTask, cancelled: BaseException | None) -> None:
    runner, awaited = pooled.runner, pooled.awaited
    assert runner is not None
    pooled.awaited = IDLE
    await _await_until_idle(pooled.coroutine, runner.context, awaited, cancelled)
    while (work := runner.next_work()) is not None:
        awaited = runner.context.run(pooled.coroutine.send, work)
        await _await_until_idle(pooled.coroutine, runner.context, awaited, None)
    pooled.release()


@types.coroutine
def _await_until_idle(
    coroutine: Generator[object, Any, None],
    context: contextvars.Context,
    awaited: object,
    cancelled: BaseException | None,
) -> Generator[object, None, None]:
    """Pass futures from a coroutine to the event loop, and results back, until the coroutine is idle."""
    while awaited is not IDLE:
        try:
            if cancelled is not None:
                error, cancelled = cancelled, None
                raise error
            yield awaited
        except BaseException as error:
            awaited = context.run(coroutine.throw, error)
        else:
            awaited = context.run(coroutine.send, None)
