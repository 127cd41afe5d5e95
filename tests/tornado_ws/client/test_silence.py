from __future__ import annotations

import asyncio

from tests.support.virtual_test import virtual
from tornado_ws.client.silence import Silence
from tornado_ws.client.timers import LoopTimers


@virtual
async def test_silent_server_is_pinged_and_then_given_up():
    events: list[str] = []
    silence = Silence(ping=lambda: events.append("ping"), fail=lambda: events.append("fail"), timers=LoopTimers())
    silence.open(20.0)
    await asyncio.sleep(15)
    silence.receive()
    await asyncio.sleep(19)
    assert [] == events
    await asyncio.sleep(2)
    assert ["ping"] == events
    silence.receive()
    await asyncio.sleep(19)
    assert ["ping"] == events
    await asyncio.sleep(22)
    assert ["ping", "ping", "fail"] == events
    await asyncio.sleep(100)
    assert len(events) == 3


@virtual
async def test_no_interval_and_no_connection_have_no_timer():
    events: list[str] = []
    silence = Silence(ping=lambda: events.append("ping"), fail=lambda: events.append("fail"), timers=LoopTimers())
    silence.open(0.0)
    await asyncio.sleep(100)
    silence.open(1.0)
    silence.close()
    await asyncio.sleep(100)
    assert [] == events
