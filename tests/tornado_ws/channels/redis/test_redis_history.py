"""Scripts on the keys of one channel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.receivers import BOUNDS, LOBBY, Receiver, kept
from tornado_ws.channels import KeptMessage, Position
from tornado_ws.channels.redis import RedisBackplane, command_batcher, redis_history
from tornado_ws.channels.redis.redis_history import RedisHistory
from tornado_ws.errors import BackplaneDown

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


def command(history: RedisHistory, **values: object) -> redis_history._Publication:
    client = history._client
    return redis_history._Publication(client, kept(**values), history.keys(LOBBY), history.process_id, history._on_kept)


@pytest.mark.gen_test
async def test_repetition_has_the_position_of_the_first(history, published, redis_server):
    commands = [command(history) for _ in range(3)]
    positions = [await history._client.send(one) for one in commands]

    for one, position in zip(commands, positions, strict=True):
        again = command(history)
        again._seen_key = one._seen_key
        redis_server.execute("SCRIPT", "FLUSH")  # as after a restart
        assert position == await history._client.send(again)

    head, messages = await history.read(LOBBY, 0)
    assert positions[-1] == head
    assert positions == [message.position for message in messages]
    assert ["", positions[0].mark, positions[1].mark] == [message.previous for message in messages]
    assert 3 == len({message.position for message in published})


@pytest.mark.gen_test
async def test_publication_that_comes_too_late_is_not_executed(history, monkeypatch):
    await history.publish_kept(kept())
    monkeypatch.setattr(redis_history, "LATE", -1000)
    monkeypatch.setattr(command_batcher, "DEADLINE", 0.2)

    with pytest.raises(BackplaneDown, match="no answer in time"):
        await history.publish_kept(kept())

    assert 1 == (await history.read(LOBBY, -1))[0].seq


@pytest.mark.gen_test
async def test_clock_of_the_server_may_be_set(history):
    await history.publish_kept(kept())
    history._client._router._batchers[None]._clock_offset -= 3600

    assert 2 == (await history.publish_kept(kept())).seq


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
async def test_heads_are_those_of_the_channels(history):
    position = await history.publish_kept(kept())

    assert [position, None] == await history.heads([history.keys(LOBBY), history.keys(LOBBY._replace(room="none"))])
