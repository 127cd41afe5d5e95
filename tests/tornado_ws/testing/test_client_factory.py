from __future__ import annotations

import pytest

from generated.chat import CHAT, ChatParams
from tests.support.lab import Job
from tornado_ws.testing import Connect


@pytest.mark.parametrize("params", [ChatParams(room="lobby", nick="ann"), {"room": "lobby", "nick": "ann"}])
def test_params_become_path_and_query(params: object):
    client = Connect(8888)(CHAT, params)

    assert "ws://127.0.0.1:8888/chat/lobby?nick=ann" == client._url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/x?y=1", "ws://127.0.0.1:8888/x?y=1"),
        ("http://localhost:1/x", "ws://localhost:1/x"),
        ("https://a/", "wss://a/"),
    ],
)
def test_url_may_be_a_path_or_absolute(url: str, expected: str):
    assert expected == Connect(8888)(CHAT, url=url)._url


def test_ephemeral_endpoint_requires_a_url():
    with pytest.raises(TypeError, match="long-job is ephemeral; pass the url that an action returned"):
        Connect(8888)(Job)
