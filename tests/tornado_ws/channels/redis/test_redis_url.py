from __future__ import annotations

import pytest

from tornado_ws.channels.redis.redis_url import RedisSettings, parse_url
from tornado_ws.errors import ConfigurationError


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        ("redis://localhost", RedisSettings(addresses=(("localhost", 6379),))),
        ("redis://", RedisSettings(addresses=(("localhost", 6379),))),
        ("valkey://h:1/2", RedisSettings(addresses=(("h", 1),), database=2)),
        ("redis://[::1]:7/0", RedisSettings(addresses=(("::1", 7),))),
        ("redis://[::1]/0", RedisSettings(addresses=(("::1", 6379),))),
        ("redis://h?db=3", RedisSettings(addresses=(("h", 6379),), database=3)),
        ("redis://:p%40%2F@h", RedisSettings(addresses=(("h", 6379),), password="p@/")),
        ("redis://u%3A:p@h", RedisSettings(addresses=(("h", 6379),), username="u:", password="p")),
        ("unix:///run/a%20b?db=1", RedisSettings(addresses=(("/run/a b", 0),), database=1)),
        ("unix://u:p@/run/a", RedisSettings(addresses=(("/run/a", 0),), username="u", password="p")),
        (
            "redis+sentinel://a,b:1/name/4?sentinel_password=s",
            RedisSettings(
                topology="sentinel",
                addresses=(("a", 26379), ("b", 1)),
                service="name",
                database=4,
                sentinel_password="s",
            ),
        ),
        ("valkey+cluster://a:1,b", RedisSettings(topology="cluster", addresses=(("a", 1), ("b", 6379)))),
    ],
)
def test_url_states_the_settings(url: str, settings: RedisSettings):
    assert settings == parse_url(url)


@pytest.mark.parametrize("scheme", ["rediss", "valkeys", "rediss+cluster", "valkeys+sentinel"])
def test_tls_verifies_certificates_by_default(scheme: str):
    options = parse_url(f"{scheme}://h/{'name' if 'sentinel' in scheme else ''}").tls_options

    assert {"ssl": True, "ssl_cert_reqs": "required", "ssl_check_hostname": True} == options


def test_tls_can_be_relaxed():
    relaxed = parse_url("rediss://h?ssl_cert_reqs=none").tls_options
    unchecked = parse_url("rediss://h?ssl_check_hostname=false").tls_options

    assert {"ssl": True, "ssl_cert_reqs": "none", "ssl_check_hostname": False} == relaxed
    assert {"ssl": True, "ssl_cert_reqs": "required", "ssl_check_hostname": False} == unchecked


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("amqp://h", "expected a URL with the scheme unix, redis, valkey, .*, got 'amqp'"),
        ("redis:u:secret@h", "got 'redis'"),
        ("redis://:secret@h:x", "expected a port from 1 to 65535, got 'x'"),
        ("redis://h:70000", "expected a port from 1 to 65535, got '70000'"),
        ("redis://h/one", "expected the number of a database, such as 0, got 'one'"),
        ("redis://a,b", r"expected one host, or a URL with \+sentinel or \+cluster in its scheme"),
        ("redis+sentinel://a,b", "expected the name of the service after the sentinels"),
        ("redis+cluster://a/1", "expected no database, since a cluster has only one, got 1"),
        ("unix://", "expected the path of a socket"),
        ("redis://h?ssl_cert_reqs=none", "expected the options db, password, got 'ssl_cert_reqs'"),
        ("rediss://h?ssl_cert_reqs=maybe", "expected ssl_cert_reqs=required or none, got 'maybe'"),
        ("rediss://h?ssl_ca_certs=/none", "the TLS files cannot be loaded: "),
    ],
)
def test_error_names_what_was_expected(url: str, problem: str):
    with pytest.raises(ConfigurationError, match=f"^backplane: .*{problem}") as raised:
        parse_url(url)

    assert "secret" not in str(raised.value)
