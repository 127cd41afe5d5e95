"""Run the coroutines of one connection, one after the other, with neither a task nor a future for each."""

from __future__ import annotations

import asyncio
import contextvars
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Final

__all__ = ["Consumer"]

_IDLE: Final = object()
_enter_task: Final = asyncio._enter_task
_leave_task: Final = asyncio._leave_task


class Consumer:
    """One task, which is left alone as long as coroutines finish without waiting.

    Most handlers never wait: what they do is done when the message has been read. So a coroutine is started where it
    arrives, in the name of the task (`asyncio.current_task`, and with it `asyncio.timeout` and task groups, are as
    ever). Only one that waits is handed over to the task, in the middle, and what comes next waits for it.

    The steps that are taken outside of the task have to run in its `context`.
    """

    __slots__ = ("_cancelled", "_failed", "_loop", "_runner", "_take", "_task", "_waiting", "_wake", "busy", "context")

    def __init__(
        self,
        take: Callable[[], Awaitable[object] | None],
        failed: Callable[[BaseException], None],
        context: contextvars.Context,
    ) -> None:
        """Wait for work.

        Args:
            take: Returns what to await next, None: nothing for now. Called when one has ended that had to wait.
            failed: Takes what one raised.
            context: Of all that is awaited.
        """
        self.busy = False
        """Whether one is waiting, so that others have to be left for `take`."""
        self.context = context
        self._take = take
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._runner: Coroutine[Any, Any, None] | None = None
        self._task: asyncio.Task[None] | None = None
        self._wake: asyncio.Future[None] | None = None
        self._waiting: object = None
        self._cancelled = False

    @property
    def task(self) -> asyncio.Task[None] | None:
        """The task, from the first coroutine on."""
        return self._task

    def run(self, work: Awaitable[object]) -> None:
        """Begin with ``work``; not to be called while `busy`, nor from inside of a task."""
        runner, task = self._runner, self._task
        if runner is None or task is None:
            runner, task = self._begin()
        _enter_task(self._loop, task)
        try:
            waiting = runner.send(work)
        finally:
            _leave_task(self._loop, task)
        if waiting is not _IDLE:
            self._waiting = waiting
            self.wake()

    def wake(self) -> None:
        """Let the task go on: with what was begun, or with what there is to take."""
        if self._runner is None:
            if self._cancelled:
                return
            self._begin()
        self.busy = True
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def cancel(self) -> None:
        """Cancel what is running, and run nothing any more."""
        self._cancelled = self.busy = True
        if self._task is not None:
            # Not before its first step: a task that is cancelled earlier never enters its coroutine.
            self._loop.call_soon(self._task.cancel)

    @property
    def ended(self) -> bool:
        """Whether nothing runs, and nothing will."""
        return self._cancelled and (self._task is None or self._task.done())

    def release(self) -> None:
        """Let go of whom it works for; to be called when it has ended."""
        self._take = _nothing
        self._failed = _ignore
        self._runner = self._task = None  # a cancelled task keeps the frames in which it was

    def _begin(self) -> tuple[Coroutine[Any, Any, None], asyncio.Task[None]]:
        self._wake = self._loop.create_future()
        self._runner = self._run()
        self._runner.send(None)
        self._waiting = _IDLE
        self._task = self._loop.create_task(self._go_on(), context=self.context)
        return self._runner, self._task

    async def _run(self) -> None:
        """Await one after the other; `run` drives it while it does not wait, the task when it does."""
        while True:
            work = await _next()
            try:
                await work
            except Exception as error:
                self._failed(error)
            except asyncio.CancelledError as error:
                if self._cancelled:
                    raise
                self._failed(error)
            del work  # what it holds must not live until the next

    async def _go_on(self) -> None:
        runner = self._runner
        assert runner is not None
        try:
            while True:
                cancelled: BaseException | None = None
                try:
                    if self._wake is not None:
                        await self._wake
                except asyncio.CancelledError as error:
                    if self._cancelled or self._waiting is _IDLE:
                        raise
                    cancelled = error  # meant for what was begun, such as by a timeout of no seconds
                if self._waiting is not _IDLE:
                    waiting, self._waiting = self._waiting, _IDLE
                    await _finish(runner, waiting, cancelled)
                while (work := self._take()) is not None:
                    await _finish(runner, runner.send(work), None)
                self._wake = self._loop.create_future()
                self.busy = False
        finally:
            # Also when all tasks are cancelled because the program ends; what arrives meanwhile is left alone.
            self._cancelled = self.busy = True
            self._wake = None
            runner.close()


def _nothing() -> None:
    return None


def _ignore(error: BaseException) -> None:
    pass


@types.coroutine
def _next() -> Generator[object, Awaitable[object], Awaitable[object]]:
    return (yield _IDLE)


@types.coroutine
def _finish(
    runner: Coroutine[Any, Any, None], waiting: object, cancelled: BaseException | None
) -> Generator[object, None, None]:
    """Wait in the place of ``runner`` for what it waits for, until it is idle."""
    while waiting is not _IDLE:
        try:
            if cancelled is not None:
                error, cancelled = cancelled, None
                raise error
            yield waiting
        except BaseException as error:
            waiting = runner.throw(error)
        else:
            waiting = runner.send(None)
