"""Span of one handshake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Final

from opentelemetry import propagate, trace
from opentelemetry.context import Context

from ..errors import GuardRefused
from ..server.handshake import Admitted, Outcome
from ..server.refusals import HttpRefusal, cause_of

__all__ = ["HandshakeSpan", "page_context"]

PREFIX: Final = "traceparent."
"""Prefix of the entry in the subprotocols of a page, because pages cannot send headers."""


class HandshakeSpan:
    """Span of one handshake, with the names of the semantic conventions for HTTP servers."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @property
    def context(self) -> trace.SpanContext:
        """Context for links to this span."""
        return self._span.get_span_context()

    def active(self) -> AbstractContextManager[object]:
        """Make the span the current one, for spans of guards."""
        return trace.use_span(self._span, record_exception=False, set_status_on_exception=False)

    def end(self, outcome: Outcome | None, status: int) -> None:
        """End the span.

        Args:
            outcome: Outcome of the handshake; None if it raised.
            status: Status of the HTTP response.
        """
        span = self._span
        span.set_attribute("http.response.status_code", status)
        if isinstance(outcome, HttpRefusal | GuardRefused):
            span.set_attribute("tornado_ws.refusal.cause", cause_of(outcome))
            if isinstance(outcome, GuardRefused):
                span.set_attribute("tornado_ws.close_code", int(outcome.code))
        if status >= 500 or not isinstance(outcome, Admitted | HttpRefusal | GuardRefused):
            span.set_attribute("error.type", str(status))
            span.set_status(trace.StatusCode.ERROR)
        span.end()


def page_context(headers: Mapping[str, str], subprotocols: Sequence[str]) -> Context:
    """Return the context that a client sends: in headers, or as the subprotocol ``traceparent.<value>``.

    Args:
        headers: Headers of the handshake.
        subprotocols: Subprotocols that the client offers.
    """
    carrier = {name.lower(): value for name, value in headers.items()}
    for entry in subprotocols:
        if entry.startswith(PREFIX):
            carrier.setdefault("traceparent", entry.removeprefix(PREFIX))
    return propagate.extract(carrier, context=Context())
