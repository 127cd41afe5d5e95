"""Sequential execution of the coroutines of one connection, without a task or a future for each."""

from __future__ import annotations

import asyncio
import contextvars
import weakref
from collections.abc import Awaitable, Callable
from sys import getrefcount
from typing import Final

from ..loggers import HANDLER
from .task_driver import IDLE, drive, keep_watch, stand_by

__all__ = ["CoroutineRunner", "program_ends"]

_IDLE: Final = IDLE
_enter_task: Final = asyncio._enter_task
_leave_task: Final = asyncio._leave_task


class CoroutineRunner:
    """Runner for one coroutine at a time, which shares a few tasks with the other runners of its event loop.

    Most coroutines of handlers never suspend. So :meth:`run` starts a coroutine immediately, with an idle task
    of the pool as the current task: `asyncio.current_task`, `asyncio.timeout` and task groups work as usual. If the
    coroutine suspends, that task finishes it. Later work waits until then.
    """

    __slots__ = ("_cancelled", "_next_work", "_on_end", "_on_error", "_pooled", "busy", "context", "pool")

    def __init__(
        self,
        next_work: Callable[[], Awaitable[object] | None],
        on_error: Callable[[BaseException], None],
        context: contextvars.Context,
        on_end: Callable[[], None] | None = None,
    ) -> None:
        """Create a runner without work.

        Args:
            next_work: Function that returns the next awaitable, or None. Called when a suspended coroutine has ended.
            on_error: Function that handles an exception of a coroutine.
            context: Context of all coroutines. ``next_work`` runs in it, and :meth:`run` must be called in it.
            on_end: Function that is called once :attr:`ended` is true.
        """
        self.busy = False
        """True while a coroutine is suspended; :meth:`run` is not allowed, and ``next_work`` must return new work."""
        self.context = context
        self._next_work = next_work
        self._on_error = on_error
        self._on_end = on_end
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
        """Start ``work``. Do not call it while :attr:`busy` or inside a task.

        Raises:
            SystemExit: If the work raises it.
            KeyboardInterrupt: If the work raises it.
        """
        pool = self.pool
        idle, loop = pool.idle, pool.loop
        pooled = idle.pop() if idle and idle[-1].reusable else pool.take()
        pooled.runner = self
        task = pooled.task
        _enter_task(loop, task)
        try:
            awaited = pooled.send(work)
        except BaseException:
            pooled.discard()
            raise
        finally:
            _leave_task(loop, task)
        if awaited is _IDLE:
            pooled.runner = None
            idle.append(pooled)
        else:
            self._resume_in_task(pooled, awaited)

    def wake(self) -> None:
        """Run the work of ``next_work`` in a task, unless a task is running."""
        if self._pooled is None and not self._cancelled:
            self._resume_in_task(self.pool.take(), _IDLE)

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
            self._end()
        self.pool.remove_user()

    def _cancel_task(self, pooled: PooledTask) -> None:
        if self._pooled is pooled:  # otherwise the task may serve another runner
            pooled.task.cancel()

    def abandon(self) -> None:
        """Cancel the suspended coroutine again, and run further work without waiting for its end."""
        if (pooled := self._pooled) is not None:
            pooled.task.cancel()
            pooled.abandon()
            self.detach_task()

    @property
    def cancelled(self) -> bool:
        """True once :meth:`cancel` was called."""
        return self._cancelled

    @property
    def ended(self) -> bool:
        """True once the runner is cancelled and no coroutine is suspended."""
        return self._cancelled and self._pooled is None

    def _end(self) -> None:
        """Break the reference cycle with the owner of the callbacks."""
        if self._on_end is not None:
            self.pool.loop.call_soon(self._on_end)
        self._next_work = _no_work
        self._on_error = _ignore
        self._on_end = None

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

    def handle_error(self, error: BaseException) -> None:
        """Handle an exception of the current work."""
        if not self._cancelled or not isinstance(error, asyncio.CancelledError):
            self._on_error(error)

    def detach_task(self) -> None:
        """Record that the task no longer serves this runner."""
        self._pooled = None
        self.busy = self._cancelled
        if self._cancelled:
            self._end()

    def on_task_ended(self) -> None:
        """Continue in another task: that of this runner ended with the work that it has done."""
        self.detach_task()
        if not self.pool.ending:
            self.wake()


