from __future__ import annotations

import json

import pytest
from tornado.httpclient import HTTPClientError

from tests.support.lab import Done, Echo, Job, Lab, StartJob
from tornado_ws import ConfigurationError, WebSocketController
from tornado_ws.server.client_address import networks
from tornado_ws.server.public_path import forwarded_prefix, parse_public_path, without_prefix

TRUSTED = networks("trusted_proxies", ["10.0.0.1"])
BEHIND_PROXY = {"trusted_proxies": ["127.0.0.1"], "origins": []}


@pytest.mark.parametrize(
    ("written", "prefix"),
    [(None, None), ("/", ""), ("", ""), ("/app", "/app"), ("/app/", "/app"), ("/a/b-2.0/", "/a/b-2.0")],
)
def test_setting_has_no_slash_at_its_end(written, prefix):
    assert prefix == parse_public_path(written, "/_/connect/")


@pytest.mark.parametrize(
    "path",
    [
        "app",
        "//app",
        "/app//",
        "/app//x",
        "https://example.org/app",
        "/app?x",
        "/a b",
        "/../app",
        "/app/.",
        "/ä",
        "/%2e",
    ],
)
def test_setting_that_is_not_a_path_is_an_error(path):
    with pytest.raises(ConfigurationError, match="public_path: expected a path, got"):
        WebSocketController(public_path=path)


def test_setting_of_another_type_is_an_error():
    with pytest.raises(ConfigurationError, match="public_path: expected str or None, got 5"):
        WebSocketController(public_path=5)


def test_connect_path_does_not_repeat_the_prefix():
    with pytest.raises(ConfigurationError, match=r"connect_path: expected a path after '/app/', .*'/_/connect/'"):
        WebSocketController(public_path="/app/", connect_path="/app/_/connect/")


@pytest.mark.parametrize(
    ("value", "peer", "prefix"),
    [
        ("/app", "10.0.0.1", "/app"),
        ("/app/", "10.0.0.1", "/app"),
        ("/outer, /inner/", "10.0.0.1", "/outer/inner"),
        ("/", "10.0.0.1", ""),
        ("", "10.0.0.1", ""),
        (None, "10.0.0.1", ""),
        ("/app", "8.8.8.8", ""),
        ("/app", "", ""),
        ("//evil.example", "10.0.0.1", ""),
        ("/app, //evil.example", "10.0.0.1", ""),
        ("https://evil.example", "10.0.0.1", ""),
        ("/\\evil.example", "10.0.0.1", ""),
        ("/..", "10.0.0.1", ""),
        ("app", "10.0.0.1", ""),
    ],
)
def test_prefix_is_taken_from_trusted_proxies_if_it_is_a_path(value, peer, prefix):
    headers = {} if value is None else {"X-Forwarded-Prefix": value}

    assert prefix == forwarded_prefix(headers, peer, TRUSTED)


@pytest.mark.parametrize(
    ("path", "prefix", "rest"),
    [
        ("/app/x", "/app", "/x"),
        ("/x", "/app", "/x"),
        ("/application/x", "/app", "/application/x"),
        ("/app", "/app", "/app"),
        ("/app/x", "", "/app/x"),
        ("/app/x", None, "/app/x"),
    ],
)
def test_prefix_that_a_proxy_keeps_is_ignored(path, prefix, rest):
    assert rest == without_prefix(path, prefix)


@pytest.fixture
def issued(app, http_client, http_port):
    """Return a function that mounts a one-time endpoint, and returns a URL of it."""

    async def issued(sockets: WebSocketController, **headers: str) -> str:
        app.add_handlers(".*", [*sockets.ephemeral(Job), sockets.action("/jobs/(.+)", StartJob)])
        answer = await http_client.fetch(
            f"http://127.0.0.1:{http_port}/jobs/7",
            method="POST",
            body="",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        url: str = json.loads(answer.body)["url"]
        return url

    return issued


@pytest.mark.gen_test
@pytest.mark.parametrize("kept", [True, False])
async def test_one_time_url_below_a_path_is_valid_with_and_without_it(make_sockets, connect, issued, kept, caplog):
    url = await issued(make_sockets(public_path="/app/"), X_Forwarded_Prefix="/other")

    assert url.startswith("/app/_/connect/long-job-")
    async with connect(Job, url=url if kept else url.removeprefix("/app")) as client:
        assert Done(7) == await client.expect(Done)
    assert url.rpartition("-")[2] not in caplog.text


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("settings", "prefix"),
    [
        (BEHIND_PROXY, "/app"),
        ({}, ""),
        ({**BEHIND_PROXY, "public_path": "/"}, ""),
        ({**BEHIND_PROXY, "public_path": "/mine"}, "/mine"),
        ({**BEHIND_PROXY, "connect_path": "/app/_/connect/"}, ""),
    ],
)
async def test_setting_comes_before_the_prefix_of_a_trusted_proxy(make_sockets, issued, settings, prefix):
    sockets = make_sockets(**settings)

    url = await issued(sockets, X_Forwarded_Prefix="/app")

    assert url.startswith(f"{prefix}{sockets.context.connect_path}long-job-")


@pytest.mark.gen_test
@pytest.mark.parametrize("path", ["/lab/a", "/app/lab/a"])
async def test_endpoint_below_a_path_is_served_with_and_without_it(app, make_sockets, connect, path):
    app.add_handlers(".*", make_sockets(public_path="/app").persistent(Lab))

    async with connect(Lab, url=path) as ann:
        assert await ann.request(Echo("a")) == "a"


@pytest.mark.gen_test
@pytest.mark.parametrize("path", ["/app/app/lab/a", "/other/lab/a", "/applab/a", "/app/lab/a/"])
async def test_other_prefixes_are_not_served(app, make_sockets, connect, path):
    app.add_handlers(".*", make_sockets(public_path="/app").persistent(Lab))

    with pytest.raises(HTTPClientError, match="404"):
        await connect(Lab, url=path).__aenter__()
