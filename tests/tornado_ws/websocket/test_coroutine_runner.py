from __future__ import annotations

import asyncio
import collections
import contextvars

import pytest

from tornado_ws.websocket import CoroutineRunner

pytestmark = pytest.mark.gen_test


class Work:
    """A consumer with a queue, as a connection has it."""

    def __init__(self) -> None:
        self.queue: collections.deque[object] = collections.deque()
        self.errors: list[BaseException] = []
        self.began = False
        self.consumer = CoroutineRunner(self.take, self.errors.append, contextvars.copy_context())

    def take(self):
        return self.queue.popleft() if self.queue else None

    def add(self, work) -> None:
        """Run it the way that a callback of the event loop does."""
        self.began = False
        if self.consumer.busy:
            self.queue.append(work)
            self.began = True
        else:
            asyncio.get_running_loop().call_soon(self._run, work, context=contextvars.Context())

    def _run(self, work) -> None:
        self.began = True
        if self.consumer.busy:
            self.queue.append(work)
        else:
            self.consumer.context.run(self.consumer.run, work)

    def idle(self) -> bool:
        return self.began and not self.consumer.busy and not self.queue


async def test_what_does_not_wait_is_done_at_once(settled):
    done = []
    work = Work()

    async def quick(number):
        done.append(number)

    async def turn():
        for number in range(3):
            work.add(quick(number))

    await turn()
    await asyncio.sleep(0)

    assert [0, 1, 2] == done
    assert not work.consumer.busy


async def test_what_waits_is_waited_for(settled):
    log = []
    work = Work()

    async def slow(name):
        log.append(f"begin {name}")
        await asyncio.sleep(0.001)
        log.append(f"end {name}")

    for name in "abc":
        work.add(slow(name))
    await settled(work.idle)

    assert ["begin a", "end a", "begin b", "end b", "begin c", "end c"] == log


async def test_each_runs_in_the_name_of_one_task(settled):
    tasks: dict[str, list[object]] = {"a": [], "b": []}

    async def slow(name):
        tasks[name].append(asyncio.current_task())
        await asyncio.sleep(0.001)
        tasks[name].append(asyncio.current_task())

    one, other = Work(), Work()
    one.add(slow("a"))
    other.add(slow("b"))
    await settled(lambda: one.idle() and other.idle())

    assert [1, 1] == [len(set(of)) for of in tasks.values()]
    assert {asyncio.current_task()}.isdisjoint({*tasks["a"], *tasks["b"]})
    assert tasks["a"] != tasks["b"]


async def test_tasks_are_not_made_for_each(settled):
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


async def test_a_cancellation_does_not_reach_the_next_that_uses_the_task(settled):
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
    await settled(lambda: one.consumer.task is not None)
    one.consumer.cancel()
    await settled(lambda: one.consumer.ended)
    two.add(other())
    await settled(two.idle)

    assert ["stubborn", 0] == log


async def test_the_last_user_takes_the_tasks_along(settled):
    before = asyncio.all_tasks()

    async def slow():
        await asyncio.sleep(0)

    works = [Work() for _ in range(3)]
    for work in works:
        work.add(slow())
    await settled(lambda: all(work.idle() for work in works))
    assert len(asyncio.all_tasks()) > len(before)

    for work in works:
        work.consumer.cancel()
    await settled(lambda: before == asyncio.all_tasks())


@pytest.mark.parametrize("delay", [0, 0.001])
async def test_timeouts_work_in_it(delay, settled):
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


async def test_task_groups_work_in_it(settled):
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


async def test_a_task_group_that_fails_cancels_what_waits_in_it(settled):
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


async def test_futures_are_awaited_too(settled):
    work = Work()
    future = asyncio.get_running_loop().create_future()

    work.add(future)
    await asyncio.sleep(0)
    assert work.consumer.busy

    future.set_result(None)
    await settled(work.idle)


async def test_an_exception_is_passed_on_and_the_next_is_run(settled):
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


async def test_a_foreign_cancellation_is_an_exception_like_others(settled):
    work = Work()
    other = asyncio.get_running_loop().create_future()

    async def waiting():
        await other

    work.add(waiting())
    await asyncio.sleep(0)
    other.cancel()
    await settled(work.idle)

    assert [asyncio.CancelledError] == [type(error) for error in work.errors]


async def test_what_waits_can_be_cancelled(settled):
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
    work.consumer.cancel()
    await settled(lambda: work.consumer.ended)

    assert ["cancelled"] == log
    assert [] == work.errors


async def test_it_can_be_cancelled_in_the_turn_in_which_it_began(settled):
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
    asyncio.get_running_loop().call_soon(work.consumer.cancel)
    await settled(lambda: bool(log) and work.consumer.ended)

    assert ["tidy"] == log


async def test_an_idle_one_ends_when_cancelled(settled):
    work = Work()

    async def quick():
        pass

    work.add(quick())
    await settled(work.idle)
    work.consumer.cancel()
    await settled(lambda: work.consumer.ended)


async def test_context_variables_of_one_are_seen_by_the_next(settled):
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
