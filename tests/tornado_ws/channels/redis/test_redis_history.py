"""Scripts on the keys of one channel."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.support.receivers import BOUNDS, LOBBY, Receiver, kept
from tornado_ws.channels import KeptMessage, Position
from tornado_ws.channels.redis import RedisBackplane, redis_history
from tornado_ws.channels.redis.redis_history import RedisHistory

pytestmark = pytest.mark.slow


@pytest.fixture
def published() -> list[KeptMessage]:
    """Return the messages of this process."""
    return []


@pytest.fixture
def backplane(redis_server, request, io_loop, published) -> Iterator[RedisBackplane]:
    """Return a backplane without followers."""
    backplane = RedisBackplane(redis_server.url, prefix=request.node.name)
    backplane.attach(Receiver())
    yield backplane
    io_loop.run_sync(backplane.stop)


@pytest.fixture
def history(backplane, published) -> RedisHistory:
    """Return the history of a channel."""
    return RedisHistory(backplane.client, published.append, lambda: None)


def command(history: RedisHistory, **values: object) -> redis_history._KeptCommand:
    client = history._client
    message = kept(**values)
    numbers, on_kept = history._numbers, history._on_kept
    return redis_history._KeptCommand(client, message, history.keys(LOBBY), history.process_id, numbers, on_kept)


@pytest.mark.gen_test
async def test_repetition_has_the_position_of_the_first(history, published, redis_server):
    commands = [command(history) for _ in range(3)]
    for one in commands:
        history._client.servers.send(one, in_order=True)
    await asyncio.gather(*(one.result for one in commands))
    positions = [one.position for one in commands]

    for one in commands:
        again = command(history)
        again._number = one._number
        again.sent = again.repeated = True
        redis_server.execute("SCRIPT", "FLUSH")  # as after a restart
        history._client.servers.send(again, in_order=True)
        await again.result
        assert one.position == again.position

    head, messages = await history.read(LOBBY, 0)
    assert positions[-1] == head
    assert positions == [message.position for message in messages]
    assert ["", positions[0].mark, positions[1].mark] == [message.previous for message in messages]
    assert 3 == len({message.position for message in published})


@pytest.mark.gen_test
async def test_repetition_that_is_not_kept_any_more_fails(history):
    from tornado_ws.endpoint import Replay
    from tornado_ws.errors import BackplaneDown

    positions = [await history.publish_kept(kept(history=Replay(count=1))) for _ in range(3)]
    again = command(history)
    again._number = 1
    history._client.servers.send(again, in_order=True)

    with pytest.raises(BackplaneDown, match="the answer to a publication was lost"):
        await again.result
    assert positions[-1] == (await history.read(LOBBY, -1))[0]


@pytest.mark.gen_test
async def test_publication_that_comes_too_late_is_not_executed(history, monkeypatch):
    await history.publish_kept(kept())
    monkeypatch.setattr(redis_history, "LATE", -1000)

    late = command(history)
    late.sent = True
    late.deadline = asyncio.get_running_loop().time()
    history._client.servers.send(late, in_order=True)
    await asyncio.wait((late.result,))

    assert "the publication came too late" in str(late.result.exception())
    assert 1 == (await history.read(LOBBY, -1))[0].seq


@pytest.mark.gen_test
async def test_clock_of_the_server_may_be_set(history):
    await history.publish_kept(kept())
    connection = history._client.servers._batcher.connection
    object.__setattr__(connection.info, "clock_offset", connection.info.clock_offset - 3600)

    assert 2 == (await history.publish_kept(kept())).seq
    assert 2 == (await history.read(LOBBY, -1))[0].seq


@pytest.mark.gen_test
async def test_only_the_expected_epoch_is_renewed(history):
    first = await history.publish_kept(kept())

    second = await history.renew(LOBBY, first.epoch)
    third = await history.renew(LOBBY, first.epoch)
    fourth = await history.renew(LOBBY, "")

    assert second == third == Position(second.epoch, 0, "")
    assert 3 == len({first.epoch, second.epoch, fourth.epoch})
    assert (fourth, []) == await history.read(LOBBY, 0)


@pytest.mark.gen_test
async def test_history_expires_long_before_the_position(history, redis_server):
    await history.publish_kept(kept(history=BOUNDS))
    keys = history.keys(LOBBY)

    assert 590_000 < redis_server.execute("PTTL", keys.stream) <= 600_000
    assert 86_000 < redis_server.execute("TTL", keys.position) <= 86_400
    redis_server.execute("EXPIRE", keys.position, 10)
    history.prolong([keys])
    await history.heads([keys])
    assert 86_000 < redis_server.execute("TTL", keys.position)


@pytest.mark.gen_test
async def test_position_forgets_processes_that_are_gone(history, redis_server):
    key = history.keys(LOBBY).position
    for number in range(50):
        redis_server.execute("HSET", key, f"process{number}", f"1 e 1 m  {number}")

    await history.publish_kept(kept())

    fields = redis_server.execute("HKEYS", key)
    assert {b"epoch", b"seq", b"mark", history.process_id.encode()} == set(fields)


@pytest.mark.gen_test
async def test_heads_are_those_of_the_channels(history):
    position = await history.publish_kept(kept())

    assert [position, None] == await history.heads([history.keys(LOBBY), history.keys(LOBBY._replace(room="none"))])
