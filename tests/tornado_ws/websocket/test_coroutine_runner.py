from __future__ import annotations

import asyncio
import collections
import contextvars

import pytest

from tornado_ws.websocket import CoroutineRunner

pytestmark = pytest.mark.gen_test


class Work:
    """Runner with a queue, as a connection has one."""

    def __init__(self) -> None:
        self.queue: collections.deque[object] = collections.deque()
        self.errors: list[BaseException] = []
        self.started = False
        self.runner = CoroutineRunner(self.next_work, self.errors.append, contextvars.copy_context())

    def next_work(self):
        return self.queue.popleft() if self.queue else None

    def add(self, work) -> None:
        """Run or queue a coroutine, as a callback of the event loop does."""
        self.started = False
        if self.runner.busy:
            self.queue.append(work)
            self.started = True
        else:
            asyncio.get_running_loop().call_soon(self._run, work, context=contextvars.Context())

    def _run(self, work) -> None:
        self.started = True
        if self.runner.busy:
            self.queue.append(work)
        else:
            self.runner.context.run(self.runner.run, work)

    def idle(self) -> bool:
        return self.started and not self.runner.busy and not self.queue


async def test_coroutine_that_does_not_suspend_ends_at_once(settled):
    done = []
    work = Work()

    async def quick(number):
        done.append(number)

    async def add_all():
        for number in range(3):
            work.add(quick(number))

    await add_all()
    await asyncio.sleep(0)

    assert [0, 1, 2] == done
    assert not work.runner.busy


async def test_next_coroutine_starts_after_a_suspended_one(settled):
    log = []
    work = Work()

    async def slow(name):
        log.append(f"start {name}")
        await asyncio.sleep(0.001)
        log.append(f"end {name}")

    for name in "abc":
        work.add(slow(name))
    await settled(work.idle)

    assert ["start a", "end a", "start b", "end b", "start c", "end c"] == log


async def test_coroutine_runs_in_one_task(settled):
    tasks: dict[str, list[object]] = {"a": [], "b": []}

    async def slow(name):
        tasks[name].append(asyncio.current_task())
        await asyncio.sleep(0.001)
        tasks[name].append(asyncio.current_task())

    one, other = Work(), Work()
    one.add(slow("a"))
    other.add(slow("b"))
    await settled(lambda: one.idle() and other.idle())

    assert [1, 1] == [len(set(used)) for used in tasks.values()]
    assert {asyncio.current_task()}.isdisjoint({*tasks["a"], *tasks["b"]})
    assert tasks["a"] != tasks["b"]


async def test_runners_share_a_task(settled):
    tasks = set()

    async def slow():
        tasks.add(asyncio.current_task())
        await asyncio.sleep(0)

    async def quick():
        tasks.add(asyncio.current_task())

    for _ in range(10):
        for work in (Work(), Work()):
            work.add(slow())
            await settled(work.idle)
            work.add(quick())
            await settled(work.idle)

    assert 1 == len(tasks)


async def test_cancellation_does_not_affect_the_next_user_of_the_task(settled):
    log = []

    async def stubborn():
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            log.append("stubborn")

    async def other():
        await asyncio.sleep(0)
        log.append(asyncio.current_task().cancelling())

    one, two = Work(), Work()
    one.add(stubborn())
    await settled(lambda: one.runner.task is not None)
    one.runner.cancel()
    await settled(lambda: one.runner.ended)
    two.add(other())
    await settled(two.idle)

    assert ["stubborn", 0] == log


async def test_tasks_end_with_the_last_runner(settled):
    before = asyncio.all_tasks()

    async def slow():
        await asyncio.sleep(0)

    works = [Work() for _ in range(3)]
    for work in works:
        work.add(slow())
    await settled(lambda: all(work.idle() for work in works))
    assert len(asyncio.all_tasks()) > len(before)

    for work in works:
        work.runner.cancel()
    await settled(lambda: before == asyncio.all_tasks())


@pytest.mark.parametrize("delay", [0, 0.001])
async def test_timeout_expires_in_a_coroutine(delay, settled):
    log = []
    work = Work()

    async def limited():
        try:
            async with asyncio.timeout(delay):
                await asyncio.sleep(10)
        except TimeoutError:
            log.append("timeout")
        await asyncio.sleep(0)
        log.append("after")

    for _ in range(2):
        work.add(limited())
        await settled(work.idle)

    assert ["timeout", "after"] * 2 == log
    assert [] == work.errors


async def test_task_group_runs_in_a_coroutine(settled):
    log = []
    work = Work()

    async def child(name):
        await asyncio.sleep(0)
        log.append(name)

    async def parent():
        async with asyncio.TaskGroup() as group:
            group.create_task(child("a"))
            group.create_task(child("b"))
        log.append("all")

    work.add(parent())
    await settled(work.idle)

    assert ["a", "b", "all"] == log


async def test_failed_task_group_cancels_its_coroutine(settled):
    work = Work()

    async def child():
        raise ValueError("child")

    async def parent():
        async with asyncio.TaskGroup() as group:
            group.create_task(child())
            await asyncio.sleep(10)

    work.add(parent())
    await settled(work.idle)

    (error,) = work.errors
    assert isinstance(error, ExceptionGroup)


async def test_future_is_awaited(settled):
    work = Work()
    future = asyncio.get_running_loop().create_future()

    work.add(future)
    await asyncio.sleep(0)
    assert work.runner.busy

    future.set_result(None)
    await settled(work.idle)


async def test_exception_is_reported_and_the_next_coroutine_runs(settled):
    done = []
    work = Work()

    async def raising(wait):
        if wait:
            await asyncio.sleep(0)
        raise ValueError(wait)

    async def fine():
        done.append(1)

    for one in (raising(False), raising(True), fine()):
        work.add(one)
        await settled(work.idle)

    assert [False, True] == [error.args[0] for error in work.errors]
    assert [1] == done


async def test_cancelled_future_is_reported_as_an_exception(settled):
    work = Work()
    other = asyncio.get_running_loop().create_future()

    async def waiting():
        await other

    work.add(waiting())
    await asyncio.sleep(0)
    other.cancel()
    await settled(work.idle)

    assert [asyncio.CancelledError] == [type(error) for error in work.errors]


async def test_suspended_coroutine_is_cancelled(settled):
    log = []
    work = Work()

    async def waiting():
        try:
            await asyncio.sleep(10)
        finally:
            log.append("cancelled")

    work.add(waiting())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    work.runner.cancel()
    await settled(lambda: work.runner.ended)

    assert ["cancelled"] == log
    assert [] == work.errors


async def test_coroutine_is_cancelled_in_the_iteration_of_its_start(settled):
    log = []
    work = Work()

    async def waiting():
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            log.append("tidy")
            raise

    work.add(waiting())
    asyncio.get_running_loop().call_soon(work.runner.cancel)
    await settled(lambda: bool(log) and work.runner.ended)

    assert ["tidy"] == log


async def test_idle_runner_ends_when_cancelled(settled):
    work = Work()

    async def quick():
        pass

    work.add(quick())
    await settled(work.idle)
    work.runner.cancel()
    await settled(lambda: work.runner.ended)


async def test_coroutines_share_a_context(settled):
    variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable", default=0)
    seen = []
    work = Work()

    async def count(wait):
        seen.append(variable.get())
        if wait:
            await asyncio.sleep(0)
        variable.set(variable.get() + 1)

    for wait in (False, True, False, False):
        work.add(count(wait))
        await settled(work.idle)

    assert [0, 1, 2, 3] == seen
    assert 0 == variable.get()
