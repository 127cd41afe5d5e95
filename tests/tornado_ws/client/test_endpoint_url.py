from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.support.lab import LAB
from tests.support.orders import ORDERS
from tornado_ws import ConfigurationError
from tornado_ws.client.endpoint_url import endpoint_url, require_http_url, websocket_url


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://example.org", "wss://example.org/lab/a?level=2"),
        ("http://example.org:81/", "ws://example.org:81/lab/a?level=2"),
        ("wss://example.org/app", "wss://example.org/app/lab/a?level=2"),
        ("ws://[::1]:8888/app/", "ws://[::1]:8888/app/lab/a?level=2"),
        ("https://ann:pw@example.org", "wss://ann:pw@example.org/lab/a?level=2"),
    ],
)
def test_path_of_the_endpoint_is_added_to_the_url_of_the_server(base: str, url: str):
    assert url == endpoint_url(LAB, base, {"room": "a", "level": 2})


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"room": "a/b c?"}, "/lab/a%2Fb%20c%3F"),
        ({"room": "é"}, "/lab/%C3%A9"),
        ({"room": "a", "tags": ["x", "y&z"]}, "/lab/a?tags=x&tags=y%26z"),
        ({"room": "a", "tags": []}, "/lab/a"),
        ({"room": 3, "on": True, "off": None, "half": 0.5}, "/lab/3?on=true&half=0.5"),
    ],
)
def test_parameters_fill_the_path_and_the_query(values: dict[str, Any], path: str):
    assert f"ws://h{path}" == endpoint_url(LAB, "ws://h", values)


def test_endpoint_without_params_has_a_plain_path():
    assert endpoint_url(ORDERS, "http://h", {}) == "ws://h/orders"
    assert endpoint_url(replace(ORDERS, path="/"), "http://h/app", {}) == "ws://h/app/"


@pytest.mark.parametrize(
    "base", ["", "example.org", "ftp://example.org", "https://", "https:///x", "http://h:x", "//h"]
)
def test_malformed_url_is_refused(base: str):
    with pytest.raises(ConfigurationError, match=r"url: expected a URL such as https://example.org, got"):
        websocket_url(base)


def test_url_of_the_endpoint_itself_is_refused():
    expected = "expected the URL of the server, such as https://example.org; /lab/{room} is added to it"
    with pytest.raises(ConfigurationError, match=f"url: {expected}, got ws://h/app/lab/a"):
        endpoint_url(LAB, "ws://h/app/lab/a", {"room": "a"})
    with pytest.raises(ConfigurationError, match="got a query or fragment; parameters are `params`"):
        endpoint_url(LAB, "ws://h/?room=a", {"room": "a"})


@pytest.mark.parametrize("room", [".", "..", "", None, []])
def test_part_of_a_path_that_servers_remove_is_refused(room: object):
    with pytest.raises(ConfigurationError, match=r"params\.room: expected a part of a path, got"):
        endpoint_url(LAB, "ws://h", {"room": room})


def test_action_needs_the_scheme_of_requests():
    require_http_url("http://h/x")
    require_http_url("https://h/x")
    with pytest.raises(ConfigurationError, match="action: expected a URL that begins with http: or https:"):
        require_http_url("ws://h/x")
