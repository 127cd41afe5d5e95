"""Strict check of the request of an opening handshake (RFC 6455 section 4.2.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tornado.httputil import HTTPServerRequest
from tornado.web import RequestHandler

__all__ = ["UpgradeError", "send_upgrade_error", "upgrade_error"]

VERSION: Final = "13"
_KEY = re.compile(r"[A-Za-z0-9+/]{21}[AQgw]==")
"""Base64 of 16 bytes (RFC 4648): the last character before the padding has four bits that are zero."""


@dataclass(frozen=True, kw_only=True)
class UpgradeError:
    """First violation of a request."""

    status: int
    """HTTP status: 426 if another kind of request is expected, 400 if this one is malformed."""
    reason: str
    """Expected value."""
    hint: str = ""
    """Probable cause, if it is a proxy."""


_METHOD: Final = UpgradeError(status=426, reason="expected GET")
_HTTP: Final = UpgradeError(
    status=426, reason="expected HTTP/1.1 or newer", hint="nginx needs `proxy_http_version 1.1`"
)
_UPGRADE: Final = UpgradeError(
    status=426,
    reason='expected "Upgrade: websocket"',
    hint="if a proxy removes it: nginx needs `proxy_set_header Upgrade $http_upgrade`",
)
_CONNECTION: Final = UpgradeError(
    status=426,
    reason='expected "Connection: Upgrade"',
    hint="if a proxy removes it: nginx needs `proxy_set_header Connection $connection_upgrade`",
)
_VERSION: Final = UpgradeError(status=426, reason=f'expected "Sec-WebSocket-Version: {VERSION}"')
_BAD_KEY: Final = UpgradeError(status=400, reason="expected one Sec-WebSocket-Key of 16 bytes in base64")


def upgrade_error(request: HTTPServerRequest) -> UpgradeError | None:
    """Return the first violation of a request; None for an opening handshake."""
    headers = request.headers
    if request.method != "GET":
        return _METHOD
    if request.version == "HTTP/1.0":  # which has no upgrades (RFC 9110 section 7.8)
        return _HTTP
    if "websocket" not in _tokens(headers, "Upgrade"):
        return _UPGRADE
    if "upgrade" not in _tokens(headers, "Connection"):
        return _CONNECTION
    if headers.get("Sec-WebSocket-Version") != VERSION:
        return _VERSION
    return None if _KEY.fullmatch(headers.get("Sec-WebSocket-Key", "")) else _BAD_KEY


def send_upgrade_error(handler: RequestHandler, error: UpgradeError) -> None:
    """Answer a request with an error, as plain text."""
    handler.set_status(error.status)
    if error.status == 426:  # RFC 9110 section 15.5.22, RFC 6455 section 4.4
        handler.set_header("Upgrade", "websocket")
        handler.set_header("Connection", "Upgrade")
        handler.set_header("Sec-WebSocket-Version", VERSION)
    handler.set_header("Content-Type", "text/plain; charset=utf-8")
    handler.finish(error.reason)


def _tokens(headers: Mapping[str, str], name: str) -> set[str]:
    """Return the tokens of a header in lower case (RFC 9110 section 5.6.1)."""
    return {token.strip().lower() for token in headers.get(name, "").split(",")}
