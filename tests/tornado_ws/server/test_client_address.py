from __future__ import annotations

import pytest

from tornado_ws.errors import ConfigurationError
from tornado_ws.server.client_address import client_address, is_public, networks, parse_forwarded, shown_peer

TRUSTED = networks("trusted_proxies", ["10.0.0.0/8", "::1"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("8.8.8.8", [], "8.8.8.8"),
        ("8.8.8.8", ["1.1.1.1"], "8.8.8.8"),
        ("10.0.0.1", ["1.1.1.1"], "1.1.1.1"),
        ("10.0.0.1", ["6.6.6.6, 1.1.1.1"], "1.1.1.1"),
        ("10.0.0.1", ["6.6.6.6, 1.1.1.1, 10.0.0.2"], "1.1.1.1"),
        ("10.0.0.1", ["6.6.6.6", "1.1.1.1"], "1.1.1.1"),
        ("::1", ["2001:db8::1"], "2001:db8::1"),
        ("10.0.0.1", ["10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["nonsense"], "unknown"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["1.1.1.1:5678"], "1.1.1.1"),
        ("10.0.0.1", ["6.6.6.6:1, 1.1.1.1:5678, 10.0.0.2:80"], "1.1.1.1"),
        ("10.0.0.1", ["[2001:DB8::1]:5678"], "2001:db8::1"),
        ("10.0.0.1", ["[2001:db8::1]"], "2001:db8::1"),
        ("10.0.0.1", ["::ffff:1.1.1.1"], "1.1.1.1"),
        ("10.0.0.1", ["[::ffff:1.1.1.1]:80"], "1.1.1.1"),
        ("::ffff:10.0.0.1", ["1.1.1.1"], "1.1.1.1"),
        ("::ffff:8.8.8.8", [], "8.8.8.8"),
        ("", ["1.1.1.1"], ""),
        ("10.0.0.1", ["1.1.1.1, unknown"], "unknown"),
        ("10.0.0.1", ["1.1.1.1, "], "unknown"),
        ("10.0.0.1", ["1.1.1.1:port"], "unknown"),
        ("10.0.0.1", ["1.1.1:80"], "unknown"),
        ("10.0.0.1", ["[1.1.1.1:80"], "unknown"),
    ],
)
def test_client_is_the_last_hop_that_is_not_a_trusted_proxy(peer, forwarded, client):
    assert client == client_address(peer, forwarded, TRUSTED)


def test_invalid_network_is_rejected():
    with pytest.raises(ConfigurationError, match="trusted_proxies: 'nginx' does not appear to be"):
        networks("trusted_proxies", ["nginx"])


def test_clients_of_unix_sockets_have_a_name():
    assert "1.1.1.1" == client_address("0.0.0.0", ["1.1.1.1"], networks("trusted_proxies", ["unix:"]))


@pytest.mark.parametrize(
    ("address", "public"),
    [("8.8.8.8", True), ("2606:4700::1", True), ("10.0.0.1", False), ("::1", False), ("0.0.0.0", False), ("", False)],
)
def test_address_of_the_internet_is_public(address, public):
    assert public == is_public(address)


def test_forwarded_addresses_have_no_ports():
    assert ["1.1.1.1", "2001:db8::1", "10.0.0.2"] == parse_forwarded(["1.1.1.1:80, x", "[2001:DB8::1]:5,10.0.0.2"])


def test_peer_of_a_unix_socket_is_shown_as_the_setting_names_it():
    assert ("unix:", "10.0.0.1") == (shown_peer("0.0.0.0"), shown_peer("10.0.0.1"))


@pytest.mark.parametrize("value", [3, True, None, b"10.0.0.1"])
def test_network_that_is_not_text_is_refused(value):
    with pytest.raises(ConfigurationError, match="trusted_proxies: expected str, got"):
        networks("trusted_proxies", [value])
