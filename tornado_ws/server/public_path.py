"""Path before the routes of an application, as browsers see it behind a proxy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..errors import ConfigurationError
from .client_address import Network, contains

__all__ = ["forwarded_prefix", "parse_public_path", "without_prefix"]

_SEGMENTS = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[\w.~!$&'()*+=:@-]+)+", re.ASCII)
"""Path of segments that are neither empty nor dots. Two slashes at its start would name another host."""


def parse_public_path(path: str | None, connect_path: str) -> str | None:
    """Return the setting ``public_path`` without its last slash; None for none.

    Args:
        path: Value of the setting.
        connect_path: Path of one-time URLs.

    Raises:
        ConfigurationError: If it is not a path, or ``connect_path`` contains it, too.
    """
    if path is None:
        return None
    prefix = path.removesuffix("/")
    if prefix and not _SEGMENTS.fullmatch(prefix):
        raise ConfigurationError("public_path", f"expected a path, got {path!r}", 'such as "/app/"')
    if prefix and connect_path.startswith(f"{prefix}/"):
        hint = f"connect_path={connect_path.removeprefix(prefix)!r}"
        raise ConfigurationError("connect_path", f"expected a path after {path!r}, got {connect_path!r}", hint)
    return prefix


def forwarded_prefix(headers: Mapping[str, str], peer: str, trusted: Sequence[Network]) -> str:
    """Return the prefix that trusted proxies have removed from the path of a request; empty if there is none.

    Args:
        headers: Headers of the request. Each proxy appends its part to ``X-Forwarded-Prefix``.
        peer: Address of the TCP connection.
        trusted: Networks of trusted proxies.
    """
    value = headers.get("X-Forwarded-Prefix")
    if value is None or not contains(trusted, peer):
        return ""
    prefix = "".join(part.strip().removesuffix("/") for part in value.split(","))
    return prefix if _SEGMENTS.fullmatch(prefix) else ""


def without_prefix(path: str, prefix: str | None) -> str:
    """Return a path without a prefix that a proxy has kept."""
    return path.removeprefix(prefix) if prefix and path.startswith(f"{prefix}/") else path
