"""Run the coroutines of one connection, one after the other, with neither a task nor a future for each."""

from __future__ import annotations

import asyncio
import contextvars
import types
import weakref
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Final

__all__ = ["Consumer"]

_IDLE: Final = object()
_enter_task: Final = asyncio._enter_task
_leave_task: Final = asyncio._leave_task


class Consumer:
    """Takes turns with the others of its event loop in the use of a few tasks.

    Most handlers never wait: what they do is done when the message has been read. So a coroutine is started where it
    arrives, in the name of a task that stands ready (`asyncio.current_task`, and with it `asyncio.timeout` and task
    groups, are as ever). If it waits the task goes on with it, from the middle, and what comes next waits for it.
    """

    __slots__ = ("_cancelled", "_failed", "_take", "_worker", "busy", "context", "pool")

    def __init__(
        self,
        take: Callable[[], Awaitable[object] | None],
        failed: Callable[[BaseException], None],
        context: contextvars.Context,
    ) -> None:
        """Wait for work.

        Args:
            take: Returns what to await next, None: nothing for now. Called when something that had to wait has ended.
            failed: Takes what it raised.
            context: In which all of it runs. `run` is to be called inside of it, and `take` is.
        """
        self.busy = False
        """Whether something waits, so that the rest has to be left for `take`."""
        self.context = context
        self._take = take
        self._failed = failed
        self._worker: _Worker | None = None
        self._cancelled = False
        self.pool = Pool.current()
        """What it has in common with the others."""
        self.pool.users += 1

    @property
    def task(self) -> asyncio.Task[None] | None:
        """The task of what waits."""
        return None if self._worker is None else self._worker.task

    def run(self, work: Awaitable[object]) -> None:
        """Begin with ``work``; not to be called while `busy`, nor from inside of a task."""
        pool = self.pool
        spare, loop = pool.spare, pool.loop
        if not spare:
            spare.append(_Worker(pool))
        worker = spare[-1]
        worker.consumer = self
        task = worker.task
        _enter_task(loop, task)
        try:
            waiting = worker.send(work)
        finally:
            _leave_task(loop, task)
        if waiting is _IDLE:
            worker.consumer = None
        else:
            spare.pop()
            self._hand_over(worker, waiting)

    def wake(self) -> None:
        """Let a task go on with what there is to take, unless one does."""
        if self._worker is None and not self._cancelled:
            spare = self.pool.spare
            self._hand_over(spare.pop() if spare else _Worker(self.pool), _IDLE)

    def _hand_over(self, worker: _Worker, waiting: object) -> None:
        self.busy = True
        self._worker = worker
        worker.go_on(self, waiting)

    def cancel(self) -> None:
        """Cancel what is running, and run nothing any more."""
        if self._cancelled:
            return
        self._cancelled = self.busy = True
        if self._worker is not None:
            # Not at once: a task that is cancelled before its first step never enters its coroutine.
            self.pool.loop.call_soon(self._cancel, self._worker)
        else:
            self._release()
        self.pool.leave()

    def _cancel(self, worker: _Worker) -> None:
        if self._worker is worker:  # else it has finished, and the task may work for another
            worker.task.cancel()

    @property
    def ended(self) -> bool:
        """Whether nothing runs, and nothing will."""
        return self._cancelled and self._worker is None

    def _release(self) -> None:
        """Let go of whom it works for, which refers to it, too."""
        self._take = _nothing
        self._failed = _ignore

    # What a worker calls.

    def next(self) -> Awaitable[object] | None:
        """Return what to await next; None: nothing, and the worker may go."""
        pool = self.pool
        pool.inside = True
        try:
            work = None if self._cancelled else self.context.run(self._take)
        finally:
            pool.inside = False
        if work is None:
            self.lost()
        return work

    def failed(self, error: BaseException) -> bool:
        """Take what something raised; tell whether the worker may go on."""
        if self._cancelled and isinstance(error, asyncio.CancelledError):
            return False
        self._failed(error)
        return True

    def lost(self) -> None:
        """Take note that the worker has gone."""
        self._worker = None
        self.busy = self._cancelled
        if self._cancelled:
            self._release()


