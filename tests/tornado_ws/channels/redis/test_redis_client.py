from __future__ import annotations

import asyncio
import time

import pytest

from tests.support.two_processes import until
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

    with pytest.raises(BackplaneDown, match="connection refused"):
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
async def test_many_commands_at_once_share_few_connections(client, redis_server):
    name = client.key("counter", "x")

    counts = await asyncio.gather(*(client.execute("INCR", name) for _ in range(5000)))

    assert list(range(1, 5001)) == sorted(counts)
    assert redis_server.execute("CLIENT", "LIST").count(b"cmd=incr") <= 4


@pytest.mark.slow
@pytest.mark.gen_test
async def test_command_that_may_have_been_executed_is_not_repeated(client, redis_server):
    waiting = asyncio.ensure_future(client.execute("BLPOP", client.key("a", "b"), 0))
    await until(lambda: b"cmd=blpop" in redis_server.execute("CLIENT", "LIST"))

    redis_server.execute("CLIENT", "KILL", "TYPE", "normal")

    with pytest.raises(BackplaneDown):
        await asyncio.wait_for(waiting, 1)


@pytest.mark.slow
@pytest.mark.gen_test
async def test_command_that_was_not_sent_waits_for_a_new_connection(redis_server, request):
    client = RedisClient(redis_server.url, prefix=request.node.name)
    await client.execute("SET", client.key("a", "b"), "x")

    for _ in range(10):
        redis_server.execute("CLIENT", "KILL", "TYPE", "normal")
        await asyncio.sleep(0.01)
        assert b"x" == await client.execute("GET", client.key("a", "b"))
    await client.stop()


@pytest.mark.slow
@pytest.mark.gen_test
async def test_busy_event_loop_is_no_silence(client, caplog):
    await client.execute("SET", client.key("a", "b"), "x")

    for _ in range(3):
        waiting = asyncio.ensure_future(client.execute("GET", client.key("a", "b")))
        await asyncio.sleep(0)
        time.sleep(1.6)  # noqa: ASYNC251, since the loop must be blocked
        assert b"x" == await waiting

    assert "" == caplog.text
