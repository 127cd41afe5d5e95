from __future__ import annotations

import asyncio
import inspect

import pytest

from tornado_ws.server.request_errors import answered_by_tornado


@pytest.mark.parametrize("error", [LookupError, SystemExit, KeyboardInterrupt])
def test_exceptions_that_tornado_or_the_program_handles_are_unchanged(error):
    with pytest.raises(error), answered_by_tornado("make_ticket"):
        raise error


@pytest.mark.parametrize("error", [asyncio.CancelledError(), BaseExceptionGroup("group", [BaseException()])])
def test_other_exceptions_become_one_that_tornado_answers(error):
    with (
        pytest.raises(RuntimeError, match=f"^make_ticket raised {type(error).__name__}$") as raised,
        answered_by_tornado("make_ticket"),
    ):
        raise error

    assert raised.value.__cause__ is error


def test_coroutine_that_is_destroyed_outside_of_the_event_loop_ends_silently():
    class Never:
        def __await__(self):
            yield

    async def waiting() -> None:
        with answered_by_tornado("make_ticket"):
            await Never()

    coroutine = waiting()
    coroutine.send(None)
    coroutine.close()

    assert inspect.CORO_CLOSED == inspect.getcoroutinestate(coroutine)


@pytest.mark.gen_test
async def test_generator_exit_of_a_method_becomes_an_exception():
    with pytest.raises(RuntimeError, match=r"^make_ticket raised GeneratorExit$"), answered_by_tornado("make_ticket"):
        raise GeneratorExit
