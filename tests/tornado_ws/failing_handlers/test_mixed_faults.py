"""All faults at once, in the debug mode of asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import random
import traceback

import pytest

from tests.support.lab import Confirm, CountingLab, Echo, Line, Nudge, Say
from tests.tornado_ws.failing_handlers.failing_lab import (
    GOOD,
)
from tests.tornado_ws.failing_handlers.faults import RAISING, SILENT, kept
from tornado_ws import ConnectionClosed, Limits, RequestFailed
from tornado_ws.websocket.coroutine_runner import TaskPool


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


@pytest.mark.usefixtures("unmeasured")
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
    assert {"tornado_ws.handler"} >= {record.name for record in caplog.records if record.levelno >= logging.WARNING}
