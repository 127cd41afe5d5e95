from __future__ import annotations

import re

import pytest

from tornado_ws.errors import ConfigurationError
from tornado_ws.server.origin_rules import matching_rules, parse_rule

EXTENSION = "chrome-extension://abcdefghijklmnopabcdefghijklmnop"
FIREFOX = "moz-extension://0ff38ba4-9a2c-4d0c-8e3c-3f0c9f7f1a11"


@pytest.mark.parametrize(
    ("rule", "origins"),
    [
        ("https://example.org", ["https://example.org", "https://example.org:443", "HTTPS://EXAMPLE.ORG"]),
        ("https://example.org:8443", ["https://example.org:8443"]),
        ("http://localhost:*", ["http://localhost", "http://localhost:80", "http://localhost:5173"]),
        ("https://*.example.org", ["https://a.example.org", "https://www-2.example.org"]),
        ("https://*.example.org:*", ["https://a.example.org", "https://a.example.org:8443"]),
        ("http://*.localhost:*", ["http://a.localhost:5173"]),
        ("http://[::1]:*", ["http://[::1]", "http://[::1]:5173"]),
        ("http://127.0.0.1:5173", ["http://127.0.0.1:5173"]),
        ("https://example.org.", ["https://example.org."]),
        ("capacitor://localhost", ["capacitor://localhost"]),
        ("ionic://localhost", ["ionic://localhost"]),
        ("tauri://localhost", ["tauri://localhost"]),
        ("app://obsidian.md", ["app://obsidian.md"]),
        (EXTENSION, [EXTENSION]),
        (FIREFOX, [FIREFOX]),
        ("moz-extension://*", [FIREFOX]),
        ("safari-web-extension://*", ["safari-web-extension://E1E1E1E1-0000-4000-8000-000000000000"]),
        ("null", ["null"]),
        ("file://", ["file://"]),
    ],
)
def test_rule_matches_its_origins(rule, origins):
    for origin in origins:
        assert parse_rule(rule) in matching_rules(origin), origin


@pytest.mark.parametrize(
    ("rule", "origins"),
    [
        ("https://example.org", ["http://example.org", "https://example.org:444", "https://example.org.", "null"]),
        (
            "https://*.example.org",
            [
                "https://example.org",
                "https://.example.org",
                "https://*.example.org",
                "https://a.b.example.org",
                "https://aexample.org",
                "https://a.example.org.evil.example",
                "https://a.example.org:8443",
                "http://a.example.org",
                "https://evil.example/.example.org",
                "https://evil.example#.example.org",
                "https://evil.example\\.example.org",
                "https://evil.example@a.example.org",
                "https://a.example.org@evil.example",
                "https://evil.example%2f.example.org",
            ],
        ),
        (
            "http://localhost:*",
            ["http://localhost.evil.example", "http://localhost:", "http://localhost:x", "https://localhost"],
        ),
        (
            "http://127.0.0.1:*",
            ["http://127.1", "http://0x7f.0.0.1", "http://2130706433", "http://127.0.0.1.evil.example"],
        ),
        ("capacitor://localhost", ["capacitor://localhost:1", "http://localhost", "capacitor://a.localhost"]),
        ("moz-extension://*", [EXTENSION, "moz-extension://", "https://moz-extension"]),
        ("null", ["file://", "", "https://null"]),
    ],
)
def test_rule_matches_nothing_else(rule, origins):
    for origin in origins:
        assert parse_rule(rule) not in matching_rules(origin), origin


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("HTTPS://Example.ORG", "https://example.org"),
        ("https://example.org/", "https://example.org"),
        (" https://example.org ", "https://example.org"),
        ("https://example.org:443", "https://example.org"),
        ("https://example.org:0443", "https://example.org"),
        ("http://example.org:00080", "http://example.org"),
        ("http://*.example.org:80", "http://*.example.org"),
        ("http://example.org:443", "http://example.org:443"),
        ("http://[0:0:0::1]:5173", "http://[::1]:5173"),
        ("https://xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example"),
        ("Null", "null"),
    ],
)
def test_harmless_spellings_are_normalized(written, rule):
    assert rule == parse_rule(written)


@pytest.mark.parametrize(
    ("written", "expected", "hint"),
    [
        ("example.org", "scheme, host and port only", '"https://example.org"'),
        ("localhost:5173", "scheme, host and port only", '"http://localhost:5173"'),
        ("//example.org", "scheme, host and port only", '"https://example.org"'),
        ("https://example.org/app/", "scheme, host and port only", '"https://example.org"'),
        ("https://example.org?a=b", "scheme, host and port only", '"https://example.org"'),
        ("https://ann:key@example.org", "scheme, host and port only", '"https://example.org"'),
        ("https://example.org:", "scheme, host and port only", '"https://example.org"'),
        ("https://München.example:8443", "scheme, host and port only", '"https://xn--mnchen-3ya.example:8443"'),
        ("https://straße.example", "scheme, host and port only", '"https://xn--strae-oqa.example"'),
        ("https://127.1/app", "scheme, host and port only", "such as"),
        ("https://exa\tmple.org", "scheme, host and port only", "such as"),
        ("https://[::1%eth0]", "scheme, host and port only", "such as"),
        ("https://a.org,https://b.org", "scheme, host and port only", "such as"),
        ("https://", "scheme, host and port only", "such as"),
        ("", "scheme, host and port only", "such as"),
        ("*.example.org", "scheme, host and port only", "matches one label"),
        ("https://pr-*.example.org", "scheme, host and port only", "matches one label"),
        ("https://*.*.example.org", "scheme, host and port only", "matches one label"),
        ("https://a.*.example.org", "scheme, host and port only", "matches one label"),
        ("*://example.org", "scheme, host and port only", "such as"),
        ("https://*", "a host", "matches one label"),
        ("moz-extension://*:80", "a host", "matches one label"),
        ("chrome-extension://*", "a host", "list the id of each extension"),
        ("chrome-extension://my-extension", "the id of an extension", "32 letters from a to p"),
        ("https://*.org", "the subdomains of a domain", "such as"),
        ("https://*.org.", "the subdomains of a domain", "such as"),
        ("http://*.127.0.0.1", "the subdomains of a domain", "such as"),
        ("capacitor://*.localhost", "the subdomains of a domain", "such as"),
        ("https://127.1", "a host name or an address", "such as"),
        ("https://0x7f000001", "a host name or an address", "such as"),
        ("https://example..org", "a host name or an address", "such as"),
        ("https://" + "a" * 64 + ".org", "a host name or an address", "such as"),
        ("https://[::1::]", "a host name or an address", "such as"),
        ("https://example.org:0", "a port from 1 to 65535", "such as"),
        ("https://example.org:65536", "a port from 1 to 65535", "such as"),
        ("wss://example.org", "the scheme of a page", '"https://example.org"'),
        ("ws://localhost:8888", "the scheme of a page", '"http://localhost:8888"'),
        ("ftp://example.org", "the scheme of a page", '"https://example.org"'),
        (None, "text", "such as"),
    ],
)
def test_rule_that_can_match_nothing_is_an_error_with_a_hint(written, expected, hint):
    with pytest.raises(ConfigurationError, match=f"^origins: expected {re.escape(expected)}, got ") as error:
        parse_rule(written)

    assert hint in str(error.value)
