"""Keys of the store in Redis; test_backplane.py tests the rest."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from tornado_ws.channels import TicketGrant
from tornado_ws.channels.redis.redis_client import RedisClient
from tornado_ws.channels.redis.redis_tickets import RedisTicketStore
from tornado_ws.errors import TooManyTickets

pytestmark = pytest.mark.slow  # needs redis-server, which `make quick` does not install

GRANT = TicketGrant(endpoint="export", data=msgspec.Raw(b"1"))


@pytest.mark.gen_test
async def test_keys_expire_and_are_limited_per_client(redis_server):
    client = RedisClient(redis_server.url, prefix="keys")
    tickets = RedisTicketStore(client)
    first = await tickets.issue(GRANT, client="ann", ttl=10, limit=2)
    short = await tickets.issue(GRANT, client="ann", ttl=1.0, limit=2)
    with pytest.raises(TooManyTickets) as raised:
        await tickets.issue(GRANT, client="ann", ttl=10, limit=2)
    assert 0 < raised.value.retry_after <= 1.0

    assert await tickets.peek(first) == GRANT
    await asyncio.sleep(1.1)
    assert await tickets.peek(short) is None
    await tickets.issue(GRANT, client="ann", ttl=10, limit=2)
    assert await tickets.redeem(first) == GRANT
    assert await tickets.redeem(first) is None
    await tickets.issue(GRANT, client="ann", ttl=10, limit=2)
    await client.stop()


@pytest.mark.gen_test
async def test_neither_keys_nor_clients_are_readable_in_redis(redis_server):
    client = RedisClient(redis_server.url, prefix="digests")
    key = await RedisTicketStore(client).issue(GRANT, client="ann", ttl=10, limit=2)

    names = await client.execute("KEYS", "digests:*")

    assert 2 == len(names)
    assert not any(key in name.decode() or b"ann" in name for name in names)
    await client.stop()
