"""Handlers that fail in each hook and each way: they affect no other connection, and nothing remains of them."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from dataclasses import replace
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from tests.support.lab import LAB, Echo, Job, JobTicket, Say, StartJob
from tests.tornado_ws.failing_handlers.failing_lab import (
    EVIL,
    GOOD,
    HOOKS,
    METHODS,
    Failing,
    check_that_nothing_remains,
    failing_class,
    talk,
)
from tests.tornado_ws.failing_handlers.faults import RAISING, SILENT, Panic, kept, raise_base_exception
from tornado_ws import CloseCode, ConnectionClosed, RequestFailed, WebSocketController

pytestmark = pytest.mark.usefixtures("unmeasured")


def raising(method: Any) -> Any:
    """Return a method that raises for one client when it is called, before it returns a coroutine."""

    @functools.wraps(method)
    def call(self: Failing, *args: Any) -> Any:
        if self.params.room == "evil":
            raise Panic
        return method(self, *args)

    return call


class Concurrent(Failing):
    """Lab with concurrent requests."""

    endpoint = replace(
        LAB, client=tuple(replace(one, concurrent=2) if one.name == "echo" else one for one in LAB.client)
    )


class Direct(Failing):
    """Lab with decorated methods."""

    on_say, on_nudge, on_echo = raising(Failing.on_say), raising(Failing.on_nudge), raising(Failing.on_echo)


@pytest.mark.gen_test
@pytest.mark.parametrize("late", [False, True], ids=["at once", "late"])
@pytest.mark.parametrize("fault", [*RAISING, *SILENT], ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("hook", HOOKS)
async def test_fault_affects_no_other_connection(
    app, make_sockets, connect, until, unhandled, caplog, hook, fault, late
):
    cls = failing_class(hook, fault, late)
    sockets = make_sockets()
    app.add_handlers(".*", sockets.persistent(cls))

    async with contextlib.AsyncExitStack() as stack:
        good = [await stack.enter_async_context(connect(cls, GOOD)) for _ in range(3)]
        evil = await stack.enter_async_context(connect(cls, EVIL))
        await talk(evil, hook)
        if hook == "on_disconnect":
            evil.close()
        for round_ in range(3):
            assert ["a"] * 3 == await asyncio.gather(*(client.request(Echo("a")) for client in good))
            async with connect(cls, GOOD) as newcomer:
                assert "b" == await newcomer.request(Echo("b"))
            if round_ == 1 and kept:
                for object_ in kept:
                    if isinstance(object_, asyncio.Task):
                        object_.cancel()
                await asyncio.sleep(0.02)
        assert [None] * 3 == [client.closed for client in good]
        if hook in METHODS:
            await check_the_answer(evil, hook, fault)
    assert 7 == len(cls.connected)
    await check_that_nothing_remains(cls, sockets, unhandled, caplog, until)


async def check_the_answer(evil: Any, hook: str, fault: Any) -> None:
    if fault in RAISING:
        if hook == "on_echo":
            with pytest.raises(RequestFailed, match="internal"):
                await evil.request(Echo("evil"))
        else:
            await evil.expect_error("internal")
    assert "still served" == await evil.request(Echo("still served"))


@pytest.mark.gen_test
@pytest.mark.parametrize("fault", [*RAISING, *SILENT], ids=lambda fault: fault.__name__)
async def test_fault_of_a_concurrent_request_affects_no_other_request(
    app, sockets, connect, until, unhandled, caplog, fault
):
    cls = failing_class("on_echo", fault, True, Concurrent)
    app.add_handlers(".*", sockets.persistent(cls))

    async with connect(cls, GOOD) as good, connect(cls, EVIL) as evil:
        failing = [asyncio.create_task(talk(evil, "on_echo")) for _ in range(3)]
        assert ["a"] * 5 == await asyncio.gather(*(client.request(Echo("a")) for client in (good, *[evil] * 4)))
        await asyncio.gather(*failing)
        for object_ in kept:
            if isinstance(object_, asyncio.Task):
                object_.cancel()
        await check_the_answer(evil, "on_echo", fault)
    await check_that_nothing_remains(cls, sockets, unhandled, caplog, until)


@pytest.mark.gen_test
@pytest.mark.parametrize("late", [False, True], ids=["at once", "late"])
@pytest.mark.parametrize("fault", RAISING, ids=lambda fault: fault.__name__)
async def test_client_is_not_served_after_on_connect_failed(app, make_sockets, connect, until, fault, late):
    cls = failing_class("on_connect", fault, late)
    app.add_handlers(".*", make_sockets().persistent(cls))

    async with connect(cls, EVIL) as evil:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(3):
                await evil.send(Say(text="the secret?"))
        await evil.expect_close(CloseCode.INTERNAL)
    await until(lambda: cls.disconnected)

    assert [] == cls.served


@pytest.mark.gen_test
@pytest.mark.parametrize("hook", (*METHODS[:2], "on_echo"))
async def test_method_that_raises_when_it_is_called_is_answered(
    app, make_sockets, connect, until, unhandled, caplog, hook
):
    cls = failing_class(hook, raise_base_exception, False, Direct)
    sockets = make_sockets()
    app.add_handlers(".*", sockets.persistent(cls))

    async with connect(cls, GOOD) as good, connect(cls, EVIL) as evil:
        await talk(evil, hook)
        if hook != "on_echo":
            await evil.expect_error("internal")
        else:
            with pytest.raises(RequestFailed, match="internal"):
                await evil.request(Echo("evil"))
        assert "a" == await good.request(Echo("a"))
    await check_that_nothing_remains(cls, sockets, unhandled, caplog, until)


@pytest.mark.gen_test
@pytest.mark.parametrize("late", [False, True], ids=["at once", "late"])
@pytest.mark.parametrize("fault", RAISING, ids=lambda fault: fault.__name__)
async def test_guard_that_fails_refuses_its_client_only(
    app, make_sockets, connect, until, unhandled, caplog, fault, late
):
    cls = failing_class("", raise_base_exception, False)
    sockets = make_sockets()

    async def guard(handler: Failing) -> bool:
        if handler.params.room == "evil":
            if late:
                await asyncio.sleep(0)
            await fault()
        return True

    app.add_handlers(".*", sockets.persistent(cls, guards=[guard]))

    async with connect(cls, GOOD) as good:
        with contextlib.suppress(HTTPClientError):  # a cancelled handshake has no close code
            async with connect(cls, EVIL) as evil:
                await evil.expect_close()
        assert "a" == await good.request(Echo("a"))
    assert 1 == len(cls.connected)
    await check_that_nothing_remains(cls, sockets, unhandled, caplog, until)


@pytest.mark.gen_test
@pytest.mark.parametrize("late", [False, True], ids=["at once", "late"])
@pytest.mark.parametrize("fault", RAISING, ids=lambda fault: fault.__name__)
async def test_action_that_fails_answers_with_500(
    app, make_sockets, http_client, base_url, unhandled, caplog, fault, late
):
    class FailingAction(StartJob):
        async def make_ticket(self, *args: Any, **kwargs: Any) -> JobTicket:
            if late:
                await asyncio.sleep(0)
            await fault()
            raise AssertionError

    sockets = make_sockets()
    app.add_handlers(".*", [*sockets.ephemeral(Job), sockets.action("/start", FailingAction)])

    response = await http_client.fetch(f"{base_url}/start", method="POST", body="", raise_error=False)

    assert 500 == response.code
    assert [] == unhandled
    assert [] == [record.getMessage() for record in caplog.records if record.name == "asyncio"]


@pytest.mark.gen_test
@pytest.mark.parametrize("error", [Panic(), BaseExceptionGroup("group", [Panic()]), asyncio.CancelledError()], ids=repr)
@pytest.mark.parametrize("hook", ["on_connect", "on_disconnect", "on_error", "on_refuse"])
async def test_hook_of_the_controller_that_fails_changes_nothing(
    app, make_sockets, connect, until, unhandled, caplog, hook, error
):
    cls = failing_class("", raise_base_exception, False)

    class Raising(WebSocketController):
        pass

    def fail(*values: object) -> None:
        raise error

    setattr(Raising, hook, fail)
    sockets = make_sockets(Raising)

    async def guard(handler: Failing) -> bool:
        return handler.params.room != "refused"

    app.add_handlers(".*", sockets.persistent(cls, guards=[guard]))

    async with connect(cls, GOOD) as good:
        async with connect(cls, {"room": "refused"}) as refused:
            await refused.expect_close(CloseCode.FORBIDDEN)
        assert "a" == await good.request(Echo("a"))
    assert (hook in ("on_connect", "on_disconnect", "on_refuse")) is (
        f"{hook} raised" in caplog.text or "fail raised" in caplog.text
    )
    await check_that_nothing_remains(cls, sockets, unhandled, caplog, until)
