from __future__ import annotations

import sys

import pytest

from tornado_ws import ConfigurationError, WebSocketController
from tornado_ws.channels import backplane_at
from tornado_ws.channels.redis import RedisBackplane


@pytest.mark.parametrize("url", ["redis://localhost:1/0", "valkeys+cluster://localhost", "unix:///run/redis.sock"])
def test_controller_accepts_a_url(url: str):
    sockets = WebSocketController(backplane=url)

    assert isinstance(sockets.context.backplane, RedisBackplane)


def test_unknown_scheme_is_an_error():
    with pytest.raises(
        ConfigurationError, match=r"backplane: expected a URL with the scheme unix, redis, .*, got 'amqp'"
    ):
        backplane_at("amqp://x")


def test_missing_driver_is_an_error_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "tornado_ws.channels.redis", None)

    with pytest.raises(ConfigurationError, match=r"backplane: .*; pip install 'tornado-ws\[redis\]'"):
        backplane_at("redis://localhost")
