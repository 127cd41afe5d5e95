from __future__ import annotations

from collections.abc import Iterator

import pytest

from tornado_ws.channels import Position, Publication
from tornado_ws.channels.redis import redis_log
from tornado_ws.channels.redis.bus_message import decode, encode
from tornado_ws.channels.redis.redis_client import RedisClient
from tornado_ws.channels.redis.redis_log import RedisLog

pytestmark = pytest.mark.slow  # needs redis-server, which `make quick` does not install

TEXT = encode(Publication(endpoint="chat", name="said", text=b"{}"), sender="me")


@pytest.fixture
def client(redis_server, request: pytest.FixtureRequest, io_loop) -> Iterator[RedisClient]:
    client = RedisClient(redis_server.url, prefix=request.node.name)
    yield client
    io_loop.run_sync(client.close)


@pytest.fixture
def log(client: RedisClient) -> RedisLog:
    return RedisLog(client)


async def numbers(log: RedisLog, *, after: int, last: int) -> list[int | None] | None:
    messages = await log.messages("chat", after=after, last=last)
    return None if messages is None else [message.seq for message in messages]


@pytest.mark.gen_test
async def test_appended_message_is_numbered_and_published(client, log):
    async with client.subscription() as texts:
        assert [1, 2] == [await log.append_and_publish("chat", TEXT) for _ in range(2)]
        assert [1, 2] == [decode(await anext(texts)).seq for _ in range(2)]


@pytest.mark.gen_test
async def test_messages_after_a_number_are_complete_or_none(log):
    for _ in range(3):
        await log.append_and_publish("chat", TEXT)

    assert [2, 3] == await numbers(log, after=1, last=3)
    assert [] == await numbers(log, after=3, last=3)
    assert await numbers(log, after=4, last=3) is None
    assert await numbers(log, after=3, last=4) is None


@pytest.mark.gen_test
async def test_oldest_messages_are_discarded(log, monkeypatch):
    monkeypatch.setattr(redis_log, "SIZE", 2)
    for _ in range(3):
        await log.append_and_publish("chat", TEXT)

    assert await numbers(log, after=0, last=3) is None
    assert [2, 3] == await numbers(log, after=1, last=3)


@pytest.mark.gen_test
async def test_epoch_is_empty_until_a_sequence_begins(log):
    assert Position("", 0) == await log.position("chat")

    await log.ensure_epoch("chat")
    epoch, seq = await log.position("chat")
    await log.ensure_epoch("chat")

    assert len(epoch) == 16
    assert 0 == seq
    assert Position(epoch, 0) == await log.position("chat")


@pytest.mark.gen_test
async def test_replaced_epoch_keeps_the_numbers(log):
    await log.append_and_publish("chat", TEXT)
    before = await log.position("chat")

    await log.replace_epoch("chat")

    after = await log.position("chat")
    assert before.epoch != after.epoch
    assert 1 == before.seq == after.seq


@pytest.mark.gen_test
async def test_lost_position_begins_a_new_epoch_without_old_messages(client, log):
    for _ in range(2):
        await log.append_and_publish("chat", TEXT)
    await client.execute("DEL", client.key("seq", "chat"))

    assert 1 == await log.append_and_publish("chat", TEXT)
    assert [1] == await numbers(log, after=0, last=1)
