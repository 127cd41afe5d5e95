from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.trace import StatusCode

from tornado_ws import CloseCode, GuardRefused
from tornado_ws.opentelemetry.handshake_span import HandshakeSpan
from tornado_ws.server.handshake import Admitted
from tornado_ws.server.refusals import SHUTTING_DOWN


@pytest.mark.parametrize(
    ("outcome", "status", "expected", "is_error"),
    [
        (Admitted(), 101, {}, False),
        (SHUTTING_DOWN, 503, {"tornado_ws.refusal.cause": "draining", "error.type": "503"}, True),
        (
            GuardRefused("no", CloseCode.INVALID_TICKET),
            101,
            {"tornado_ws.refusal.cause": "ticket", "tornado_ws.close_code": 4404},
            False,
        ),
        (None, 302, {"tornado_ws.refusal.cause": "handler"}, False),
        (None, 500, {"tornado_ws.refusal.cause": "handler", "error.type": "500"}, True),
    ],
)
def test_span_has_the_status_and_the_cause(outcome, status, expected, is_error):
    span = TracerProvider().get_tracer("test").start_span("GET /")

    HandshakeSpan(span).end(outcome, status)

    assert isinstance(span, ReadableSpan)
    assert {"http.response.status_code": status, **expected} == dict(span.attributes or {})
    assert is_error == (span.status.status_code is StatusCode.ERROR)


@pytest.mark.parametrize("outcome", [None, Admitted(), SHUTTING_DOWN])
def test_span_of_a_client_that_disconnected_has_no_status(outcome):
    span = TracerProvider().get_tracer("test").start_span("GET /")

    HandshakeSpan(span).end(outcome, None)

    assert isinstance(span, ReadableSpan)
    assert {"error.type": "disconnected"} == dict(span.attributes or {})
    assert span.end_time is not None
