"""Sequential execution of the coroutines of one connection, without a task or a future for each."""

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
    """Runner for one coroutine at a time, which shares a few tasks with the other runners of its event loop.

    Most coroutines of handlers never suspend. So :meth:`run` starts a coroutine immediately, with an idle task
    of the pool as the current task: `asyncio.current_task`, `asyncio.timeout` and task groups work as usual. If the
    coroutine suspends, that task finishes it. Later work waits until then.
    """

    __slots__ = ("_cancelled", "_next_work", "_on_error", "_pooled", "busy", "context", "pool")

    def __init__(
        self,
        next_work: Callable[[], Awaitable[object] | None],
        on_error: Callable[[BaseException], None],
        context: contextvars.Context,
    ) -> None:
        """Create a runner without work.

        Args:
            next_work: Function that returns the next awaitable, or None. Called when a suspended coroutine has ended.
            on_error: Function that handles an exception of a coroutine.
            context: Context of all coroutines. ``next_work`` runs in it, and :meth:`run` must be called in it.
        """
        self.busy = False
        """True while a coroutine is suspended; :meth:`run` is not allowed, and ``next_work`` must return new work."""
        self.context = context
        self._next_work = next_work
        self._on_error = on_error
        self._pooled: PooledTask | None = None
        self._cancelled = False
        self.pool = TaskPool.current()
        """Tasks that are shared with the other runners."""
        self.pool.users += 1

    @property
    def task(self) -> asyncio.Task[None] | None:
        """Task of the suspended coroutine; None if no coroutine is suspended."""
        return None if self._pooled is None else self._pooled.task

    def run(self, work: Awaitable[object]) -> None:
        """Start ``work``. Do not call it while :attr:`busy` or inside a task."""
        pool = self.pool
        idle, loop = pool.idle, pool.loop
        if not idle:
            idle.append(PooledTask(pool))
        pooled = idle[-1]
        pooled.runner = self
        task = pooled.task
        _enter_task(loop, task)
        try:
            awaited = pooled.send(work)
        finally:
            _leave_task(loop, task)
        if awaited is _IDLE:
            pooled.runner = None
        else:
            idle.pop()
            self._resume_in_task(pooled, awaited)

    def wake(self) -> None:
        """Run the work of ``next_work`` in a task, unless a task is running."""
        if self._pooled is None and not self._cancelled:
            idle = self.pool.idle
            self._resume_in_task(idle.pop() if idle else PooledTask(self.pool), _IDLE)

    def _resume_in_task(self, pooled: PooledTask, awaited: object) -> None:
        self.busy = True
        self._pooled = pooled
        pooled.resume(self, awaited)

    def cancel(self) -> None:
        """Cancel the suspended coroutine, and run no further work."""
        if self._cancelled:
            return
        self._cancelled = self.busy = True
        if self._pooled is not None:
            # Deferred: a task that is cancelled before its first step never enters its coroutine.
            self.pool.loop.call_soon(self._cancel_task, self._pooled)
        else:
            self._drop_callbacks()
        self.pool.remove_user()

    def _cancel_task(self, pooled: PooledTask) -> None:
        if self._pooled is pooled:  # otherwise the task may serve another runner
            pooled.task.cancel()

    @property
    def ended(self) -> bool:
        """True once the runner is cancelled and no coroutine is suspended."""
        return self._cancelled and self._pooled is None

    def _drop_callbacks(self) -> None:
        """Break the reference cycle with the owner of the callbacks."""
        self._next_work = _no_work
        self._on_error = _ignore

    # Called by the pooled task.

    def next_work(self) -> Awaitable[object] | None:
        """Return the next awaitable; None ends the use of the task."""
        pool = self.pool
        pool.in_task = True
        try:
            work = None if self._cancelled else self.context.run(self._next_work)
        finally:
            pool.in_task = False
        if work is None:
            self.detach_task()
        return work

    def handle_error(self, error: BaseException) -> bool:
        """Handle an exception of the current work; return False if the task must end."""
        if self._cancelled and isinstance(error, asyncio.CancelledError):
            return False
        self._on_error(error)
        return True

    def detach_task(self) -> None:
        """Record that the task no longer serves this runner."""
        self._pooled = None
        self.busy = self._cancelled
        if self._cancelled:
            self._drop_callbacks()


class TaskPool:
    """Idle tasks of one event loop."""

    __slots__ = ("idle", "in_task", "loop", "users")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.idle: list[PooledTask] = []
        self.users = 0
        """Number of runners that are not cancelled."""
        self.in_task = False
        """True while a pooled task calls ``next_work``; :meth:`CoroutineRunner.run` is not allowed then."""

    @classmethod
    def current(cls) -> TaskPool:
        """Return the pool of the running event loop."""
        loop = asyncio.get_running_loop()
        pool = _pools.get(loop)
        if pool is None:
            pool = _pools[loop] = cls(loop)
        return pool

    def remove_user(self) -> None:
        """Remove a runner; cancel the idle tasks after the last runner."""
        self.users -= 1
        if not self.users:
            _pools.pop(self.loop, None)
            self.loop.call_soon(self._cancel_idle)  # later, because the current task may become idle first

    def _cancel_idle(self) -> None:
        for pooled in self.idle:
            pooled.task.cancel()


class PooledTask:
    """Task with the coroutine that awaits its work.

    :meth:`CoroutineRunner.run` drives the coroutine until its work suspends; then the task does.
    """

    __deletable__ = ("task",)
    __slots__ = ("awaited", "coroutine", "pool", "resumed", "runner", "send", "task")

    task: asyncio.Task[None]

    def __init__(self, pool: TaskPool) -> None:
        self.pool = pool
        self.runner: CoroutineRunner | None = None
        """Runner of the current work; None while idle."""
        self.awaited: object = _IDLE
        """Future that the suspended coroutine awaits."""
        self.resumed: asyncio.Future[None] = pool.loop.create_future()
        """Future that resolves when the task must continue."""
        self.coroutine = drive(self)
        self.send = self.coroutine.send
        self.send(None)
        self.task = pool.loop.create_task(stand_by(self), context=contextvars.Context())

    @property
    def must_end(self) -> bool:
        """True if the task must not be reused: it was cancelled, or no runner is left."""
        return self.task.cancelling() > 0 or not self.pool.users

    def resume(self, runner: CoroutineRunner, awaited: object) -> None:
        """Finish the suspended work in the task, then run further work."""
        self.runner = runner
        self.awaited = awaited
        if not self.resumed.done():
            self.resumed.set_result(None)

    def release(self) -> None:
        """Detach the task from its runner."""
        self.runner = None

    def become_idle(self) -> None:
        """Return the task to the pool."""
        self.resumed = self.pool.loop.create_future()
        self.pool.idle.append(self)

    def close(self) -> None:
        """Remove the task from the pool before it ends."""
        if self in self.pool.idle:
            self.pool.idle.remove(self)
        if self.runner is not None:
            self.runner.detach_task()
            self.runner = None
        self.coroutine.close()
        del self.task  # a cancelled task keeps all frames of its traceback


def _no_work() -> None:
    return None


def _ignore(error: BaseException) -> None:
    pass


_pools: Final[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, TaskPool]] = weakref.WeakKeyDictionary()
