from __future__ import annotations

import logging

import pytest
from tornado.httpclient import HTTPClientError

from tests.support.lab import Job, Lab, StartJob
from tornado_ws.rate_limited_log import RateLimitedLog
from tornado_ws.server.client_address import networks
from tornado_ws.server.untrusted_proxies import MAX_PROXIES, UntrustedProxies

ROOM = {"room": "a"}
TEXT = (
    "{} sends X-Forwarded-For, but is not in trusted_proxies=[{}], so that all of its clients share its address, "
    "also in rates and quotas: list it if it is your proxy"
)


@pytest.mark.parametrize(
    ("peer", "trusted", "level", "text"),
    [
        ("10.0.0.1", [], "WARNING", TEXT.format("10.0.0.1", "")),
        ("::1", ["10.0.0.0/8"], "WARNING", TEXT.format("::1", "'10.0.0.0/8'")),
        ("0.0.0.0", [], "WARNING", TEXT.format("unix:", "")),
        ("8.8.8.8", [], "INFO", TEXT.format("8.8.8.8", "")),
    ],
)
def test_untrusted_proxy_is_logged_once(peer, trusted, level, text, caplog):
    caplog.set_level(logging.INFO, "tornado_ws")
    proxies = UntrustedProxies(networks("trusted_proxies", trusted), RateLimitedLog())

    for _ in range(3):
        proxies.check(peer, ["1.1.1.1"])

    (record,) = caplog.records
    assert (level, text, "tornado_ws.handshake") == (record.levelname, record.getMessage(), record.name)


@pytest.mark.parametrize(
    ("peer", "forwarded"),
    [
        ("10.0.0.1", []),
        ("10.1.0.1", ["1.1.1.1"]),
        ("1.1.1.1", ["6.6.6.6, 1.1.1.1"]),  # as with Tornado's xheaders
    ],
)
def test_other_peers_are_not_logged(peer, forwarded, caplog):
    caplog.set_level(logging.INFO, "tornado_ws")
    proxies = UntrustedProxies(networks("trusted_proxies", ["10.1.0.0/16"]), RateLimitedLog())

    proxies.check(peer, forwarded)

    assert [] == caplog.records


def test_number_of_addresses_is_bounded(caplog):
    caplog.set_level(logging.INFO, "tornado_ws")
    proxies = UntrustedProxies((), RateLimitedLog(iter(range(0, 10_000, 2)).__next__))

    for number in range(MAX_PROXIES + 10):
        proxies.check(f"10.0.{number}.1", ["1.1.1.1"])

    assert MAX_PROXIES == len(caplog.records)


@pytest.mark.gen_test
async def test_action_reports_an_untrusted_proxy(app, sockets, http_client, http_port, caplog):
    app.add_handlers(".*", [*sockets.ephemeral(Job), sockets.action("/jobs/(.+)", StartJob)])

    url, headers = f"http://127.0.0.1:{http_port}/jobs/7", {"X-Forwarded-For": "1.1.1.1"}
    await http_client.fetch(url, method="POST", body="", headers=headers)

    assert TEXT.format("127.0.0.1", "") in caplog.messages


@pytest.mark.gen_test
async def test_refused_handshake_reports_an_untrusted_proxy(app, make_sockets, connect, caplog):
    app.add_handlers(".*", make_sockets(origins=["https://a.example"]).persistent(Lab))

    with pytest.raises(HTTPClientError, match="403"):
        await connect(Lab, ROOM, headers={"Origin": "https://b.example", "X-Forwarded-For": "1.1.1.1"}).__aenter__()

    assert TEXT.format("127.0.0.1", "") in caplog.messages
