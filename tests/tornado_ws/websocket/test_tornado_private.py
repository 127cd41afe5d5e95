from __future__ import annotations

import os
import re

import pytest
import tornado

from tests.support.versions import lowest
from tornado_ws import ConfigurationError
from tornado_ws.websocket import tornado_private
from tornado_ws.websocket.tornado_private import SUPPORTED, missing_names, require_supported_tornado, unmask


def test_installed_tornado_has_all_names():
    assert () == missing_names()


def test_missing_name_is_reported(monkeypatch):
    monkeypatch.setattr(
        tornado_private, "NAMES", ("tornado.websocket.WebSocketProtocol13._gone", "tornado.websocket.x")
    )

    assert ("tornado.websocket.WebSocketProtocol13._gone", "tornado.websocket.x") == missing_names()


def test_missing_name_is_an_error_with_the_versions(monkeypatch):
    require_supported_tornado()
    monkeypatch.setattr(tornado_private, "NAMES", ("tornado.websocket.x", "tornado.websocket.y"))

    expected = f"tornado: version {tornado.version} lacks tornado.websocket.x, tornado.websocket.y; supported versions"
    with pytest.raises(ConfigurationError, match=f"^{re.escape(expected)}: 6.5 to "):
        require_supported_tornado()


def test_supported_versions_are_those_of_the_tests():
    first, _, last = SUPPORTED.partition(" to ")

    assert lowest()["tornado"] == first
    assert tornado.version_info[:2] <= tuple(map(int, last.split(".")))


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 125, 1000])
def test_fallback_unmasks_as_tornado_does(size):
    mask, data = os.urandom(4), os.urandom(size)

    assert unmask(mask, data) == tornado_private._unmask(mask, data)
    assert data == tornado_private._unmask(mask, unmask(mask, data))
