"""History while Redis is down; test_backplane.py tests the rest."""

from __future__ import annotations

import pytest

from tornado_ws.channels import Position
from tornado_ws.channels.redis import RedisBackplane

NO_SERVER = "redis://127.0.0.1:1/0"


@pytest.mark.gen_test
async def test_nothing_can_be_resumed_without_a_server(monkeypatch):
    monkeypatch.setattr("tornado_ws.channels.redis.redis_bus.TIMEOUT", 0.05)
    backplane = RedisBackplane(NO_SERVER)

    position = await backplane.history.position("chat")

    assert 0 == position.seq
    assert await backplane.history.messages_after("chat", [], position) is None
    await backplane.stop()


@pytest.mark.slow
@pytest.mark.gen_test
async def test_incomplete_endpoint_cannot_be_resumed(redis_server):
    backplane = RedisBackplane(redis_server.url, prefix="incomplete")
    epoch, seq = await backplane.history.position("chat")

    assert [] == await backplane.history.messages_after("chat", [], Position(epoch, seq))
    backplane.bus._incomplete.add("chat")

    assert await backplane.history.messages_after("chat", [], Position(epoch, seq)) is None
    await backplane.stop()
