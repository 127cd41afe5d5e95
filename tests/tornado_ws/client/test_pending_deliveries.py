from __future__ import annotations

import asyncio

from tests.support.orders import ORDERS, SoldOut
from tests.support.virtual_test import virtual
from tornado_ws import ConnectionClosed, ErrorData, RequestFailed, RequestTimeout
from tornado_ws.client.pending_deliveries import Delivery, PendingDeliveries
from tornado_ws.client.timers import LoopTimers
from tornado_ws.validation.codec import Codec


class Deliveries:
    """Deliveries that collect frames and outcomes."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.outcomes: dict[int, object] = {}
        self.all = PendingDeliveries(
            ORDERS.client, Codec(ORDERS).application_errors, write=self.sent.append, timers=LoopTimers()
        )

    def add(self, id: int) -> None:
        self.all.add(
            Delivery(
                id=id,
                message=ORDERS.client[0],
                text=b'{"id":%d}' % id,
                on_ack=lambda: self.outcomes.update({id: "ack"}),
                on_error=lambda error: self.outcomes.update({id: error}),
            )
        )

    def take(self) -> list[bytes]:
        sent = [*self.sent]
        self.sent.clear()
        return sent


def refusal(code: str, delay: int | None = None) -> ErrorData:
    return ErrorData(code=code, message="", retry_after_ms=delay)


@virtual
async def test_outcomes_reach_the_callers():
    one = Deliveries()
    one.all.open()
    for id in (1, 2, 3):
        one.add(id)
    assert [b'{"id":1}', b'{"after":1,"id":2}', b'{"after":2,"id":3}'] == one.take()
    one.all.acknowledge(1)
    one.all.acknowledge(1)
    assert one.all.reject(2, refusal("sold_out"))
    assert not one.all.reject(2, refusal("sold_out"))
    one.all.discard(3)

    assert one.outcomes[1] == "ack"
    assert isinstance(one.outcomes[2], SoldOut)
    assert 3 not in one.outcomes
    assert len(one.all) == 0


@virtual
async def test_unhandled_message_is_sent_again():
    one = Deliveries()
    one.all.open()
    one.add(1)
    one.take()
    assert one.all.reject(1, refusal("unavailable", 2000))
    await asyncio.sleep(2.1)

    assert [b'{"id":1}'] == one.take()
    assert one.all.reject(1, refusal("rate_limited"))  # an outcome without a time to wait
    assert isinstance(one.outcomes[1], RequestFailed)


@virtual
async def test_message_is_given_up_before_the_server_forgets_its_outcome():
    one = Deliveries()
    one.all.open()
    one.add(1)
    one.all.stop()
    await asyncio.sleep(109)
    assert {} == one.outcomes
    await asyncio.sleep(2)
    assert isinstance(one.outcomes[1], RequestTimeout)


@virtual
async def test_message_that_was_sent_again_in_time_may_still_be_answered():
    one = Deliveries()
    one.all.open()
    one.add(1)
    one.all.stop()
    await asyncio.sleep(100)
    one.all.open()
    assert len(one.take()) == 2
    await asyncio.sleep(20)
    assert {} == one.outcomes
    one.all.stop()
    await asyncio.sleep(0)
    await asyncio.sleep(0.1)
    assert isinstance(one.outcomes[1], RequestTimeout)


@virtual
async def test_message_that_was_never_sent_waits_for_a_connection():
    one = Deliveries()
    one.add(1)
    await asyncio.sleep(500)
    one.all.open()
    assert [b'{"id":1}'] == one.take()
    one.all.stop()
    one.all.fail_all(ConnectionClosed(1000, None))
    assert isinstance(one.outcomes[1], ConnectionClosed)


@virtual
async def test_refusal_does_not_prolong_the_attempts_of_a_message_that_an_earlier_connection_carried():
    one = Deliveries()
    one.all.open()
    one.add(1)
    one.all.stop()
    one.all.open()
    one.all.reject(1, refusal("unavailable", 200_000))
    one.take()
    await asyncio.sleep(201)

    assert [] == one.take()
    assert isinstance(one.outcomes[1], RequestTimeout)
