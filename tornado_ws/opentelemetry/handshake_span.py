"""Span of one handshake."""

from __future__ import annotations

from contextlib import AbstractContextManager

from opentelemetry import trace

from ..errors import GuardRefused
from ..server.handshake import Outcome
from ..server.refusals import HttpRefusal, cause_of

__all__ = ["HandshakeSpan"]


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

    def end(self, outcome: Outcome | None, status: int | None) -> None:
        """End the span.

        Args:
            outcome: Outcome of the handshake; None if it raised, or ``prepare`` has answered the request.
            status: Status of the HTTP response; None if the client disconnected before.
        """
        span = self._span
        if status is None:
            span.set_attribute("error.type", "disconnected")
            span.end()
            return
        span.set_attribute("http.response.status_code", status)
        if outcome is None:
            span.set_attribute("tornado_ws.refusal.cause", "handler")
        elif isinstance(outcome, HttpRefusal | GuardRefused):
            span.set_attribute("tornado_ws.refusal.cause", cause_of(outcome))
            if isinstance(outcome, GuardRefused):
                span.set_attribute("tornado_ws.close_code", int(outcome.code))
        if status >= 500:
            span.set_attribute("error.type", str(status))
            span.set_status(trace.StatusCode.ERROR)
        span.end()
