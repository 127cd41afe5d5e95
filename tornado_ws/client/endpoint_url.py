"""URLs of endpoints: base URL of the server, and parameters in path and query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import msgspec

from ..endpoint import Endpoint
from ..errors import ConfigurationError
from ..validation.path_template import PathTemplate

__all__ = ["endpoint_path", "endpoint_url", "require_http_url", "websocket_url"]

SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
"""Scheme of a connection by that of the URL."""


def endpoint_url(endpoint: Endpoint, base: str, values: Mapping[str, Any]) -> str:
    """Return the URL of a connection.

    Args:
        endpoint: Persistent endpoint.
        base: URL of the server.
        values: Parameters as plain JSON, by name.

    Raises:
        ConfigurationError: If the URL or a parameter of the path is malformed.
    """
    path = endpoint_path(endpoint, values)
    parts = urlsplit(websocket_url(base))
    expected = f"the URL of the server, such as https://example.org; {endpoint.path} is added to it"
    if parts.query or parts.fragment:
        raise ConfigurationError("url", f"expected {expected}, got a query or fragment", "parameters are `params`")
    own_path = parts.path.rstrip("/")
    added = path.partition("?")[0].rstrip("/")
    if added and own_path.endswith(added):
        raise ConfigurationError("url", f"expected {expected}, got {base}")
    return f"{parts.scheme}://{parts.netloc}{own_path}{path}"


def endpoint_path(endpoint: Endpoint, values: Mapping[str, Any]) -> str:
    """Return path and query. Parameters of the path template fill the path; the others become the query.

    Args:
        endpoint: Persistent endpoint.
        values: Parameters as plain JSON, by name.

    Raises:
        ConfigurationError: If a parameter of the path is missing, or only dots, which servers remove.
    """
    template = PathTemplate.parse(endpoint.path or "/")
    segments: dict[str, str] = {}
    for name in template.names:
        segments[name] = "".join(_texts(values.get(name)))
        if not segments[name].strip("."):
            raise ConfigurationError(f"params.{name}", f"expected a part of a path, got {segments[name]!r}")
    query = {name: _texts(value) for name, value in values.items() if name not in segments}
    text = urlencode(query, doseq=True)
    return template.fill(segments) + (f"?{text}" if text else "")


def websocket_url(url: str) -> str:
    """Return a URL with the scheme of WebSockets.

    Raises:
        ConfigurationError: If the URL has another scheme, or no host.
    """
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        has_host = False
    if not has_host or parts.scheme not in SCHEMES:
        raise ConfigurationError("url", f"expected a URL such as https://example.org, got {url!r}")
    return urlunsplit(parts._replace(scheme=SCHEMES[parts.scheme]))


def require_http_url(url: str) -> None:
    """Require a URL for HTTP requests.

    Raises:
        ConfigurationError: If the URL has another scheme, or no host.
    """
    if not websocket_url(url) or not url.startswith("http"):
        raise ConfigurationError("action", f"expected a URL that begins with http: or https:, got {url!r}")


def _texts(value: Any) -> list[str]:  # any JSON value
    """Return the texts of a parameter: none for null, and one for each item of an array."""
    items = value if isinstance(value, list) else [value]
    return [item if isinstance(item, str) else msgspec.json.encode(item).decode() for item in items if item is not None]
