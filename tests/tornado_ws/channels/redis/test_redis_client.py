from __future__ import annotations

import asyncio
import time

import pytest

from tornado_ws.channels.redis.redis_client import RedisClient
from tornado_ws.errors import BackplaneDown

NO_SERVER = "redis://127.0.0.1:1/0"


@pytest.fixture
def client(redis_server, request, io_loop):
    """Return a client of a server."""
    client = RedisClient(redis_server.url, prefix=request.node.name)
    yield client
    io_loop.run_sync(client.stop)


def test_names_begin_with_the_prefix():
    assert "app:ticket:x" == RedisClient(NO_SERVER, prefix="app").key("ticket", "x")


@pytest.mark.gen_test
async def test_commands_without_a_server_fail_at_once(caplog):
    client = RedisClient(NO_SERVER, prefix="app")

    with pytest.raises(BackplaneDown, match="the backplane cannot be reached: Connect call failed"):
        await client.execute("GET", "x")
    began = time.monotonic()
    for _ in range(100):
        with pytest.raises(BackplaneDown):
            await client.run_script("return 1", ())
    client.post("SET", "x", "1")

    assert time.monotonic() - began < 0.3
    assert 1 == len(caplog.records)
    await client.stop()


@pytest.mark.gen_test
async def test_commands_after_the_end_fail():
    client = RedisClient(NO_SERVER, prefix="app")
    client.start()
    waiting = asyncio.ensure_future(client.execute("GET", "x"))
    await asyncio.sleep(0)

    await client.stop()

    for command in (waiting, client.execute("GET", "x")):
        with pytest.raises(BackplaneDown, match="the backplane is closed"):
            await command


@pytest.mark.slow
@pytest.mark.gen_test
async def test_script_receives_keys_and_arguments_and_is_known_by_its_digest(client, redis_server):
    script = "return {KEYS[1], ARGV[1]}"
    assert [b"k", b"a"] == await client.run_script(script, ("k",), "a")

    redis_server.execute("SCRIPT", "FLUSH")

    answers = await asyncio.gather(*(client.run_script(script, ("k",), at) for at in range(50)))
    assert [[b"k", b"%d" % at] for at in range(50)] == answers


@pytest.mark.slow
@pytest.mark.gen_test
async def test_refused_command_fails_with_the_reason(client):
    await client.execute("SET", client.key("a", "b"), "x")

    with pytest.raises(BackplaneDown, match="WRONGTYPE"):
        await client.execute("LPUSH", client.key("a", "b"), "x")
    assert b"x" == await client.execute("GET", client.key("a", "b"))


@pytest.mark.slow
@pytest.mark.gen_test
async def test_many_commands_at_once_share_one_connection(client, redis_server):
    name = client.key("counter", "x")

    counts = await asyncio.gather(*(client.execute("INCR", name) for _ in range(3000)))

    assert list(range(1, 3001)) == counts
    assert 1 == redis_server.execute("CLIENT", "LIST").count(b"cmd=incr")


@pytest.mark.slow
@pytest.mark.gen_test
async def test_command_that_may_have_been_executed_is_not_repeated(client, redis_server):
    await client.execute("SET", client.key("a", "b"), "x")
    connection = client.servers._batcher.connection  # type: ignore[attr-defined]
    redis_server.pause()
    waiting = asyncio.ensure_future(client.execute("INCR", client.key("n", "n")))
    await asyncio.sleep(0.05)
    connection._transport.abort()
    with pytest.raises(BackplaneDown):
        await waiting
    redis_server.resume()
