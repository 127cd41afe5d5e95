"""Behavior that only the backplane of one process has; test_backplane.py tests the rest."""

from __future__ import annotations

import msgspec
import pytest

from tests.support.clock import Clock
from tornado_ws.channels import MemoryBackplane, Publication, TicketGrant

GRANT = TicketGrant(endpoint="export", data=msgspec.Raw(b"1"))


@pytest.mark.gen_test
async def test_messages_beyond_replay_are_not_recovered():
    backplane = MemoryBackplane()
    backplane.bus.attach(lambda _: None)
    start = await backplane.history.position("chat")
    for _ in range(3):
        await backplane.bus.publish(Publication(endpoint="chat", name="said", text=b"{}", room="lobby", replay=2))

    assert await backplane.history.messages_after("chat", ["lobby"], start) is None
    missed = await backplane.history.messages_after("chat", ["lobby"], start._replace(seq=1))
    assert missed is not None
    assert [2, 3] == [message.seq for message in missed]


@pytest.mark.gen_test
async def test_keys_expire_by_the_clock_of_the_controller():
    clock = Clock()
    backplane = MemoryBackplane(clock=clock)
    key = await backplane.tickets.issue(GRANT, client="ann", ttl=10, limit=1)

    clock.now += 10

    assert await backplane.tickets.peek(key) is None


def test_one_process_is_local():
    assert MemoryBackplane().bus.local


@pytest.mark.gen_test
async def test_closing_discards_keys_and_messages():
    backplane = MemoryBackplane()
    key = await backplane.tickets.issue(GRANT, client="ann", ttl=10, limit=1)
    epoch, _ = await backplane.history.position("chat")

    backplane.close()

    assert await backplane.tickets.redeem(key) is None
    assert epoch != (await backplane.history.position("chat")).epoch
