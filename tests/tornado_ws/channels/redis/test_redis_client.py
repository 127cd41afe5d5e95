from __future__ import annotations

import pytest

from tornado_ws.channels.redis.redis_client import RedisClient
from tornado_ws.errors import BackplaneDown

NO_SERVER = "redis://127.0.0.1:1/0"


def test_names_begin_with_the_prefix():
    client = RedisClient(NO_SERVER, prefix="app")

    assert "app:bus" == client.channel
    assert "app:log:chat" == client.key("log", "chat")


@pytest.mark.gen_test
async def test_command_without_a_server_raises_backplane_down():
    client = RedisClient(NO_SERVER, prefix="app")

    with pytest.raises(BackplaneDown, match="the backplane cannot be reached: "):
        await client.execute("PING")
    with pytest.raises(BackplaneDown):
        await client.run_script("return 1", ())


@pytest.mark.gen_test
async def test_subscription_without_a_server_raises_backplane_down():
    client = RedisClient(NO_SERVER, prefix="app")

    with pytest.raises(BackplaneDown):
        async with client.subscription():
            pytest.fail("subscribed without a server")


@pytest.mark.slow
@pytest.mark.gen_test
async def test_script_receives_keys_and_arguments(redis_server):
    client = RedisClient(redis_server.url, prefix="app")

    assert ["k", "a"] == await client.run_script("return {KEYS[1], ARGV[1]}", ("k",), "a")
    await client.close()


@pytest.mark.slow
@pytest.mark.gen_test
async def test_subscription_returns_messages_of_the_channel(redis_server):
    client = RedisClient(redis_server.url, prefix="subscription")

    async with client.subscription() as texts:
        await client.execute("PUBLISH", client.channel, "hello")
        assert "hello" == await anext(texts)
    await client.close()
