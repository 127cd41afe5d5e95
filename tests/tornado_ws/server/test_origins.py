from __future__ import annotations

import pytest

from tornado_ws.errors import ConfigurationError
from tornado_ws.server.origins import Origins


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        ("https://example.org", "example.org", True),
        ("https://Example.org", "EXAMPLE.org", True),
        ("https://example.org:443", "example.org", True),
        ("https://example.org", "example.org:443", True),
        ("http://localhost:8888", "localhost:8888", True),
        ("http://localhost:5173", "localhost:8888", False),
        ("http://example.org", "example.org:443", False),
        ("https://evil.example", "example.org", False),
        ("https://example.org.evil.example", "example.org", False),
        ("https://example.org@evil.example", "example.org", False),
        ("null", "example.org", False),
        ("", "example.org", False),
        ("file://", "example.org", False),
        ("https://example.org/path", "example.org", False),
        ("https://[::1", "[::1", False),
        ("https://[::1]:8443", "[::1]:8443", True),
        ("https://example.org", None, False),
        (None, "example.org", True),
    ],
)
def test_default_allows_the_host_of_the_request(origin, host, allowed):
    assert Origins.parse(None, behind_proxy=False).allow(origin, host) is allowed


def test_list_replaces_the_default():
    origins = Origins.parse(["https://example.org", "http://localhost:5173"], behind_proxy=True)

    assert origins.allow("https://example.org", "backend:8888")
    assert origins.allow("https://example.org:443", "backend:8888")
    assert origins.allow("http://localhost:5173", "backend:8888")
    assert not origins.allow("http://backend:8888", "backend:8888")
    assert not origins.allow("http://example.org", "example.org")


def test_star_allows_any_origin():
    assert Origins.parse(["*"], behind_proxy=False).allow("https://any.example", "example.org")


def test_default_behind_a_proxy_is_an_error():
    with pytest.raises(ConfigurationError, match="list the origins of your pages"):
        Origins.parse(None, behind_proxy=True)


@pytest.mark.parametrize(
    "origin", ["example.org", "https://example.org/", "ftp://example.org", "https://", "https://a b:x", "*.example.org"]
)
def test_malformed_origin_is_an_error(origin):
    with pytest.raises(ConfigurationError, match="origins: expected"):
        Origins.parse([origin], behind_proxy=False)


def test_string_instead_of_a_list_is_an_error():
    with pytest.raises(ConfigurationError, match="expected a list of origins, got one string"):
        Origins.parse("https://example.org", behind_proxy=False)
