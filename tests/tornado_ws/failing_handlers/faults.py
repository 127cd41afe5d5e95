"""Faults of a method: ways in which it raises, is cancelled, or leaves something behind."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any


class Panic(BaseException):
    """Exception of native code, or of a test (`pytest.fail`)."""


kept: list[Any] = []


async def raise_base_exception() -> None:
    raise Panic


async def raise_base_exception_group() -> None:
    raise BaseExceptionGroup("group", [Panic(), ValueError()])


async def raise_cancelled_error() -> None:
    raise asyncio.CancelledError


async def raise_generator_exit() -> None:
    raise GeneratorExit


async def raise_stop_iteration() -> None:
    raise StopIteration


async def await_a_cancelled_future() -> None:
    future = asyncio.get_running_loop().create_future()
    future.cancel()
    await future


async def be_cancelled_from_outside() -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().call_soon(task.cancel)
    await asyncio.sleep(60)


async def cancel_itself() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(60)


async def cancel_itself_and_uncancel() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    for _ in range(3):
        task.uncancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(0.001)
    raise Panic


RAISING = (
    raise_base_exception,
    raise_base_exception_group,
    raise_cancelled_error,
    raise_generator_exit,
    raise_stop_iteration,
    await_a_cancelled_future,
    be_cancelled_from_outside,
    cancel_itself,
    cancel_itself_and_uncancel,
)
"""Faults of which the client is informed."""


async def cancel_itself_at_the_end() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()


async def cancel_itself_and_uncancel_at_the_end() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    task.uncancel()


async def be_cancelled_at_the_end() -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().call_soon(task.cancel)


async def suppress_a_cancellation() -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().call_soon(task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(60)


async def keep_the_task() -> None:
    kept.append(asyncio.current_task())


async def enter_a_timeout_and_keep_it() -> None:
    timeout = asyncio.timeout(0.01)
    kept.append(timeout)
    await timeout.__aenter__()


async def leave_a_generator_with_a_timeout() -> None:
    async def ticks() -> AsyncIterator[int]:
        async with asyncio.timeout(0.01):
            yield 1

    generator = ticks()
    kept.append(generator)
    await anext(generator)


async def add_a_done_callback() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.add_done_callback(lambda _: None)


SILENT = (
    cancel_itself_at_the_end,
    cancel_itself_and_uncancel_at_the_end,
    be_cancelled_at_the_end,
    suppress_a_cancellation,
    keep_the_task,
    enter_a_timeout_and_keep_it,
    leave_a_generator_with_a_timeout,
    add_a_done_callback,
)
"""Faults that become apparent later, if at all."""
