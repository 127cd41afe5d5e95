"""Request for a one-time URL: a POST to an action of the server before each attempt to connect."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urljoin

import msgspec
from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from ..errors import ConfigurationError, ConnectFailed
from .endpoint_url import websocket_url
from .handshake_answer import answer_failure, network_failure, public_url

__all__ = ["TicketAnswer", "request_ticket"]


class TicketAnswer(msgspec.Struct, frozen=True):
    """Answer of an action."""

    url: str
    """One-time URL; relative ones refer to the action."""
    protocols: tuple[str, ...] = ()
    """Subprotocols to offer."""


class _Problem(msgspec.Struct, frozen=True):
    message: str


async def request_ticket(
    action: str,
    *,
    headers: Mapping[str, str],
    form: Mapping[str, str] | None,
    json: Any,  # a value that msgspec encodes, or None
    timeout: float,  # noqa: ASYNC109
    ssl_context: ssl.SSLContext | None,
) -> TicketAnswer:
    """Return a new one-time URL.

    Args:
        action: URL of the action.
        headers: Headers of the request.
        form: Fields of a form; None if the body is ``json``.
        json: Body that is encoded as JSON; None for a form.
        timeout: Maximum time, in seconds.
        ssl_context: Settings of TLS.

    Raises:
        ConnectFailed: If the action does not answer with a URL.
    """
    client = SimpleAsyncHTTPClient(force_instance=True)
    try:
        response = await client.fetch(
            HTTPRequest(
                action,
                method="POST",
                headers={
                    "Accept": "application/json",
                    "Content-Type": "application/json" if json is not None else "application/x-www-form-urlencoded",
                    **headers,
                },
                body=msgspec.json.encode(json) if json is not None else urlencode(form or {}),
                follow_redirects=False,  # a login page is not a ticket
                connect_timeout=timeout,
                request_timeout=timeout,
                ssl_options=ssl_context,
            )
        )
    except HTTPClientError as error:
        raise _refusal(error, action) from None
    except Exception as error:  # of the operating system, or of OpenSSL
        raise network_failure(error, action) from error
    finally:
        client.close()
    return _answer(response, action)


def _refusal(error: HTTPClientError, action: str) -> ConnectFailed:
    """Return the failure of a request, with the message of the action."""
    if error.response is None:
        return network_failure(error, action)
    failed = answer_failure(error.code, error.response.headers, error.response.body, action)
    try:
        message = msgspec.json.decode(error.response.body, type=_Problem).message
    except (msgspec.MsgspecError, UnicodeError):
        return failed
    text = f"{public_url(action)} answers with status {error.code}: {message}"
    return ConnectFailed(
        failed.cause, text, status=failed.status, retryable=failed.retryable, retry_after=failed.retry_after
    )


def _answer(response: HTTPResponse, action: str) -> TicketAnswer:
    place = public_url(action)
    try:
        answer = msgspec.json.decode(response.body, type=TicketAnswer)
        url = websocket_url(urljoin(response.effective_url, answer.url))
    except (msgspec.MsgspecError, UnicodeError, ConfigurationError, ValueError):
        message = f"{place} answers without a one-time URL; is it an action of tornado-ws?"
        raise ConnectFailed("no_ticket", message, status=response.code, retryable=False) from None
    return TicketAnswer(url=url, protocols=answer.protocols)
