from __future__ import annotations

import pytest
from opentelemetry.trace import get_current_span

from tornado_ws.opentelemetry.handshake_span import page_context

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
VALUE = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("headers", "subprotocols", "expected"),
    [
        ({}, [], None),
        ({"Traceparent": VALUE}, [], TRACE),
        ({}, ["tornado-ws.1", f"traceparent.{VALUE}"], TRACE),
        ({}, [f"traceparent.{VALUE}", "traceparent.00-1-1-01"], TRACE),
        ({}, [VALUE], None),
        ({}, ["traceparent."], None),
    ],
)
def test_context_of_the_page_is_in_a_header_or_a_subprotocol(headers, subprotocols, expected) -> None:
    found = get_current_span(page_context(headers, subprotocols)).get_span_context()

    assert (found.is_valid, f"{found.trace_id:032x}" if found.is_valid else None) == (expected is not None, expected)
