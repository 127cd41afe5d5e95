"""Delivery between processes; test_redis.py tests it with connections, and an outage."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tornado_ws.channels import Publication
from tornado_ws.channels.redis.redis_bus import RedisBus
from tornado_ws.channels.redis.redis_client import RedisClient
from tornado_ws.channels.redis.redis_log import RedisLog

pytestmark = pytest.mark.slow  # needs redis-server, which `make quick` does not install

PLAIN = Publication(endpoint="chat", name="said", text=b"{}")
KEPT = Publication(endpoint="chat", name="said", text=b"{}", replay=10)


class Process:
    """Bus, and the messages that it has delivered."""

    def __init__(self, url: str, prefix: str) -> None:
        self.client = RedisClient(url, prefix=prefix)
        self.log = RedisLog(self.client)
        self.bus = RedisBus(self.client, self.log)
        self.delivered: list[Publication] = []
        self.bus.attach(self.delivered.append)

    @property
    def numbers(self) -> list[int | None]:
        return [publication.seq for publication in self.delivered]

    async def stop(self) -> None:
        await self.bus.stop()
        await self.client.close()


@pytest.fixture
def processes(redis_server, request: pytest.FixtureRequest, io_loop) -> Iterator[tuple[Process, Process]]:
    both = Process(redis_server.url, request.node.name), Process(redis_server.url, request.node.name)
    yield both
    for process in both:
        io_loop.run_sync(process.stop)


@pytest.mark.gen_test
async def test_message_is_delivered_once_by_each_process(processes, until):
    one, other = processes
    await other.bus.start()

    await one.bus.publish(PLAIN)
    await one.bus.publish(KEPT)

    await until(lambda: len(other.delivered) == 2)
    assert [None, 1] == one.numbers == other.numbers


@pytest.mark.gen_test
async def test_delivery_begins_at_the_newest_message(processes):
    one, other = processes
    await one.bus.publish(KEPT)
    await one.bus.publish(KEPT)

    assert 2 == other.bus.delivered_seq("chat", 2)
    assert 2 == other.bus.delivered_seq("chat", 3)


@pytest.mark.gen_test
async def test_messages_missed_while_not_subscribed_are_delivered_on_start(processes):
    one, other = processes
    other.bus.delivered_seq("chat", 0)
    await one.bus.publish(KEPT)
    await one.bus.publish(KEPT)

    await other.bus.start()

    assert [1, 2] == other.numbers
    assert other.bus.is_complete("chat")


@pytest.mark.gen_test
async def test_endpoint_is_incomplete_if_missed_messages_are_no_longer_kept(processes):
    one, other = processes
    other.bus.delivered_seq("chat", 0)
    await one.bus.publish(KEPT)
    await one.client.execute("DEL", one.client.key("log", "chat"))

    await other.bus.start()

    assert [] == other.numbers
    assert not other.bus.is_complete("chat")


@pytest.mark.gen_test
async def test_next_kept_message_of_an_incomplete_endpoint_begins_an_epoch(processes):
    one, other = processes
    await one.log.ensure_epoch("chat")
    before = await one.log.position("chat")
    other.bus._incomplete.add("chat")

    await other.bus.publish(KEPT)

    assert before.epoch != (await one.log.position("chat")).epoch
    assert other.bus.is_complete("chat")


@pytest.mark.gen_test
async def test_bus_is_healthy_while_it_is_subscribed(processes):
    one, _ = processes
    assert not one.bus.healthy

    await one.bus.start()
    assert one.bus.healthy

    one.bus.close()
    assert not one.bus.healthy
