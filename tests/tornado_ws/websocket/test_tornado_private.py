from __future__ import annotations

import os

import pytest

from tornado_ws.websocket import tornado_private
from tornado_ws.websocket.tornado_private import missing_names, unmask


def test_installed_tornado_has_all_names():
    assert () == missing_names()


def test_missing_name_is_reported(monkeypatch):
    monkeypatch.setattr(
        tornado_private, "NAMES", ("tornado.websocket.WebSocketProtocol13._gone", "tornado.websocket.x")
    )

    assert ("tornado.websocket.WebSocketProtocol13._gone", "tornado.websocket.x") == missing_names()


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 125, 1000])
def test_fallback_unmasks_as_tornado_does(size):
    mask, data = os.urandom(4), os.urandom(size)

    assert unmask(mask, data) == tornado_private._unmask(mask, data)
    assert data == tornado_private._unmask(mask, unmask(mask, data))
