from __future__ import annotations

import asyncio
import collections
import contextlib
import contextvars
import sys

import pytest

from tornado_ws.websocket import CoroutineRunner
from tornado_ws.websocket.coroutine_runner import program_ends

UNDONE_IS_RAISED = sys.version_info < (3, 13)
"""True if a cancellation is raised although `asyncio.Task.uncancel` has undone it."""


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


@pytest.mark.gen_test
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


@pytest.mark.gen_test
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


@pytest.mark.gen_test
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


@pytest.mark.gen_test
async def test_runners_share_a_task(settled):
    names = set()

    async def slow():
        names.add(asyncio.current_task().get_name())
        await asyncio.sleep(0)

    async def quick():
        names.add(asyncio.current_task().get_name())

    for _ in range(10):
        for work in (Work(), Work()):
            work.add(slow())
            await settled(work.idle)
            work.add(quick())
            await settled(work.idle)

    assert 1 == len(names)


@pytest.mark.gen_test
@pytest.mark.parametrize("suspends", [False, True])
async def test_task_that_a_coroutine_has_kept_is_not_used_again(settled, suspends):
    kept = []

    async def keeping():
        kept.append(asyncio.current_task())
        if suspends:
            await asyncio.sleep(0)

    works = [Work() for _ in range(5)]
    for work in works:
        work.add(keeping())
        await settled(work.idle)
    for task in kept:
        task.cancel()
    await asyncio.wait(kept)

    assert 5 == len(set(kept))


@pytest.mark.gen_test
async def test_cancellation_without_a_reference_is_detected(settled):
    names = []

    async def cancelled_later():
        names.append(asyncio.current_task().get_name())
        asyncio.get_running_loop().call_soon(asyncio.current_task().cancel)

    async def quick():
        names.append(asyncio.current_task().get_name())

    one, two = Work(), Work()
    one.add(cancelled_later())
    two.add(quick())
    await settled(lambda: one.idle() and two.idle())
    await asyncio.sleep(0)
    two.add(quick())
    await settled(two.idle)

    assert 3 == len(names)
    assert names[0] not in names[1:]


class Panic(BaseException):
    pass


@pytest.mark.gen_test
@pytest.mark.parametrize("error", [Panic, GeneratorExit, BaseExceptionGroup])
@pytest.mark.parametrize("suspends", [False, True])
async def test_base_exception_is_reported_and_other_runners_go_on(settled, suspends, error):
    raised = error("group", [Panic()]) if error is BaseExceptionGroup else error()
    done = []

    async def raising():
        if suspends:
            await asyncio.sleep(0)
        raise raised

    async def fine(number):
        done.append(number)

    failing, others = Work(), [Work() for _ in range(4)]
    failing.add(raising())
    await settled(failing.idle)
    for number, work in enumerate(others):
        work.add(fine(number))
    failing.add(fine(4))
    await settled(lambda: 5 == len(done))

    assert [raised] == failing.errors
    assert [[]] * 4 == [work.errors for work in others]


@pytest.mark.gen_test
@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
async def test_exception_that_ends_the_program_leaves_the_runners_usable(settled, error):
    done = []

    async def leaving():
        raise error

    async def fine():
        await asyncio.sleep(0)
        done.append(1)

    one, two = Work(), Work()
    with pytest.raises(error):
        contextvars.Context().run(_without_task, one.runner.context.run, one.runner.run, leaving())
    for work in (one, two):
        work.add(fine())
        await settled(work.idle)

    assert [1, 1] == done


