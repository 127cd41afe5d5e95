"""Subscriptions over a fake connection; test_faults.py tests them with Redis."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from tornado_ws.channels.redis.subscription_link import SubscriptionLink


class FakeConnection:
    """Connection that answers the first subscription, and then fails when the test lets it."""

    def __init__(self) -> None:
        self.failure: asyncio.Future[list[bytes]] = asyncio.get_running_loop().create_future()
        self.replies = [[b"subscribe", b"anchor", b"1"]]

    async def send_command(self, *args: object) -> None: ...

    async def read_response(self) -> list[bytes]:
        return self.replies.pop() if self.replies else await self.failure


class FakeEvents:
    def __init__(self) -> None:
        self.linked = asyncio.Event()

    def on_message(self, name: bytes, payload: bytes) -> None: ...

    def on_subscribed(self, name: bytes) -> None: ...

    def on_trouble(self, moved: bool) -> None: ...

    def on_link(self, link: SubscriptionLink, problem: str | None) -> None:
        self.linked.set()


@pytest.mark.gen_test
async def test_link_ends_if_its_connection_fails_at_the_same_moment():
    connection, events = FakeConnection(), FakeEvents()

    @asynccontextmanager
    async def connect():
        yield connection

    link = SubscriptionLink(connect, events, part="pubsub", anchor=b"anchor")
    link.start()
    await events.linked.wait()
    for _ in range(3):
        await asyncio.sleep(0)  # the connection is read

    connection.failure.set_exception(ConnectionError("lost"))
    await asyncio.sleep(0)
    link.close()

    async with asyncio.timeout(5):
        await link.stop()
