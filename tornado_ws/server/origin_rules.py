"""Rules that name one origin, all ports of a host, or all subdomains of a domain."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from ..errors import ConfigurationError

__all__ = ["matching_rules", "parse_rule"]

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
RANDOM_HOSTS: Final = frozenset({"moz-extension", "safari-web-extension"})
"""Schemes of extensions whose browser chooses another host for each installation, so that no list can contain it."""
WITHOUT_HOST: Final = frozenset({"null", "file://"})
"""Origins of pages without a host: sandboxed frames, and files; some web views send the latter for files."""
NEVER_SENT: Final = {"ws": "http", "wss": "https", "ftp": "https", "blob": "https"}
"""Schemes that no page has as its origin, and the scheme that was probably meant."""
CHROME: Final = "chrome-extension"
HINT: Final = 'such as "https://example.org", "https://*.example.org", "http://localhost:*" or "capacitor://localhost"'
WILDCARD_HINT: Final = '"https://*.example.org" matches one label, "https://example.org:*" all ports, ["*"] all origins'
CHROME_HINT: Final = "list the id of each extension, 32 letters from a to p"

_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::([0-9]{1,5}))?")
_RULE = re.compile(r"([a-z][a-z0-9+.-]*)://(\[[0-9a-f:.]+\]|\*|(?:\*\.)?[a-z0-9_.-]+)(?::([0-9]{1,5}|\*))?")
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_CHROME_ID = re.compile(r"[a-p]{32}")


def parse_rule(text: object) -> str:
    """Return a rule in the spelling of browsers: lower case, without a default port, a final slash and spaces.

    Args:
        text: ``scheme://host:port``, where the port may be ``*`` and the first label of the host may be ``*``; or
            ``null`` or ``file://``.

    Raises:
        ConfigurationError: If no ``Origin`` header can match the rule.
    """
    if not isinstance(text, str):
        raise ConfigurationError("origins", f"expected text, got {text!r}", HINT)
    rule = text.strip().lower()
    if rule in WITHOUT_HOST:
        return rule
    found = _RULE.fullmatch(rule.removesuffix("/"))
    if found is None:
        raise ConfigurationError("origins", f"expected scheme, host and port only, got {text!r}", _hint(rule))
    scheme, host, port = found[1], found[2], found[3]
    if problem := _problem(scheme, host, port):
        expected, hint = problem
        raise ConfigurationError("origins", f"expected {expected}, got {text!r}", hint)
    wildcard = "*." if host.startswith("*.") else ""
    name = "*" if host == "*" else _canonical_host(host.removeprefix("*."))
    return f"{scheme}://{wildcard}{name}{':*' if port == '*' else _port(scheme, port)}"


def matching_rules(origin: str) -> Iterator[str]:
    """Yield all rules that match an ``Origin`` header, the most exact one first; none if it is malformed."""
    origin = origin.lower()
    if origin in WITHOUT_HOST:
        yield origin
    if (found := _ORIGIN.fullmatch(origin)) is None:
        return
    scheme, host, port = found[1], _canonical_host(found[2]), found[3]
    if host is None:
        return
    own_port = _port(scheme, port)
    for name in (host, f"*.{host.partition('.')[2]}"):
        yield f"{scheme}://{name}{own_port}"
        yield f"{scheme}://{name}:*"
    if scheme in RANDOM_HOSTS:
        yield f"{scheme}://*"


def _problem(scheme: str, host: str, port: str | None) -> tuple[str, str] | None:
    """Return the expected value and a hint for a rule that can match nothing; None for any other."""
    if (meant := NEVER_SENT.get(scheme)) is not None:
        return "the scheme of a page", f'such as "{meant}://{host}{f":{port}" if port else ""}"'
    if host == "*":
        if scheme in RANDOM_HOSTS and port is None:
            return None
        return "a host", CHROME_HINT if scheme == CHROME else WILDCARD_HINT
    if scheme == CHROME and not _CHROME_ID.fullmatch(host):
        return "the id of an extension", CHROME_HINT
    name = _canonical_host(host.removeprefix("*."))
    if name is None:
        return "a host name or an address", HINT
    if host.startswith("*.") and not _has_subdomains(scheme, name):
        return "the subdomains of a domain", HINT
    if port not in {None, "*"} and not 0 < int(port or 0) < 65536:
        return "a port from 1 to 65535", HINT
    return None


def _port(scheme: str, port: str | None) -> str:
    return "" if port is None or DEFAULT_PORTS.get(scheme) == int(port) else f":{int(port)}"


def _canonical_host(host: str) -> str | None:
    """Return a host in the spelling of browsers; None if it is not one. One dot at the end is part of the name."""
    try:
        if host.startswith("["):
            return f"[{ipaddress.IPv6Address(host[1:-1])}]"
        labels = host.removesuffix(".").split(".")
        if _NUMBER.fullmatch(labels[-1]):
            return str(ipaddress.IPv4Address(host))
    except ValueError:
        return None
    return host if all(map(_LABEL.fullmatch, labels)) else None


def _has_subdomains(scheme: str, name: str) -> bool:
    """Return True for a domain with two labels or more, and for localhost; False for a suffix that strangers share."""
    is_address = name.startswith("[") or _NUMBER.fullmatch(name.rpartition(".")[2])
    return scheme in DEFAULT_PORTS and not is_address and (name == "localhost" or "." in name.removesuffix("."))


def _hint(rule: str) -> str:
    """Return the probable intention of a rule that is not an origin."""
    scheme, separator, rest = rule.partition("://")
    if not separator:
        scheme, rest = "http" if rule.startswith(("localhost", "127.", "[::1]")) else "https", rule.lstrip("/")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2].removesuffix(":")
    if "*" in authority:
        return WILDCARD_HINT
    meant = f"{scheme}://{'.'.join(map(_punycode, authority.split('.')))}"
    try:
        return f'"{parse_rule(meant)}"' if _RULE.fullmatch(meant) else HINT
    except ConfigurationError:
        return HINT


def _punycode(label: str) -> str:
    """Return a label of a host, with a port if it is the last one, as browsers send it (RFC 3492)."""
    text, colon, port = label.partition(":")
    return label if text.isascii() else f"xn--{text.encode('punycode').decode()}{colon}{port}"
