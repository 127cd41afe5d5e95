from __future__ import annotations

import pytest

from tornado_ws.errors import ConfigurationError
from tornado_ws.server.origins import Origins


def allows(origins: list[str] | None, origin: str | None, host: str | None = "backend:8888", **headers: str) -> bool:
    sent = {"Origin": origin, "Host": host, **headers}
    present = {name: value for name, value in sent.items() if value is not None}
    return Origins.parse(origins, behind_proxy=False).allow(present)


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
        ("null", "null", False),
        ("file://", "", False),
        ("capacitor://localhost", "localhost", False),
        ("", "example.org", False),
        ("", "", False),
        ("https://", "", False),
        ("file://", "example.org", False),
        ("https://example.org/", "example.org", False),
        ("https://example.org/path", "example.org", False),
        ("https://example.org, https://evil.example", "example.org", False),
        ("https://[::1", "[::1", False),
        ("https://[::1]:8443", "[::1]:8443", True),
        ("https://[::ffff:102:304]", "[::ffff:102:304]", True),
        ("https://*", "*", False),
        ("https://example.org", None, False),
        (None, "example.org", True),
    ],
)
def test_default_allows_the_host_of_the_request(origin, host, allowed):
    assert allows(None, origin, host) is allowed


def test_list_replaces_the_default():
    listed = ["https://example.org", "http://localhost:5173"]

    assert allows(listed, "https://example.org")
    assert allows(listed, "https://example.org:443")
    assert allows(listed, "http://localhost:5173")
    assert not allows(listed, "http://backend:8888")
    assert not allows(listed, "http://example.org", "example.org")


def test_empty_list_allows_no_page():
    assert not allows([], "https://example.org", "example.org")
    assert allows([], None)


def test_star_allows_any_origin():
    assert allows(["*"], "https://any.example")
    assert allows(["*"], "null")
    assert allows(["*"], None, **{"Sec-Fetch-Site": "cross-site"})


@pytest.mark.parametrize("origins", [None, ["https://example.org"]])
@pytest.mark.parametrize(
    ("site", "allowed"),
    [("none", True), ("same-origin", True), ("same-site", False), ("cross-site", False), ("", False)],
)
def test_request_of_a_browser_without_its_origin_is_allowed_for_the_same_origin_only(origins, site, allowed):
    assert allows(origins, None, **{"Sec-Fetch-Site": site}) is allowed


@pytest.mark.parametrize("site", ["none", "same-origin"])
def test_origin_decides_whatever_the_browser_reports_beside_it(site):
    assert not allows(["https://example.org"], "https://evil.example", **{"Sec-Fetch-Site": site})


def test_header_of_an_old_draft_is_not_an_origin():
    assert allows(["https://example.org"], None, **{"Sec-WebSocket-Origin": "https://evil.example"})
    assert not allows(
        ["https://example.org"], "https://evil.example", **{"Sec-WebSocket-Origin": "https://example.org"}
    )


def test_default_behind_a_proxy_is_an_error():
    with pytest.raises(ConfigurationError, match="list the origins of your pages"):
        Origins.parse(None, behind_proxy=True)


def test_string_instead_of_a_list_is_an_error():
    with pytest.raises(ConfigurationError, match="expected a list of origins, got one string"):
        Origins.parse("https://example.org", behind_proxy=False)


def test_star_beside_other_origins_is_an_error():
    with pytest.raises(ConfigurationError, match='expected no other origins beside "\\*"'):
        Origins.parse(["*", "https://example.org"], behind_proxy=False)


@pytest.mark.parametrize(
    ("origins", "headers", "text"),
    [
        (
            None,
            {"Origin": "https://www.example.org", "Host": "app.internal"},
            "origin 'https://www.example.org' is not the host of the request, 'app.internal': "
            "is `proxy_set_header Host $http_host` missing? or list it in origins=[…]",
        ),
        *(
            (
                None,
                {"Origin": origin, "Host": host},
                f"origin {origin!r} is not the host of the request, {host!r}: "
                "a proxy has changed the port; `proxy_set_header Host $http_host` keeps it, or list it in origins=[…]",
            )
            for origin, host in [
                ("https://www.example.org:8443", "www.example.org"),
                ("https://WWW.example.org", "www.example.org:8000"),
                ("http://[::1]:8080", "[::1]"),
            ]
        ),
        (
            ["HTTPS://example.org/"],
            {"Origin": "https://x.example\n", "Host": "app.internal"},
            "origin 'https://x.example\\n' is not in origins=['https://example.org']; "
            "the host of the request is 'app.internal'",
        ),
        (
            None,
            {"Sec-Fetch-Site": "cross-site"},
            "a browser sent the request (Sec-Fetch-Site 'cross-site'), but no Origin: does a proxy remove it?",
        ),
    ],
)
def test_log_names_the_setting_that_decides_and_its_hint(origins, headers, text):
    assert text == Origins.parse(origins, behind_proxy=False).explain(headers)


def test_log_contains_a_part_of_a_long_header():
    origins = Origins.parse(None, behind_proxy=False)

    assert len(origins.explain({"Origin": "x" * 10_000, "Host": "y" * 10_000})) < 600
