from __future__ import annotations

import asyncio
from dataclasses import dataclass

from tests.support.virtual_test import virtual
from tornado_ws.client.delivery_queue import DeliveryQueue
from tornado_ws.client.timers import LoopTimers


@dataclass(frozen=True)
class Item:
    id: int


class Queue:
    """Queue that collects the ids of sent messages and of their predecessors."""

    def __init__(self, rate: tuple[int, float] | None = None) -> None:
        self.sent: list[tuple[int, int | None]] = []
        self.items = [Item(number) for number in range(100)]
        self.queue: DeliveryQueue[Item] = DeliveryQueue(rate, self.note, LoopTimers())

    def note(self, item: Item, after: int | None) -> None:
        self.sent.append((item.id, after))

    def add(self, *ids: int) -> None:
        for id in ids:
            self.queue.add(self.items[id])

    def take(self) -> list[tuple[int, int | None]]:
        sent, self.sent = self.sent, []
        return sent


@virtual
async def test_messages_are_sent_in_order_with_their_predecessors():
    one = Queue()
    one.add(1, 2)
    assert [] == one.take()
    one.queue.open()
    one.queue.open()
    one.add(3)

    assert [(1, None), (2, 1), (3, 2)] == one.take()
    assert one.queue.is_sent(one.items[3])


@virtual
async def test_window_bounds_the_messages_on_their_way_and_grows_with_answers():
    one = Queue()
    one.queue.open()
    one.add(*range(40))
    assert len(one.take()) == 16
    one.queue.remove(one.items[0])
    assert [(16, 15), (17, 16)] == one.take()


@virtual
async def test_messages_without_an_answer_are_sent_again_on_the_next_connection():
    one = Queue()
    one.queue.open()
    one.add(1, 2, 3)
    one.queue.remove(one.items[2])
    one.queue.stop()
    one.take()
    one.add(4)
    assert [] == one.take()
    one.queue.open()
    assert [(1, None), (3, 1), (4, 3)] == one.take()


@virtual
async def test_message_that_was_not_handled_is_sent_again_alone():
    one = Queue()
    one.queue.open()
    one.add(1, 2, 3)
    one.take()

    assert one.queue.postpone(one.items[1], 5.0)
    assert not one.queue.postpone(one.items[2], 5.0)
    assert not one.queue.postpone(one.items[3], 5.0)
    assert not one.queue.postpone(one.items[9], 5.0)
    await asyncio.sleep(4.9)
    assert [] == one.take()
    await asyncio.sleep(0.2)
    assert [(1, None)] == one.take()
    one.queue.remove(one.items[1])
    assert [(2, None), (3, 2)] == one.take()


@virtual
async def test_messages_are_no_faster_than_their_rate():
    one = Queue((3, 3.0))
    one.queue.open()
    one.add(1, 2, 3, 4)
    assert len(one.take()) == 2
    await asyncio.sleep(1.06)
    assert len(one.take()) == 1
    one.queue.remove(one.items[4])
    await asyncio.sleep(5)
    assert [] == one.take()