def _without_task(call, *values):
    """Call a function as a callback of the event loop does."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    asyncio._leave_task(loop, task)
    try:
        return call(*values)
    finally:
        asyncio._enter_task(loop, task)


@pytest.mark.gen_test
@pytest.mark.parametrize("undo", [False, True])
async def test_queued_work_continues_in_another_task_after_a_cancellation(settled, undo):
    log = []

    async def cancelled():
        await asyncio.sleep(0)
        log.append(asyncio.current_task().get_name())
        asyncio.current_task().cancel()
        if undo:
            asyncio.current_task().uncancel()

    async def following():
        log.append(asyncio.current_task().get_name())
        await asyncio.sleep(0)
        log.append(asyncio.current_task().cancelling())

    work = Work()
    work.add(cancelled())
    await asyncio.sleep(0)
    work.add(following())
    await settled(lambda: 3 == len(log))

    assert (log[0] != log[1]) is (not undo or UNDONE_IS_RAISED)
    assert 0 == log[2]
    assert not work.runner.pool.ending
    assert [] == work.errors


@pytest.mark.gen_test
@pytest.mark.parametrize("suspends", [False, True])
@pytest.mark.parametrize("undo", [False, True])
async def test_task_can_be_cancelled_before_its_first_step(settled, suspends, undo):
    log = []

    async def cancelled():
        asyncio.current_task().cancel()
        if undo:
            asyncio.current_task().uncancel()
        if suspends:
            try:
                await asyncio.sleep(60 if not undo or UNDONE_IS_RAISED else 0)
            finally:
                log.append("ended")

    async def following():
        await asyncio.sleep(0)
        log.append("following")

    one, two = Work(), Work()
    assert not one.runner.pool.idle
    one.add(cancelled())
    two.add(following())
    await settled(lambda: two.idle() and one.idle())
    one.add(following())
    await settled(one.idle)

    assert ["following"] * 2 == [entry for entry in log if entry != "ended"]
    assert suspends == ("ended" in log)


@pytest.mark.gen_test
async def test_abandoned_coroutine_does_not_delay_further_work(settled, caplog):
    released = asyncio.Event()
    log = []

    async def stubborn():
        while not released.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await released.wait()
        log.append("stubborn")
        raise LookupError("late")

    async def following():
        log.append("following")

    work = Work()
    work.add(stubborn())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    work.add(following())
    pool = work.runner.pool
    work.runner.abandon()
    work.runner.wake()
    await settled(lambda: ["following"] == log)
    assert 1 == len(pool.abandoned)

    released.set()
    await settled(lambda: not pool.abandoned)
    assert ["following", "stubborn"] == log
    assert [] == work.errors
    assert "an abandoned method raised" in caplog.text


@pytest.mark.gen_test
async def test_end_is_reported_once(settled):
    ends = []
    runner = CoroutineRunner(lambda: None, ends.append, contextvars.copy_context(), lambda: ends.append(None))

    runner.cancel()
    runner.cancel()
    await settled(lambda: bool(ends))
    await asyncio.sleep(0)

    assert [None] == ends


def test_program_ends_when_all_tasks_are_cancelled(caplog):
    seen = []

    async def waiting():
        try:
            await asyncio.sleep(60)
        finally:
            seen.append(program_ends())

    async def program():
        work = Work()
        work.add(waiting())
        await asyncio.sleep(0.01)
        assert not program_ends()

    asyncio.run(program())

    assert [True] == seen
    assert [] == caplog.records


@pytest.mark.gen_test
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


@pytest.mark.gen_test
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


@pytest.mark.gen_test
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


@pytest.mark.gen_test
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


@pytest.mark.gen_test
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


@pytest.mark.gen_test
async def test_future_is_awaited(settled):
    work = Work()
    future = asyncio.get_running_loop().create_future()

    work.add(future)
    await asyncio.sleep(0)
    assert work.runner.busy

    future.set_result(None)
    await settled(work.idle)


@pytest.mark.gen_test
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


@pytest.mark.gen_test
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


@pytest.mark.gen_test
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


@pytest.mark.gen_test
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


@pytest.mark.gen_test
async def test_idle_runner_ends_when_cancelled(settled):
    work = Work()

    async def quick():
        pass

    work.add(quick())
    await settled(work.idle)
    work.runner.cancel()
    await settled(lambda: work.runner.ended)


@pytest.mark.gen_test
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
