"""Ticket store in Redis."""

from __future__ import annotations

import asyncio

import msgspec

from ...errors import TooManyTickets
from ..ticket_store import TicketGrant, TicketStore, digest, make_key
from .redis_client import RedisClient

__all__ = ["RedisTicketStore"]

COUNT = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then
  return redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] - now
end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return -1
"""
"""Script that counts a key and returns -1. At the limit, it returns the milliseconds until a key expires."""


class _StoredGrant(msgspec.Struct, frozen=True, kw_only=True):
    grant: TicketGrant
    client: str
    """Digest of the client, for the limit of keys."""


_decoder = msgspec.json.Decoder(_StoredGrant)


class RedisTicketStore(TicketStore):
    """Grants that all processes share, by the digest of their keys.

    The grant of a key and the count of its client are in two hash slots of a cluster, so that two commands are sent.
    """

    def __init__(self, client: RedisClient) -> None:
        self._client = client

    async def issue(self, grant: TicketGrant, *, client: str, ttl: float, limit: int) -> str:
        """Store a grant under a new key."""
        key = make_key()
        ticket = self._ticket_key(key)
        counted_for = digest(client)
        milliseconds = round(ttl * 1000)
        stored = msgspec.json.encode(_StoredGrant(grant=grant, client=counted_for))
        wait, _ = await asyncio.gather(
            self._client.run_script(COUNT, (self._client_key(counted_for),), ticket, milliseconds, limit),
            self._client.execute("SET", ticket, stored, "PX", milliseconds),
        )
        if wait >= 0:
            self._client.post("DEL", ticket)
            raise TooManyTickets(limit, wait / 1000)
        return key

    async def peek(self, key: str) -> TicketGrant | None:
        """Return the grant of a key without using the key; None if it is unknown, used or expired."""
        stored = await self._client.execute("GET", self._ticket_key(key))
        return None if stored is None else _decoder.decode(stored).grant

    async def redeem(self, key: str) -> TicketGrant | None:
        """Use a key and return its grant; None if it is unknown, used or expired."""
        ticket = self._ticket_key(key)
        found = await self._client.execute("GETDEL", ticket)
        if found is None:
            return None
        stored = _decoder.decode(found)
        self._client.post("ZREM", self._client_key(stored.client), ticket)
        return stored.grant

    def _ticket_key(self, key: str) -> str:
        return self._client.key("ticket", digest(key))

    def _client_key(self, counted_for: str) -> str:
        return self._client.key("tickets", counted_for)
