"""Drive coroutines by a task, or without it as long as they do not wait.

Not compiled: :func:`types.coroutine` makes awaitables of Python's own generators only.
"""

from __future__ import annotations

import asyncio
import contextvars
import types
from collections.abc import Awaitable, Generator
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from .consumer import Pool

__all__ = ["IDLE", "Runner"]

IDLE: Final = object()
"""What a runner waits for when it has nothing to do."""


class Employer(Protocol):
    """Whose work is done."""

    context: contextvars.Context

    def next(self) -> Awaitable[object] | None:
        """Return what to await next; None: nothing, and the runner may go."""
        ...

    def failed(self, error: BaseException) -> bool:
        """Take what something raised; tell whether the runner may go on."""
        ...

    def lost(self) -> None:
        """Take note that the runner has gone."""
        ...


class Runner:
    """A task, and the coroutine that awaits all work: it is driven by the task, or by whoever has work that is new."""

    __slots__ = ("_pool", "_waiting", "_wake", "employer", "runner", "send", "task")

    def __init__(self, pool: Pool) -> None:
        self.employer: Employer | None = None
        self._pool = pool
        self._waiting: object = IDLE
        self._wake: asyncio.Future[None] = pool.loop.create_future()
        self.runner = self._run()
        self.runner.send(None)
        self.send = self.runner.send
        self.task = pool.loop.create_task(self._stand_by(), context=contextvars.Context())

    def go_on(self, employer: Employer, waiting: object) -> None:
        """Let the task go on with what was begun, unless that is idle."""
        self.employer = employer
        self._waiting = waiting
        if not self._wake.done():
            self._wake.set_result(None)

    @types.coroutine
    def _run(self) -> Generator[object, Any, None]:  # what it yields work waits for; it is sent work, or None to go on
        while True:
            work = yield IDLE
            direct = type(work) is types.CoroutineType
            try:
                yield from work if direct else work.__await__()
            except (Exception, asyncio.CancelledError) as error:
                if self.employer is None or not self.employer.failed(error):
                    raise
            del work  # what it holds must not live until the next

    async def _stand_by(self) -> None:
        try:
            while True:
                cancelled: BaseException | None = None
                try:
                    await self._wake
                except asyncio.CancelledError as error:
                    if self._waiting is IDLE:
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
            if self.employer is not None:
                self.employer.lost()
                self.employer = None
            self.runner.close()
            del self.task  # when cancelled, it keeps all the frames in which it was

    async def _work(self, cancelled: BaseException | None) -> None:
        employer, waiting = self.employer, self._waiting
        assert employer is not None
        self._waiting = IDLE
        await _finish(self.runner, employer.context, waiting, cancelled)
        while (work := employer.next()) is not None:
            await _finish(self.runner, employer.context, employer.context.run(self.send, work), None)
        self.employer = None


@types.coroutine
def _finish(
    runner: Generator[object, Any, None],
    context: contextvars.Context,
    waiting: object,
    cancelled: BaseException | None,
) -> Generator[object, None, None]:
    """Wait in the place of ``runner`` for what it waits for, until it is idle."""
    while waiting is not IDLE:
        try:
            if cancelled is not None:
                error, cancelled = cancelled, None
                raise error
            yield waiting
        except BaseException as error:
            waiting = context.run(runner.throw, error)
        else:
            waiting = context.run(runner.send, None)
