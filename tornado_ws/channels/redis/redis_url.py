"""Settings of a Redis server in a URL."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl, unquote

from ...errors import ConfigurationError

__all__ = ["SCHEMES", "Address", "RedisSettings", "parse_url"]

Address: TypeAlias = tuple[str, int]
"""Host and port; the path of a Unix socket has the port 0."""
Topology: TypeAlias = Literal["server", "sentinel", "cluster"]

_NAMES = ("redis", "valkey")
SCHEMES: dict[str, tuple[Topology, bool]] = {
    "unix": ("server", False),
    **{name: ("server", False) for name in _NAMES},
    **{f"{name}s": ("server", True) for name in ("redis", "valkey")},
    **{f"{name}+{kind}": (kind, False) for name in _NAMES for kind in ("sentinel", "cluster")},
    **{f"{name}s+{kind}": (kind, True) for name in _NAMES for kind in ("sentinel", "cluster")},
}
"""Topology of each URL scheme, and True for TLS."""
OPTIONS = ("sentinel_username", "sentinel_password")
"""Options in the query of a URL with sentinels."""
TLS_OPTIONS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname")
"""Options in the query of a URL with TLS, as in redis-py."""
PORT = 6379
SENTINEL_PORT = 26379


@dataclass(frozen=True, kw_only=True)
class RedisSettings:
    """Settings of the connections to Redis."""

    topology: Topology = "server"
    addresses: tuple[Address, ...]
    """Address of the server; with sentinels or a cluster, at least one of theirs."""
    database: int = 0
    username: str | None = None
    password: str | None = None
    service: str = ""
    """Name of the service that the sentinels watch."""
    sentinel_username: str | None = None
    sentinel_password: str | None = None
    tls_options: Mapping[str, Any] = field(default_factory=dict)
    """Options of TLS for redis-py; empty without TLS."""


def parse_url(url: str) -> RedisSettings:
    """Return the settings in a URL.

    Raises:
        ConfigurationError: If the URL is invalid. The text does not contain the password.
    """
    scheme, separator, rest = url.partition("://")
    if scheme not in SCHEMES or not separator:
        raise _error(f"expected a URL with the scheme {', '.join(SCHEMES)}, got {scheme.partition(':')[0]!r}")
    topology, tls = SCHEMES[scheme]
    rest, _, query = rest.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    network, slash, path = rest.partition("/")
    credentials, _, hosts = network.rpartition("@")
    username, _, password = credentials.partition(":")
    service = ""
    if scheme == "unix":
        addresses: tuple[Address, ...] = ((unquote(slash + path), 0),)
        if hosts or not path:
            raise _error("expected the path of a socket, such as unix:///run/redis.sock?db=0")
        path = ""
    else:
        port = SENTINEL_PORT if topology == "sentinel" else PORT
        addresses = tuple(_address(host, port) for host in hosts.split(","))
        if topology == "server" and len(addresses) > 1:
            raise _error("expected one host, or a URL with +sentinel or +cluster in its scheme")
    if topology == "sentinel":
        service, _, path = path.partition("/")
        if not service:
            raise _error(
                "expected the name of the service after the sentinels, such as redis+sentinel://host:26379/name"
            )
    database = _database(options.pop("db", "") or path or "0")
    if topology == "cluster" and database != 0:
        raise _error(f"expected no database, since a cluster has only one, got {database}")
    password = options.pop("password", "") or unquote(password)
    allowed = (*(OPTIONS if topology == "sentinel" else ()), *(TLS_OPTIONS if tls else ()))
    if unknown := [name for name in options if name not in allowed]:
        raise _error(f"expected the options {', '.join(('db', 'password', *allowed))}, got {unknown[0]!r}")
    return RedisSettings(
        topology=topology,
        addresses=addresses,
        database=database,
        username=unquote(username) or None,
        password=password or None,
        service=unquote(service),
        sentinel_username=options.get("sentinel_username"),
        sentinel_password=options.get("sentinel_password"),
        tls_options=_tls_options(options) if tls else {},
    )


def _address(text: str, default_port: int) -> Address:
    host, _, port = text.rpartition(":") if ":" in text.rpartition("]")[2] else (text, "", "")
    host = host.removeprefix("[").removesuffix("]")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise _error(f"expected a port from 1 to 65535, got {port!r}")
    return host or "localhost", int(port or default_port)


def _database(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise _error(f"expected the number of a database, such as 0, got {text!r}")
    return int(text)


def _tls_options(options: dict[str, str]) -> dict[str, Any]:
    verify = _choice(options, "ssl_cert_reqs", ("required", "none"))
    check = _choice(options, "ssl_check_hostname", ("true", "false")) == "true"
    files: dict[str, Any] = {
        name: options[name] for name in ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile") if name in options
    }
    try:
        context = ssl.create_default_context(cafile=files.get("ssl_ca_certs"))
        if "ssl_certfile" in files:
            context.load_cert_chain(files["ssl_certfile"], files.get("ssl_keyfile"))
    except OSError as error:
        raise _error(f"the TLS files cannot be loaded: {error}") from None
    return {"ssl": True, "ssl_cert_reqs": verify, "ssl_check_hostname": check and verify == "required", **files}


def _choice(options: dict[str, str], name: str, choices: Iterable[str]) -> str:
    choices = tuple(choices)
    chosen = options.get(name, choices[0]).lower()
    if chosen not in choices:
        raise _error(f"expected {name}={' or '.join(choices)}, got {chosen!r}")
    return chosen


def _error(problem: str) -> ConfigurationError:
    return ConfigurationError("backplane", problem)