class TaskPool:
    """Idle tasks of one event loop."""

    __slots__ = ("_sentinel", "abandoned", "idle", "in_task", "loop", "users")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.idle: list[PooledTask] = []
        self.abandoned: set[PooledTask] = set()
        """Tasks that serve no runner any more, although their work has not ended. The loop itself keeps no tasks."""
        self.users = 0
        """Number of runners that are not cancelled."""
        self.in_task = False
        """True while a pooled task calls ``next_work``; :meth:`CoroutineRunner.run` is not allowed then."""
        self._sentinel = self._make_sentinel()

    @classmethod
    def current(cls) -> TaskPool:
        """Return the pool of the running event loop."""
        loop = asyncio.get_running_loop()
        pool = _pools.get(loop)
        if pool is None:
            pool = _pools[loop] = cls(loop)
        elif pool._sentinel.done():
            pool._sentinel = pool._make_sentinel()  # all tasks were cancelled, but the program continues
        return pool

    @property
    def ending(self) -> bool:
        """True once all tasks of the event loop were cancelled, as :func:`asyncio.run` does at the end of a program.

        Nothing else can cancel the sentinel, a task without work.
        """
        return self._sentinel.cancelling() > 0 and self.users > 0

    def take(self) -> PooledTask:
        """Remove and return a reusable task, or return a new one."""
        idle = self.idle
        while idle:
            pooled = idle.pop()
            if pooled.reusable:
                return pooled
            pooled.discard()
        return PooledTask(self)

    def remove_user(self) -> None:
        """Remove a runner; end the idle tasks after the last runner."""
        self.users -= 1
        if not self.users:
            _pools.pop(self.loop, None)
            self._sentinel.cancel()
            self.loop.call_soon(self._discard_idle)  # later, because the current task may become idle first

    def _discard_idle(self) -> None:
        for pooled in self.idle:
            pooled.discard()

    def _make_sentinel(self) -> asyncio.Task[None]:
        sentinel = self.loop.create_task(keep_watch(), context=contextvars.Context())
        setattr(sentinel, "_log_destroy_pending", False)  # noqa: B010, since it is private: a loop may end without it
        return sentinel


class PooledTask:
    """Task with the coroutine that awaits its work.

    :meth:`CoroutineRunner.run` drives the coroutine until its work suspends; then the task does.
    """

    __deletable__ = ("task",)
    __slots__ = ("_references", "awaited", "coroutine", "pool", "resumed", "runner", "send", "started", "task")

    task: asyncio.Task[None]

    def __init__(self, pool: TaskPool) -> None:
        self.pool = pool
        self.runner: CoroutineRunner | None = None
        """Runner of the current work; None while idle, and once abandoned."""
        self.awaited: object = _IDLE
        """Future that the suspended coroutine awaits."""
        self.resumed: asyncio.Future[None] = pool.loop.create_future()
        """Future that resolves when the task must continue."""
        self.coroutine = drive(self)
        self.send = self.coroutine.send
        self.send(None)
        self.started = False
        """True after the first step of the task."""
        main = stand_by(self)
        main.send(None)
        self.task = pool.loop.create_task(main, context=contextvars.Context())
        self._references = getrefcount(self.task)

    @property
    def reusable(self) -> bool:
        """True if the idle task can serve any runner: work that ended has not kept it, and it is not cancelled.

        Kept is, for example, the task of an `asyncio.timeout` that was entered and not left; it would cancel the work
        of another connection.
        """
        return (
            getrefcount(self.task) == self._references
            and not self.resumed.done()
            and (self.started or not _must_cancel(self.task))
        )

    @property
    def interrupted(self) -> bool:
        """True if the task was cancelled while other tasks were not, so that it must not start further work."""
        task = self.task
        return (task.cancelling() > 0 or _must_cancel(task)) and not self.pool.ending

    @property
    def must_end(self) -> bool:
        """True if the task must not be reused."""
        task = self.task
        pool = self.pool
        return task.cancelling() > 0 or _must_cancel(task) or not pool.users or self in pool.abandoned

    def resume(self, runner: CoroutineRunner, awaited: object) -> None:
        """Finish the suspended work in the task, then run further work."""
        self.runner = runner
        self.awaited = awaited
        if not self.resumed.done():
            self.resumed.set_result(None)

    def abandon(self) -> None:
        """Let the task finish its work without its runner, and end."""
        self.runner = None
        self.pool.abandoned.add(self)

    def discard(self) -> None:
        """End the task, which serves no runner."""
        self.runner = None
        if not self.resumed.done():
            self.resumed.set_result(None)

    def release(self) -> None:
        """Detach the task from its runner."""
        self.runner = None

    def become_idle(self) -> None:
        """Return the task to the pool."""
        self.resumed = self.pool.loop.create_future()
        self.pool.idle.append(self)

    def handle_error(self, error: BaseException) -> None:
        """Handle an exception of the current work."""
        if self.runner is not None:
            self.runner.handle_error(error)
        elif not isinstance(error, asyncio.CancelledError):
            HANDLER.error("an abandoned method raised", exc_info=error)

    def close(self) -> None:
        """Remove the task from the pool before it ends."""
        pool = self.pool
        if self in pool.idle:
            pool.idle.remove(self)
        pool.abandoned.discard(self)
        self.coroutine.close()
        runner, self.runner = self.runner, None
        if runner is not None and not pool.loop.is_closed():
            runner.on_task_ended()
        del self.task  # a cancelled task keeps all frames of its traceback


def program_ends() -> bool:
    """Return True once all tasks of the running event loop were cancelled; see :attr:`TaskPool.ending`."""
    pool = _pools.get(asyncio.get_running_loop())
    return pool is not None and pool.ending


def _must_cancel(task: asyncio.Task[None]) -> bool:
    """Return True if a cancellation is not yet raised, even if it was undone with `asyncio.Task.uncancel`."""
    return bool(getattr(task, "_must_cancel", False))


def _no_work() -> None:
    return None


def _ignore(error: BaseException) -> None:
    pass


_pools: Final[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, TaskPool]] = weakref.WeakKeyDictionary()
