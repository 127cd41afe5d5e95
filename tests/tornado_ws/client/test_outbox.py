from __future__ import annotations

import asyncio

from tests.support.virtual_test import virtual
from tornado_ws import MessageType
from tornado_ws.client.outbox import Outbox, Outgoing
from tornado_ws.client.pace import pace
from tornado_ws.client.timers import LoopTimers

SAY = MessageType("say", str)
LIMITED = MessageType("limited", str, rate=(2, 10.0))
TYPING = MessageType("typing", str, volatile=True, rate=(2, 10.0))


class Sent(list[object]):
    """Values of sent messages, and their outbox."""

    def __init__(self) -> None:
        super().__init__()
        self.changes = 0
        self.outbox = Outbox(lambda one: self.append(one.value), LoopTimers(), changed=self.count)

    def count(self) -> None:
        self.changes += 1

    def add(self, message: MessageType, value: object) -> Outgoing:
        outgoing = Outgoing(message, value, b"")
        self.outbox.add(outgoing)
        return outgoing


@virtual
async def test_messages_wait_for_a_connection_except_volatile_ones():
    sent = Sent()
    sent.add(SAY, 1)
    sent.add(TYPING, "dropped")
    sent.add(SAY, 2)
    assert len(sent.outbox) == 2
    sent.outbox.open()
    sent.add(TYPING, 3)
    assert [1, 2, 3] == sent


@virtual
async def test_queue_keeps_the_order_at_the_pace_of_the_slowest():
    sent = Sent()
    sent.outbox.open()
    for number in range(3):
        sent.add(LIMITED, number)
    sent.add(SAY, "last")
    sent.add(TYPING, "now")
    sent.add(TYPING, "too fast")
    assert [0, "now"] == sent
    await asyncio.sleep(11)
    assert [0, "now", 1, 2, "last"] == sent


@virtual
async def test_each_connection_has_its_own_pace():
    sent = Sent()
    sent.outbox.open()
    for number in range(3):
        sent.add(LIMITED, number)
    sent.outbox.stop()
    await asyncio.sleep(100)
    assert [0] == sent
    sent.outbox.open()
    assert [0, 1] == sent


@virtual
async def test_removed_message_makes_way_for_the_next():
    sent = Sent()
    sent.outbox.open()
    _, second, third = [sent.add(LIMITED, number) for number in range(3)]
    sent.add(SAY, "say")
    changes = sent.changes
    assert sent.outbox.remove(second)
    assert not sent.outbox.remove(second)
    assert sent.outbox.remove(third)
    assert [0, "say"] == sent
    assert sent.changes > changes


@virtual
async def test_cleared_messages_are_returned():
    sent = Sent()
    waiting = sent.add(SAY, 1)
    assert [waiting] == sent.outbox.clear()
    assert () == sent.outbox.waiting


def test_pace_is_a_little_slower_than_the_rate_of_the_server():
    limiter = pace((20, 1.0))
    burst = sum(limiter.acquire(0.0) == 0 for _ in range(30))

    assert burst == 19
    assert round(limiter.wait(0.0), 9) == 0.0525
