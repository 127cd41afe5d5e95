from __future__ import annotations

import asyncio

from tests.support.virtual_test import virtual
from tornado_ws import MessageType
from tornado_ws.client.confirmations import MAX_FRAMES, Confirmations
from tornado_ws.client.outbox import Outgoing
from tornado_ws.client.timers import LoopTimers

ONE, TWO = (Outgoing(MessageType("say", str), value, b"") for value in (1, 2))


class Counted:
    """Confirmations with their pings and reports."""

    def __init__(self) -> None:
        self.pings = 0
        self.reports: list[int] = []
        self.all = Confirmations(ping=self.ping, changed=self.reports.append, timers=LoopTimers())

    def ping(self) -> None:
        self.pings += 1
        self.all.send(None)


@virtual
async def test_burst_shares_one_request_for_its_confirmation():
    one = Counted()
    one.all.open()
    one.all.send(ONE)
    one.all.send(None)
    one.all.send(TWO)
    assert one.all.count == 2
    await asyncio.sleep(0.2)
    assert one.pings == 1
    one.all.confirm(4)
    assert one.all.count == 0
    await asyncio.sleep(5)
    assert one.pings == 1
    assert [] == one.all.close()


@virtual
async def test_request_is_repeated_until_the_server_answers():
    one = Counted()
    one.all.open()
    one.all.send(ONE)
    await asyncio.sleep(3)
    assert one.pings == 3
    one.all.confirm(1)
    await asyncio.sleep(3)
    assert one.pings == 3


@virtual
async def test_unconfirmed_messages_are_returned_at_the_end_of_the_connection():
    one = Counted()
    one.all.send(ONE)  # to a server that does not count
    assert [] == one.all.close()
    one.all.open()
    one.all.send(ONE)
    one.all.send(TWO)
    one.all.confirm(1)
    assert [TWO] == one.all.close()
    assert one.reports[-1] == 1
    one.all.open()
    assert one.all.count == 0


@virtual
async def test_number_of_remembered_frames_is_bounded():
    one = Counted()
    one.all.open()
    for _ in range(MAX_FRAMES + 10):
        one.all.send(ONE)
    assert one.all.count == MAX_FRAMES + 10
    assert len(one.all.close()) == MAX_FRAMES


@virtual
async def test_confirmation_can_be_requested_at_once():
    one = Counted()
    one.all.open()
    one.all.request()
    assert one.pings == 0
    one.all.send(ONE)
    one.all.request()
    assert one.pings == 1
    one.all.close()