class Pool:
    """The workers of one event loop that have nothing to do."""

    __slots__ = ("inside", "loop", "spare", "users")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.spare: list[_Worker] = []
        self.users = 0
        self.inside = False
        """Whether one of them, and so a task, is taking what comes next."""

    @classmethod
    def current(cls) -> Pool:
        """Return that of the running loop."""
        loop = asyncio.get_running_loop()
        pool = _pools.get(loop)
        if pool is None:
            pool = _pools[loop] = cls(loop)
        return pool

    def leave(self) -> None:
        """Note that one user less is left; the last one takes the tasks along."""
        self.users -= 1
        if not self.users:
            _pools.pop(self.loop, None)
            self.loop.call_soon(self._dismiss)  # not before the one that may be at work has finished

    def _dismiss(self) -> None:
        for worker in self.spare:
            worker.task.cancel()


class _Worker:
    """A task, and the coroutine that awaits all work: it is driven by the task, or by whoever has work that is new."""

    __slots__ = ("_pool", "_waiting", "_wake", "consumer", "runner", "send", "task")

    def __init__(self, pool: Pool) -> None:
        self.consumer: Consumer | None = None
        self._pool = pool
        self._waiting: object = _IDLE
        self._wake: asyncio.Future[None] = pool.loop.create_future()
        self.runner = self._run()
        self.runner.send(None)
        self.send = self.runner.send
        self.task = pool.loop.create_task(self._stand_by(), context=contextvars.Context())

    def go_on(self, consumer: Consumer, waiting: object) -> None:
        """Let the task go on with what was begun, unless that is idle."""
        self.consumer = consumer
        self._waiting = waiting
        if not self._wake.done():
            self._wake.set_result(None)

    @types.coroutine
    def _run(self) -> Generator[object, Any, None]:  # what it yields work waits for; it is sent work, or None to go on
        while True:
            work = yield _IDLE
            direct = type(work) is types.CoroutineType
            try:
                yield from work if direct else work.__await__()
            except (Exception, asyncio.CancelledError) as error:
                if self.consumer is None or not self.consumer.failed(error):
                    raise
            del work  # what it holds must not live until the next

    async def _stand_by(self) -> None:
        try:
            while True:
                cancelled: BaseException | None = None
                try:
                    await self._wake
                except asyncio.CancelledError as error:
                    if self._waiting is _IDLE:
                        raise
                    cancelled = error  # meant for what was begun, such as by a timeout of no seconds
                await self._work(cancelled)
                if self.task.cancelling() or not self._pool.users:
                    return  # whoever cancels, to end the program or the connection, did not mean the next to use it
                self._wake = self._pool.loop.create_future()
                self._pool.spare.append(self)
        finally:
            if self in self._pool.spare:
                self._pool.spare.remove(self)
            if self.consumer is not None:
                self.consumer.lost()
                self.consumer = None
            self.runner.close()
            del self.task  # when cancelled, it keeps all the frames in which it was

    async def _work(self, cancelled: BaseException | None) -> None:
        consumer, waiting = self.consumer, self._waiting
        assert consumer is not None
        self._waiting = _IDLE
        await _finish(self.runner, consumer.context, waiting, cancelled)
        while (work := consumer.next()) is not None:
            await _finish(self.runner, consumer.context, consumer.context.run(self.send, work), None)
        self.consumer = None


_pools: Final[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Pool]] = weakref.WeakKeyDictionary()


def _nothing() -> None:
    return None


def _ignore(error: BaseException) -> None:
    pass


@types.coroutine
def _finish(
    runner: Generator[object, Any, None],
    context: contextvars.Context,
    waiting: object,
    cancelled: BaseException | None,
) -> Generator[object, None, None]:
    """Wait in the place of ``runner`` for what it waits for, until it is idle."""
    while waiting is not _IDLE:
        try:
            if cancelled is not None:
                error, cancelled = cancelled, None
                raise error
            yield waiting
        except BaseException as error:
            waiting = context.run(runner.throw, error)
        else:
            waiting = context.run(runner.send, None)
