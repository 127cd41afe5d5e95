"""Handlers that fail in each hook and each way: they affect no other connection, and nothing remains of them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import random
import socket
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, ClassVar

import pytest
from tornado.httpclient import HTTPClientError
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from tests.support.lab import Confirm, CountingLab, Echo, Job, JobTicket, Lab, Line, Note, Nudge, Say, StartJob
from tests.support.peer import handshake_request, masked
from tornado_ws import CloseCode, ConnectionClosed, Limits, RequestFailed, WebSocketController
from tornado_ws.testing import Client, Connect
from tornado_ws.websocket.coroutine_runner import TaskPool
from tornado_ws.websocket.frames import TEXT

EVIL, GOOD = {"room": "evil"}, {"room": "good"}


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


class Failing(Lab):
    """Lab whose connections to the room ``evil`` have a fault in one hook."""

    hook: ClassVar[str]
    fault: ClassVar[Callable[[], Any]]
    late: ClassVar[bool]
    connected: ClassVar[list[str]]
    served: ClassVar[list[str]]
    disconnected: ClassVar[list[str]]

    async def fail_in(self, hook: str) -> None:
        if self.params.room == "evil" and hook == self.hook:
            if self.late:
                await asyncio.sleep(0)
            await type(self).fault()

    async def on_connect(self) -> None:
        self.connected.append(self.connection_id)
        await super().on_connect()
        await self.fail_in("on_connect")

    async def on_disconnect(self, code: int | None, reason: str | None) -> None:
        self.disconnected.append(self.connection_id)
        await self.fail_in("on_disconnect")

    async def on_error(self, error: Exception) -> None:
        await self.fail_in("on_error")

    async def on_say(self, say: Line, /) -> None:
        self.served.append(self.connection_id)
        await self.fail_in("on_say")

    async def on_nudge(self) -> None:
        await self.fail_in("on_nudge")
        if self.hook == "on_error":
            raise LookupError

    async def on_limited(self, limited: int, /) -> None:
        await self.fail_in("on_limited")

    async def on_echo(self, echo: str, /) -> str:
        self.served.append(self.connection_id)
        if echo == "evil":
            await self.fail_in("on_echo")
        return echo


class Direct(Failing):
    """Lab whose methods raise when they are called, before they return a coroutine."""

    def on_say(self, say: Line, /) -> Any:
        raise Panic

    def on_nudge(self) -> Any:
        raise Panic

    def on_echo(self, echo: str, /) -> Any:
        if self.params.room == "evil":
            raise Panic
        return super().on_echo(echo)


@pytest.fixture
def unhandled(io_loop: Any) -> list[dict[str, Any]]:
    """Return the list of errors that asyncio reports."""
    reported: list[dict[str, Any]] = []
    asyncio.get_event_loop_policy().get_event_loop().set_exception_handler(lambda _, context: reported.append(context))
    return reported


@pytest.fixture(autouse=True)
def forget_kept_objects() -> Iterator[None]:
    yield
    kept.clear()


def failing_class(hook: str, fault: Callable[[], Any], late: bool, base: type[Failing] = Failing) -> type[Failing]:
    """Return a new class, so that its lists are empty."""
    attributes = {"hook": hook, "fault": staticmethod(fault), "late": late}
    return type("Mounted", (base,), attributes | {"connected": [], "served": [], "disconnected": []})


async def talk(evil: Any, hook: str) -> None:
    """Cause the fault, as the client of the connection that has it."""
    with contextlib.suppress(ConnectionClosed, RequestFailed):
        if hook == "on_say":
            await evil.send(Say(text="hi"))
        elif hook in ("on_nudge", "on_error"):
            await evil.send(Nudge())
        elif hook == "on_limited":
            await evil.send_text('{"type": "limited", "data": 1}')
        elif hook == "on_echo":
            await evil.request(Echo("evil"))


async def check_that_nothing_remains(
    cls: type[Failing], sockets: WebSocketController, unhandled: list[Any], caplog: Any, until: Any
) -> None:
    await until(lambda: len(cls.disconnected) == len(cls.connected))
    (server,) = sockets._endpoints
    await until(lambda: not len(sockets.context.quota))
    pool = TaskPool.current()
    await until(lambda: not pool.abandoned and pool.users == 0)
    kept.clear()
    gc.collect(1)  # the objects of this test; all others take long
    await asyncio.sleep(0)

    assert sorted(cls.connected) == sorted(cls.disconnected)
    assert not sockets.connections
    assert not server.members("evil")
    assert not sockets.context.deadlines
    assert [] == unhandled
    assert [] == [record.getMessage() for record in caplog.records if record.name == "asyncio"]


METHODS = ("on_say", "on_nudge", "on_limited", "on_echo")
HOOKS = ("on_connect", *METHODS, "on_error", "on_disconnect")


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


# Methods that do not end.


@pytest.mark.gen_test
@pytest.mark.parametrize("hook", ["on_connect", "on_say", "on_echo", "on_error"])
@pytest.mark.parametrize("end", ["abort", "close"])
async def test_method_that_suppresses_its_cancellation_is_abandoned(
    app, make_sockets, connect, until, unhandled, caplog, monkeypatch, hook, end
):
    begun, released = asyncio.Event(), asyncio.Event()

    async def stay() -> None:
        begun.set()
        while not released.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await released.wait()

    monkeypatch.setattr("tornado_ws.session.session.MIN_GRACE", 0.05)
    cls = failing_class(hook, stay, False)
    sockets = make_sockets(limits=Limits(closing_timeout=0.05))
    app.add_handlers(".*", sockets.persistent(cls))

    async with connect(cls, GOOD) as good:
        async with connect(cls, EVIL) as evil:
            if hook == "on_echo":
                await evil.send_text('{"type": "echo", "id": 1, "data": "evil"}')
            else:
                await talk(evil, hook)
            await begun.wait()
            getattr(evil, end)()
            await until(lambda: cls.disconnected)
        assert "a" == await good.request(Echo("a"))
        assert 1 == len(sockets.connections)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert [f"Mounted.{hook} suppresses its cancellation; the connection is abandoned"] == warnings

    released.set()
    await check_that_nothing_remains(cls, sockets, unhandled, caplog, until)


@pytest.mark.gen_test
async def test_drain_abandons_methods_that_suppress_their_cancellation(
    app, make_sockets, connect, until, unhandled, caplog, monkeypatch
):
    begun, released = asyncio.Event(), asyncio.Event()

    async def stay() -> None:
        begun.set()
        while not released.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await released.wait()

    monkeypatch.setattr("tornado_ws.server.shutdown.ABORT_SECONDS", 0.05)
    cls = failing_class("on_say", stay, False)
    sockets = make_sockets()
    app.add_handlers(".*", sockets.persistent(cls))

    async with connect(cls, EVIL) as evil:
        await evil.send(Say(text="hi"))
        await begun.wait()
        assert 1 == await sockets.drain(0.05, spread=0)
        assert cls.connected == cls.disconnected
        assert not sockets.connections

    released.set()
    await check_that_nothing_remains(cls, sockets, unhandled, caplog, until)


@pytest.mark.gen_test
async def test_method_that_goes_on_after_its_connection_is_harmless(
    app, make_sockets, connect, until, unhandled, caplog
):
    released = asyncio.Event()
    done: list[object] = []

    class Late(CountingLab):
        async def on_say(self, say: Line, /) -> None:
            await asyncio.shield(asyncio.ensure_future(self.go_on()))

        async def go_on(self) -> None:
            await released.wait()
            await self.send(Note("too late"))
            await self.join("evil")
            self.close(4000)
            with pytest.raises(ConnectionClosed):
                await self.send_request(Confirm("?"))
            done.append(1)

    sockets = make_sockets()
    app.add_handlers(".*", sockets.persistent(Late))

    async with connect(Late, EVIL) as evil:
        await evil.send(Say(text="hi"))
        evil.abort()
    await until(lambda: Late.ends)
    released.set()
    await until(lambda: done)

    assert not sockets.connections
    assert [] == unhandled


# Requests of the server.


@pytest.mark.gen_test
@pytest.mark.parametrize("end", ["abort", "close"])
async def test_client_that_vanishes_during_a_request_is_not_logged(
    app, make_sockets, connect, until, unhandled, caplog, end
):
    asking: list[object] = []

    class Asking(CountingLab):
        async def on_say(self, say: Line, /) -> None:
            asking.append(self)
            await self.send_request(Confirm("?"))

        async def on_error(self, error: Exception) -> None:
            asking.append(error)

    sockets = make_sockets()
    app.add_handlers(".*", sockets.persistent(Asking))

    for _ in range(5):
        async with connect(Asking, EVIL) as evil:
            await evil.send(Say(text="hi"))
            await until(lambda: asking)
            getattr(evil, end)()
        await until(lambda: not sockets.connections)
        asking.clear()
    await until(lambda: 5 == len(Asking.ends))
    gc.collect(1)
    await asyncio.sleep(0)

    assert [] == asking
    assert [] == unhandled
    assert [] == [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


# Exceptions that end the program.


@pytest.mark.parametrize("late", [False, True], ids=["at once", "late"])
@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("hook", HOOKS)
def test_exception_that_ends_the_program_affects_no_other_connection(hook, error, late, caplog):
    async def leave() -> None:
        raise error(3)

    cls = failing_class(hook, leave, late)
    loop = asyncio.new_event_loop()
    unhandled: list[Any] = []
    loop.set_exception_handler(lambda _, context: unhandled.append(context))
    sockets = WebSocketController()
    listening, port = bind_unused_port()
    clients: list[Client] = []

    async def start() -> tuple[Any, Any]:
        server = HTTPServer(Application(list(sockets.persistent(cls))))
        server.add_socket(listening)
        return server, await Connect(port)(cls, GOOD, timeout=10).__aenter__()

    async def cause() -> None:
        evil = await Connect(port)(cls, EVIL, timeout=10).__aenter__()
        clients.append(evil)
        await talk(evil, hook)
        if hook == "on_disconnect":
            evil.close()
        await asyncio.sleep(10)

    async def go_on() -> None:
        async with Connect(port)(cls, GOOD, timeout=10) as newcomer:
            assert ["a", "b"] == await asyncio.gather(good.request(Echo("a")), newcomer.request(Echo("b")))
        for client in (good, *clients):
            await client.__aexit__(None, None, None)
        server.stop()
        await server.close_all_connections()
        async with asyncio.timeout(10):
            while len(cls.connected) != len(cls.disconnected) or len(sockets.context.quota):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    try:
        server, good = loop.run_until_complete(start())
        causing = loop.create_task(cause())
        with pytest.raises(error):
            loop.run_until_complete(causing)
        loop.run_until_complete(go_on())
        causing.cancel()
        loop.run_until_complete(asyncio.wait([causing]))
    finally:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks))
        loop.close()
    gc.collect(1)

    assert 3 == len(cls.connected)
    assert [] == unhandled
    assert [] == [record.getMessage() for record in caplog.records if record.name == "asyncio"]


def test_end_of_the_program_runs_on_disconnect_of_busy_connections(caplog):
    class Busy(CountingLab):
        async def on_say(self, say: Line, /) -> None:
            await asyncio.sleep(60)

    async def program() -> None:
        sockets = WebSocketController()
        listening, port = bind_unused_port()
        server = HTTPServer(Application(list(sockets.persistent(Busy))))
        server.add_socket(listening)
        client.connect(("127.0.0.1", port))
        say = masked(TEXT, b'{"type": "say", "data": {"text": "hi"}}')
        client.sendall(handshake_request(port, "/lab/good") + say * 3)
        await asyncio.sleep(0.3)
        server.stop()

    with socket.socket() as client:
        asyncio.run(program())  # cancels all tasks and waits for them

    assert [(CloseCode.GOING_AWAY, "the server is shutting down")] == Busy.ends
    assert [] == [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


# All of it at once.


async def ignore_cancellations_for_a_while() -> None:
    async with asyncio.timeout(None):
        deadline = asyncio.get_running_loop().time() + 1.0
        while asyncio.get_running_loop().time() < deadline:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.1)


FAULTS = {fault.__name__: fault for fault in (*RAISING, *SILENT, ignore_cancellations_for_a_while)}


class Mixed(CountingLab):
    """Lab whose clients choose the fault of each hook by its name."""

    @property
    def faults(self) -> dict[str, str]:
        return dict(tag.split("=") for tag in self.params.tags)

    async def fail_in(self, hook: str) -> None:
        if hook in self.faults:
            await FAULTS[self.faults[hook]]()

    async def on_connect(self) -> None:
        type(self).connected += 1
        await self.join(self.params.room)
        await self.fail_in("on_connect")

    async def on_disconnect(self, code: int | None, reason: str | None) -> None:
        self.ends.append((code, reason))
        await self.fail_in("on_disconnect")

    async def on_error(self, error: Exception) -> None:
        await self.fail_in("on_error")

    async def on_nudge(self) -> None:
        await self.send_request(Confirm("?"))

    async def on_say(self, say: Line, /) -> None:
        if say.text in FAULTS:
            await FAULTS[say.text]()
        await super().on_say(say)

    async def on_echo(self, echo: str, /) -> str:
        if echo in FAULTS:
            await FAULTS[echo]()
        return echo


@pytest.mark.slow
@pytest.mark.gen_test(timeout=120)
@pytest.mark.filterwarnings("ignore:Unclosed WebSocketClientConnection:ResourceWarning")  # of the aborted clients
async def test_mixed_clients_leave_nothing_behind_in_the_debug_mode_of_asyncio(
    app, make_sockets, connect, until, unhandled, caplog, monkeypatch
):
    class Soaked(Mixed): ...

    loop = asyncio.get_running_loop()
    # The debug mode records the stack of each callback, which takes most of the time, and is not what is tested.
    monkeypatch.setattr(traceback.StackSummary, "extract", lambda *_, **__: traceback.StackSummary())
    loop.set_debug(True)
    loop.slow_callback_duration = 60.0
    monkeypatch.setattr("tornado_ws.session.session.MIN_GRACE", 0.2)
    limits = Limits(closing_timeout=0.2, request_timeout=0.5, handshakes=None)
    sockets = make_sockets(limits=limits)
    app.add_handlers(".*", sockets.persistent(Soaked))
    ends = loop.time() + 12.0
    answered = 0

    async def misbehave(seed: int) -> None:
        choose = random.Random(seed)
        while loop.time() < ends:
            hooks = choose.sample(["on_connect", "on_disconnect", "on_error"], k=choose.choice([0, 0, 0, 1]))
            tags = [f"{hook}={choose.choice(list(FAULTS))}" for hook in hooks]
            client = connect(Soaked, {"room": "evil", "tags": tags})
            with contextlib.suppress(ConnectionClosed, RequestFailed, TimeoutError):
                async with client as evil:
                    if choose.random() < 0.5:
                        evil.answer(Confirm, lambda _: True)
                    for _ in range(choose.randrange(6)):
                        fault = choose.choice(list(FAULTS))
                        match choose.randrange(4):
                            case 0:
                                await evil.send(Say(text=fault))
                            case 1:
                                await evil.send(Nudge())
                            case 2:
                                await evil.request(Echo(fault), timeout=0.1)
                            case 3:
                                await evil.send_text('{"type": "say"')
                        await asyncio.sleep(choose.choice([0, 0, 0.01]))
                    choose.choice([evil.abort, evil.close, lambda: None])()
            if kept and choose.random() < 0.2:
                for object_ in kept:
                    if isinstance(object_, asyncio.Task):
                        object_.cancel()
                kept.clear()

    async def behave(number: int) -> None:
        nonlocal answered
        async with connect(Soaked, GOOD) as good:
            while loop.time() < ends:
                assert str(answered) == await good.request(Echo(str(answered)))
                answered += 1
                await asyncio.sleep(0.002)
            assert good.closed is None

    await asyncio.gather(*map(misbehave, range(20)), *map(behave, range(3)))
    kept.clear()
    await until(lambda: Soaked.connected == len(Soaked.ends))
    await until(lambda: not len(sockets.context.quota) and not TaskPool.current().abandoned)
    gc.collect()
    await asyncio.sleep(0.05)

    assert Soaked.connected > 40
    assert answered > 30
    assert not sockets.connections
    assert [] == unhandled
    assert {"tornado_ws"} >= {record.name for record in caplog.records if record.levelno >= logging.WARNING}
