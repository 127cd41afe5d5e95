from __future__ import annotations

import logging

import pytest

from tornado_ws.channels.redis.redis_health import RedisHealth


def test_all_parts_must_be_connected():
    health = RedisHealth("h:1")
    assert not health.healthy
    health.expect("commands")
    health.expect("subscriptions")

    health.set("commands", None)
    assert not health.healthy
    health.set("subscriptions", None)
    assert health.healthy
    health.set("commands", "closed")
    assert not health.healthy


def test_each_change_is_one_line(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    changes: list[str] = []
    health = RedisHealth("h:1", on_down=lambda: changes.append("down"))
    health.set("commands", None)
    health.set("subscriptions", None)
    assert "" == caplog.text

    for _ in range(2):
        health.set("commands", "closed")
        health.set("subscriptions", "closed too")
        health.set("commands", "closed again")
        assert health.down
        health.set("commands", None)
        health.set("subscriptions", None)
        assert not health.down

    assert 2 * [
        "the backplane is down: Redis at h:1, commands: closed",
        "the backplane is back after 0.0 s: Redis at h:1",
    ] == [record.getMessage() for record in caplog.records]
    assert 2 == health.outages
    assert ["down", "down"] == changes


def test_removed_part_is_no_problem():
    health = RedisHealth("h:1")
    health.set("commands at a", None)
    health.set("commands at b", "closed")

    health.remove("commands at b")

    assert health.healthy
    assert not health.down
