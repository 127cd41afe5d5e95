"""Reason of a failed attempt to connect, from the answer to its request or from the exception of the network."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit, urlunsplit

from tornado.httpclient import HTTPClientError
from tornado.httputil import HTTPHeaders
from tornado.iostream import StreamClosedError
from tornado.simple_httpclient import HTTPStreamClosedError, HTTPTimeoutError

from ..errors import ConnectFailed

__all__ = ["CHECK_URL", "answer_failure", "network_failure", "public_url"]

CHECK_URL = "check scheme, host and port of the URL"
"""Remedy for a URL at which nothing answers, such as ``https`` at a port without TLS."""
LONGEST_TEXT = 200
"""Maximum number of characters of an answer in an error."""


def network_failure(error: Exception, url: str) -> ConnectFailed:
    """Return the failure of a request that raised.

    Args:
        error: Exception of Tornado or of the operating system.
        url: URL of the request.
    """
    place = public_url(url)
    if isinstance(error, HTTPClientError) and error.response is not None and error.response.body:
        return answer_failure(error.code, error.response.headers, error.response.body, url)
    match error:
        case HTTPTimeoutError():
            return ConnectFailed("timeout", f"nothing answers at {place} in time; {CHECK_URL}")
        case HTTPStreamClosedError() | StreamClosedError():
            return ConnectFailed("network", f"the connection to {place} closed before an answer; {CHECK_URL}")
        case HTTPClientError():
            headers = HTTPHeaders() if error.response is None else error.response.headers
            return answer_failure(error.code, headers, b"", url)
        case ssl.SSLError():
            return ConnectFailed("tls", f"no TLS with {place}: {error}", retryable=False)
        case _:
            return ConnectFailed("network", f"no connection to {place}: {error}; start the server, or {CHECK_URL}")


def answer_failure(status: int, headers: HTTPHeaders, body: bytes, url: str) -> ConnectFailed:
    """Return the failure of a handshake that was answered without an upgrade.

    Args:
        status: HTTP status.
        headers: Headers of the answer.
        body: Body of the answer.
        url: URL of the request.
    """
    cause, hint = _reason(status)
    is_text = headers.get("Content-Type", "").startswith("text/plain")
    text = body.decode(errors="replace").strip()[:LONGEST_TEXT] if is_text else ""
    message = f"{public_url(url)} answers with status {status}" + (f" ({text})" if text else "") + f": {hint}"
    return ConnectFailed(
        cause,
        message,
        status=status,
        retryable=status >= 500 or status in (408, 425, 429),
        retry_after=_seconds(headers.get("Retry-After", "")),
    )


def public_url(url: str) -> str:
    """Return a URL without parts that may be secret: query, name and password."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _reason(status: int) -> tuple[str, str]:
    """Return the stable name and the text of an answer."""
    if status < 300:
        return "other_page", "something else is there; check that the proxy forwards this path to the server"
    if status < 400:
        return "redirected", "WebSockets do not follow redirects; check the scheme, the path and the login before it"
    if status in (404, 410):
        return "not_found", "nothing serves this URL; check the URL of the server, and its routes"
    if status == 500:
        return "internal", "the server failed; its log has the traceback"
    if status > 500:
        return "unreachable", "the server, or one behind a proxy, is not available now"
    return "refused", "the server refuses this client, or it is not a tornado-ws server"


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None
