"""The two ways in which a runner is driven: by a task, or without it as long as its work does not wait.

Not compiled: :func:`types.coroutine` makes awaitables of Python's own generators only.
"""

from __future__ import annotations

import asyncio
import contextvars
import types
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .coroutine_runner import PooledTask

__all__ = ["IDLE", "drive", "stand_by"]

IDLE: Final = object()
"""What a runner waits for when it has nothing to do."""


@types.coroutine
def drive(runner: PooledTask) -> Generator[object, Any, None]:
    """Await all work. What is yielded is what it waits for; sent is work, or None to go on."""
    while True:
        work = yield IDLE
        direct = type(work) is types.CoroutineType
        try:
            yield from work if direct else work.__await__()
        except (Exception, asyncio.CancelledError) as error:
            if runner.consumer is None or not runner.consumer.failed(error):
                raise
        del work  # what it holds must not live until the next


async def stand_by(runner: PooledTask) -> None:
    """Go on with what had to wait, as the task of a runner."""
    try:
        while True:
            cancelled: BaseException | None = None
            try:
                await runner.wake
            except asyncio.CancelledError as error:
                if runner.waiting is IDLE:
                    raise
                cancelled = error  # meant for what was begun, such as by a timeout of no seconds
            await _work(runner, cancelled)
            if runner.task.cancelling() or not runner.pool.users:
                return  # whoever cancels, to end the program or the connection, did not mean the next to use it
            runner.rest()
    finally:
        runner.retire()


async def _work(runner: PooledTask, cancelled: BaseException | None) -> None:
    consumer, waiting = runner.consumer, runner.waiting
    assert consumer is not None
    runner.waiting = IDLE
    await _finish(runner.coroutine, consumer.context, waiting, cancelled)
    while (work := consumer.next()) is not None:
        await _finish(runner.coroutine, consumer.context, consumer.context.run(runner.send, work), None)
    runner.consumer = None


@types.coroutine
def _finish(
    coroutine: Generator[object, Any, None],
    context: contextvars.Context,
    waiting: object,
    cancelled: BaseException | None,
) -> Generator[object, None, None]:
    """Wait in the place of a coroutine for what it waits for, until it is idle."""
    while waiting is not IDLE:
        try:
            if cancelled is not None:
                error, cancelled = cancelled, None
                raise error
            yield waiting
        except BaseException as error:
            waiting = context.run(coroutine.throw, error)
        else:
            waiting = context.run(coroutine.send, None)
