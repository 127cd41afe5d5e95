from __future__ import annotations

import msgspec
import pytest

from tests.support.clock import Clock
from tornado_ws.channels import MemoryBackplane, Publication
from tornado_ws.channels.tickets import Grant
from tornado_ws.errors import TooManyTickets

GRANT = Grant(endpoint="export", data=msgspec.Raw(b"1"))


def publication(**values: object) -> Publication:
    return Publication(**{"endpoint": "chat", "name": "said", "text": b"{}", **values})  # type: ignore[arg-type]


@pytest.mark.gen_test
async def test_what_is_published_is_delivered_at_once():
    delivered: list[Publication] = []
    backplane = MemoryBackplane()
    backplane.attach(delivered.append)
    message = publication(room="lobby")

    await backplane.publish(message)

    assert delivered == [message]


@pytest.mark.gen_test
async def test_messages_that_are_kept_are_numbered_when_they_are_published():
    delivered: list[Publication] = []
    backplane = MemoryBackplane()
    backplane.attach(delivered.append)
    for _ in range(3):
        await backplane.publish(publication(room="lobby", replay=2))
    await backplane.publish(publication(endpoint="other", replay=2))

    assert [1, 2, 3, 1] == [message.seq for message in delivered]
    epoch, seq = await backplane.head("chat")
    assert 3 == seq
    assert await backplane.missed("chat", ["lobby"], epoch, 0) is None
    missed = await backplane.missed("chat", ["lobby"], epoch, 1)
    assert missed is not None
    assert [2, 3] == [kept.seq for kept in missed]


@pytest.mark.gen_test
async def test_a_backplane_that_nobody_uses_says_so():
    with pytest.raises(RuntimeError, match="said was published before a controller used this backplane"):
        await MemoryBackplane().publish(publication())


@pytest.mark.gen_test
async def test_keys_are_kept_until_they_are_used_or_expire():
    clock = Clock()
    backplane = MemoryBackplane(clock=clock)
    key = await backplane.issue(GRANT, client="ann", ttl=10, most=2)
    late = await backplane.issue(GRANT, client="ann", ttl=10, most=2)
    with pytest.raises(TooManyTickets):
        await backplane.issue(GRANT, client="ann", ttl=10, most=2)

    assert await backplane.peek(key) == GRANT
    assert await backplane.redeem(key) == GRANT
    assert await backplane.redeem(key) is None
    clock.now += 10
    assert await backplane.peek(late) is None


@pytest.mark.gen_test
async def test_closing_forgets_everything():
    backplane = MemoryBackplane()
    backplane.attach(lambda _: None)
    key = await backplane.issue(GRANT, client="ann", ttl=10, most=2)
    epoch, _ = await backplane.head("chat")

    backplane.close()

    assert await backplane.redeem(key) is None
    assert (await backplane.head("chat")).epoch != epoch
