"""Lab that fails in one hook, and the checks after it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Callable
from typing import Any, ClassVar

from tests.support.lab import Echo, Lab, Line, Nudge, Say
from tests.tornado_ws.failing_handlers.faults import kept
from tornado_ws import ConnectionClosed, RequestFailed, WebSocketController
from tornado_ws.websocket.coroutine_runner import TaskPool

EVIL, GOOD = {"room": "evil"}, {"room": "good"}
METHODS = ("on_say", "on_nudge", "on_limited", "on_echo")
HOOKS = ("on_connect", *METHODS, "on_error", "on_disconnect")


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
