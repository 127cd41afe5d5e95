from __future__ import annotations

import sys

import pytest

from tornado_ws import ConfigurationError, WebSocketController
from tornado_ws.channels import backplane_at


@pytest.mark.parametrize("scheme", ["redis", "rediss", "unix"])
def test_controller_accepts_a_url(scheme: str):
    from tornado_ws.channels.redis import RedisBackplane

    sockets = WebSocketController(backplane=f"{scheme}://localhost:1/0")

    assert isinstance(sockets.context.backplane, RedisBackplane)


def test_unknown_scheme_is_an_error():
    with pytest.raises(
        ConfigurationError, match="backplane: expected a URL with the scheme redis or rediss or unix, got 'amqp://x'"
    ):
        WebSocketController(backplane="amqp://x")


def test_missing_driver_is_an_error_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "tornado_ws.channels.redis", None)

    with pytest.raises(ConfigurationError, match=r"backplane: .*; pip install 'tornado-ws\[redis\]'"):
        backplane_at("redis://localhost")
