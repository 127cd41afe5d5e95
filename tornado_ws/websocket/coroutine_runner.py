"""Run the coroutines of one connection, one after the other, with neither a task nor a future for each."""

from __future__ import annotations

import asyncio
import contextvars
import weakref
from collections.abc import Awaitable, Callable
from typing import Final

from .task_driver import IDLE, drive, stand_by

__all__ = ["CoroutineRunner"]

_IDLE: Final = IDLE
_enter_task: Final = asyncio._enter_task
_leave_task: Final = asyncio._leave_task


class CoroutineRunner:
    """Takes turns with the others of its event loop in the use of a few tasks.

    Most handlers never wait: what they do is done when the message has been read. So a coroutine is started where it
    arrives, in the name of a task that stands ready (`asyncio.current_task`, and with it `asyncio.timeout` and task
    groups, are as ever). If it waits the task goes on with it, from the middle, and what comes next waits for it.
    """

    __slots__ = ("_cancelled", "_failed", "_runner", "_take", "busy", "context", "pool")

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
        self._runner: PooledTask | None = None
        self._cancelled = False
        self.pool = TaskPool.current()
        """What it has in common with the others."""
        self.pool.users += 1

    @property
    def task(self) -> asyncio.Task[None] | None:
        """The task of what waits."""
        return None if self._runner is None else self._runner.task

    def run(self, work: Awaitable[object]) -> None:
        """Begin with ``work``; not to be called while `busy`, nor from inside of a task."""
        pool = self.pool
        spare, loop = pool.spare, pool.loop
        if not spare:
            spare.append(PooledTask(pool))
        runner = spare[-1]
        runner.consumer = self
        task = runner.task
        _enter_task(loop, task)
        try:
            waiting = runner.send(work)
        finally:
            _leave_task(loop, task)
        if waiting is _IDLE:
            runner.consumer = None
        else:
            spare.pop()
            self._hand_over(runner, waiting)

    def wake(self) -> None:
        """Let a task go on with what there is to take, unless one does."""
        if self._runner is None and not self._cancelled:
            spare = self.pool.spare
            self._hand_over(spare.pop() if spare else PooledTask(self.pool), _IDLE)

    def _hand_over(self, runner: PooledTask, waiting: object) -> None:
        self.busy = True
        self._runner = runner
        runner.go_on(self, waiting)

    def cancel(self) -> None:
        """Cancel what is running, and run nothing any more."""
        if self._cancelled:
            return
        self._cancelled = self.busy = True
        if self._runner is not None:
            # Not at once: a task that is cancelled before its first step never enters its coroutine.
            self.pool.loop.call_soon(self._cancel, self._runner)
        else:
            self._release()
        self.pool.leave()

    def _cancel(self, runner: PooledTask) -> None:
        if self._runner is runner:  # else it has finished, and the task may work for another
            runner.task.cancel()

    @property
    def ended(self) -> bool:
        """Whether nothing runs, and nothing will."""
        return self._cancelled and self._runner is None

    def _release(self) -> None:
        """Let go of whom it works for, which refers to it, too."""
        self._take = _nothing
        self._failed = _ignore

    # What a runner calls.

    def next(self) -> Awaitable[object] | None:
        """Return what to await next; None: nothing, and the runner may go."""
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
        """Take what something raised; tell whether the runner may go on."""
        if self._cancelled and isinstance(error, asyncio.CancelledError):
            return False
        self._failed(error)
        return True

    def lost(self) -> None:
        """Take note that the runner has gone."""
        self._runner = None
        self.busy = self._cancelled
        if self._cancelled:
            self._release()


class TaskPool:
    """The runners of one event loop that have nothing to do."""

    __slots__ = ("inside", "loop", "spare", "users")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.spare: list[PooledTask] = []
        self.users = 0
        self.inside = False
        """Whether one of them, and so a task, is taking what comes next."""

    @classmethod
    def current(cls) -> TaskPool:
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
        for runner in self.spare:
            runner.task.cancel()


class PooledTask:
    """A task, and the coroutine that awaits all work: it is driven by the task, or by whoever has work that is new."""

    __deletable__ = ("task",)
    __slots__ = ("consumer", "coroutine", "pool", "send", "task", "waiting", "wake")

    task: asyncio.Task[None]

    def __init__(self, pool: TaskPool) -> None:
        self.pool = pool
        self.consumer: CoroutineRunner | None = None
        """Whose work is being done."""
        self.waiting: object = _IDLE
        """What the coroutine waits for when the task takes it over."""
        self.wake: asyncio.Future[None] = pool.loop.create_future()
        """Done when the task is to go on."""
        self.coroutine = drive(self)
        self.send = self.coroutine.send
        self.send(None)
        self.task = pool.loop.create_task(stand_by(self), context=contextvars.Context())

    def go_on(self, consumer: CoroutineRunner, waiting: object) -> None:
        """Let the task go on with what was begun, unless that is idle."""
        self.consumer = consumer
        self.waiting = waiting
        if not self.wake.done():
            self.wake.set_result(None)

    def rest(self) -> None:
        """Stand ready again."""
        self.wake = self.pool.loop.create_future()
        self.pool.spare.append(self)

    def retire(self) -> None:
        """End: the task is about to."""
        if self in self.pool.spare:
            self.pool.spare.remove(self)
        if self.consumer is not None:
            self.consumer.lost()
            self.consumer = None
        self.coroutine.close()
        del self.task  # when cancelled, it keeps all the frames in which it was


_pools: Final[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, TaskPool]] = weakref.WeakKeyDictionary()


def _nothing() -> None:
    return None


def _ignore(error: BaseException) -> None:
    pass
