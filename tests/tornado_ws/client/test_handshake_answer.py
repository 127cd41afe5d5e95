from __future__ import annotations

import ssl

import pytest
from tornado.httpclient import HTTPClientError
from tornado.httputil import HTTPHeaders
from tornado.simple_httpclient import HTTPStreamClosedError, HTTPTimeoutError

from tornado_ws.client.handshake_answer import answer_failure, network_failure

URL = "wss://ann:secret@h/chat?token=secret"
PLAIN = HTTPHeaders({"Content-Type": "text/plain; charset=utf-8", "Retry-After": "7"})


@pytest.mark.parametrize(
    ("status", "cause", "retryable"),
    [
        (200, "other_page", False),
        (302, "redirected", False),
        (401, "refused", False),
        (403, "refused", False),
        (404, "not_found", False),
        (408, "refused", True),
        (410, "not_found", False),
        (429, "refused", True),
        (500, "internal", True),
        (502, "unreachable", True),
        (503, "unreachable", True),
    ],
)
def test_status_has_a_cause(status: int, cause: str, retryable: bool):
    failed = answer_failure(status, HTTPHeaders(), b"", URL)

    assert (cause, retryable, status, None) == (failed.cause, failed.retryable, failed.status, failed.retry_after)
    assert f"wss://h/chat answers with status {status}: " in str(failed)
    assert "secret" not in str(failed)


def test_text_and_time_of_the_server_are_in_the_failure():
    failed = answer_failure(503, PLAIN, b"too many connections\n", URL)

    assert failed.retry_after == 7.0
    assert "status 503 (too many connections): the server, or one" in str(failed)


def test_page_of_a_proxy_is_not_quoted():
    page = HTTPHeaders({"Content-Type": "text/html", "Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"})
    failed = answer_failure(502, page, b"<h1>Bad gateway</h1>", URL)

    assert "h1" not in str(failed)
    assert failed.retry_after is None


@pytest.mark.parametrize(
    ("error", "cause", "text"),
    [
        (HTTPTimeoutError("Timeout"), "timeout", "nothing answers at wss://h/chat in time; check scheme"),
        (
            HTTPStreamClosedError("closed"),
            "network",
            "the connection to wss://h/chat closed before an answer; check",
        ),
        (HTTPClientError(404), "not_found", "status 404"),
        (ssl.SSLError(1, "certificate verify failed"), "tls", "no TLS with wss://h/chat: .*certificate verify failed"),
        (
            ConnectionRefusedError(111, "refused"),
            "network",
            "no connection to wss://h/chat: .*refused; start the server",
        ),
    ],
)
def test_exception_of_the_network_has_a_cause(error: Exception, cause: str, text: str):
    failed = network_failure(error, URL)

    assert failed.cause == cause
    with pytest.raises(type(failed), match=text):
        raise failed
