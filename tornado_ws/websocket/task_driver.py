"""Coroutines that drive the work of a pooled task, inside or outside the task.

Not compiled: :func:`types.coroutine` accepts only generators of the interpreter.
"""

from __future__ import annotations

import asyncio
import contextvars
import types
from collections.abc import Awaitable, Generator
from contextlib import suppress
from typing import Any, Final, Protocol

__all__ = ["IDLE", "DrivenTask", "WorkSource", "drive", "keep_watch", "stand_by"]

IDLE: Final = object()
"""Value that :func:`drive` yields when it is ready for the next work."""


class WorkSource(Protocol):
    """Source of the coroutines that a pooled task runs: a `CoroutineRunner`."""

    context: contextvars.Context

    def next_work(self) -> Awaitable[object] | None:
        """Return the next awaitable; None ends the use of the task."""
        ...


class Pool(Protocol):
    """Pool of the tasks of one event loop: a `TaskPool`."""

    loop: asyncio.AbstractEventLoop


class DrivenTask(Protocol):
    """Task of the pool, for the coroutines that drive it: a `PooledTask`."""

    awaited: object
    resumed: asyncio.Future[None]
    started: bool
    task: asyncio.Task[None]

    @property
    def pool(self) -> Pool:
        """Pool of the task."""
        ...

    @property
    def runner(self) -> WorkSource | None:
        """Source of the current work; None while idle, and once abandoned."""
        ...

    @property
    def coroutine(self) -> Generator[object, Any, None]:
        """Generator made by :func:`drive`."""
        ...

    @property
    def interrupted(self) -> bool:
        """True if the task must not start further work."""
        ...

    @property
    def must_end(self) -> bool:
        """True if the task must not be reused."""
        ...

    def handle_error(self, error: BaseException) -> None:
        """Handle an exception of the current work."""
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

    Raises:
        SystemExit: If the work raises it.
        KeyboardInterrupt: If the work raises it.
    """
    while True:
        work = yield IDLE
        is_coroutine = type(work) is types.CoroutineType
        try:
            yield from work if is_coroutine else work.__await__()
        except BaseException as error:
            if isinstance(error, GeneratorExit) and not pooled.pool.loop.is_running():
                raise  # the interpreter destroys the task
            pooled.handle_error(error)
            if isinstance(error, SystemExit | KeyboardInterrupt):
                raise
        del work  # releases the objects that it references before the next work


async def stand_by(pooled: DrivenTask) -> None:
    """Wait for suspended work and finish it, as the main coroutine of a pooled task.

    Start it before its task is created: a task that is cancelled before its first step enters no new coroutine.
    """
    try:
        while True:
            cancelled: BaseException | None = None
            try:
                if not pooled.started:
                    await _pause()  # until the first step of the task
                    pooled.started = True
                await pooled.resumed
            except asyncio.CancelledError as error:
                cancelled = error  # meant for the suspended work, for example by a timeout of zero seconds
            pooled.started = True
            runner = pooled.runner
            if runner is None:
                return  # discarded or cancelled while idle
            await _finish_work(pooled, runner, cancelled)
            if pooled.must_end:
                return
            pooled.become_idle()
    except (SystemExit, KeyboardInterrupt):
        pooled.task.add_done_callback(_retrieve_exception)  # the event loop raises it, too
        raise
    finally:
        pooled.close()


@types.coroutine
def _pause() -> Generator[None, None, None]:
    yield


async def keep_watch() -> None:
    """Wait for the cancellation of the task."""
    with suppress(asyncio.CancelledError):
        await asyncio.get_running_loop().create_future()


async def _finish_work(pooled: DrivenTask, runner: WorkSource, cancelled: BaseException | None) -> None:
    awaited, pooled.awaited = pooled.awaited, IDLE
    await _await_until_idle(pooled.coroutine, runner.context, awaited, cancelled)
    while pooled.runner is runner and not pooled.interrupted:
        work = runner.next_work()
        if work is None:
            pooled.release()
            return
        awaited = runner.context.run(pooled.coroutine.send, work)
        await _await_until_idle(pooled.coroutine, runner.context, awaited, None)


def _retrieve_exception(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()


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
