"""Spans of handshakes and of the methods of handlers."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from weakref import WeakKeyDictionary

from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    Tracer,
    TracerProvider,
    get_tracer,
    use_span,
)

from ..config_checks import require_instance, require_number
from ..endpoint import Endpoint, MessageType
from ..errors import ApplicationError
from ..loggers import HANDSHAKE
from ..rate_limited_log import RateLimitedLog
from ..server.controller import WebSocketController
from ..server.handler import SocketHandler
from .handshake_span import HandshakeSpan
from .page_context import page_context

__all__ = ["Tracing", "trace"]

Method = Callable[..., Any]


def trace(
    sockets: WebSocketController, *, per_second: float = 10.0, tracer_provider: TracerProvider | None = None
) -> None:
    """Record spans of the handshakes of a controller, and of some calls of methods, on connections from now on.

    Args:
        sockets: Controller.
        per_second: Maximum number of spans of each message in a second, since a span takes more time than a message:
            the first message, and the first one after each interval. ``math.inf`` for all messages, 0 for none. The
            sampler of the provider decides about each of these spans, and about handshakes.
        tracer_provider: Provider of the tracer; by default the global one.

    Raises:
        ConfigurationError: If an argument is invalid.
    """
    require_instance("sockets", sockets, WebSocketController)
    if per_second != math.inf:
        require_number("per_second", per_second)
    tracer = get_tracer("tornado_ws", tracer_provider=tracer_provider)
    sockets.trace(Tracing(tracer, per_second, sockets.context.log))


class Tracing:
    """Spans of one controller."""

    def __init__(self, tracer: Tracer, per_second: float, log: RateLimitedLog) -> None:
        """Prepare; see :func:`trace`."""
        self._tracer = tracer
        self._per_second = per_second
        self._log = log
        self._handshakes: WeakKeyDictionary[object, SpanContext] = WeakKeyDictionary()

    def handshake(self, handler: SocketHandler[Any], route: str) -> HandshakeSpan:
        """Start the span of a handshake, whose origin, rate and quotas have been checked.

        Args:
            handler: Handler of the request.
            route: Template of the path, without parameters and keys.
        """
        headers = handler.request.headers
        offered = [entry.strip() for entry in headers.get("Sec-WebSocket-Protocol", "").split(",")]

        def log_invalid(name: str) -> None:
            text, extra = "%s: ignored the header %s of %s, which is malformed or too long", handler.log_attributes()
            arguments = (handler.endpoint.name, name, handler.address)
            self._log.log(HANDSHAKE, logging.WARNING, "ignored headers of traces", text, *arguments, extra=extra)

        span = self._tracer.start_span(
            f"GET {route}",
            context=page_context(headers, offered, log_invalid),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": "GET",
                "http.route": route,
                "url.scheme": handler.request.protocol,
                "client.address": handler.address,
                "tornado_ws.endpoint": handler.endpoint.name,
                "tornado_ws.connection": handler.connection_id,
            },
        )
        if span.get_span_context().is_valid:
            self._handshakes[handler] = span.get_span_context()
        return HandshakeSpan(span)

    def method(
        self, endpoint: Endpoint, message: MessageType, method: Method, replace: Callable[[Method], None]
    ) -> Method:
        """Return a method that records a span, linked to that of the handshake.

        Args:
            endpoint: Endpoint of the message.
            message: Type of the message.
            method: Method without spans.
            replace: Function that sets the method of the message. It removes the one that records until the next
                interval, so that other messages take no more time than without traces.
        """
        if not self._per_second:
            return method
        name = f"{endpoint.name}/{message.name}"
        attributes = {"rpc.system.name": "tornado_ws", "rpc.method": name}
        interval = 1 / self._per_second
        declared = tuple(error.cls for error in endpoint.errors_of(message.name))

        def start(handler: SocketHandler[Any]) -> Span:
            handshake = self._handshakes.get(handler)
            links = () if handshake is None else (Link(handshake),)
            return self._tracer.start_span(
                name,
                context=Context(),
                kind=SpanKind.SERVER,
                links=links,
                attributes={**attributes, "tornado_ws.connection": handler.connection_id},
            )

        async def run(handler: SocketHandler[Any], data: tuple[Any, ...]) -> object:
            span = start(handler)
            try:
                with use_span(span, record_exception=False, set_status_on_exception=False):
                    awaitable: Awaitable[object] = method(handler, *data)
                    return await awaitable
            except Exception as error:
                _fail(span, error, declared)
                raise
            finally:
                span.end()

        async def iterate(
            handler: SocketHandler[Any], data: tuple[Any, ...], resume: dict[str, Any]
        ) -> AsyncIterator[object]:
            # Not the current span: between two items, the context is that of the reader.
            span = start(handler)
            try:
                result: Any = method(handler, *data, **resume)
                items = result if hasattr(result, "__aiter__") else await result
                try:
                    async for item in items:
                        yield item
                finally:
                    if (aclose := getattr(items, "aclose", None)) is not None:
                        await aclose()
            except Exception as error:
                _fail(span, error, declared)
                raise
            finally:
                span.end()

        def call(handler: SocketHandler[Any], *data: Any, **resume: Any) -> object:
            if interval:
                replace(method)
                asyncio.get_running_loop().call_later(interval, replace, call)
            return run(handler, data) if message.stream is None else iterate(handler, data, resume)

        return call


def _fail(span: Span, error: Exception, declared: tuple[type[ApplicationError], ...]) -> None:
    """Record the class of an exception, or its declared code; never its text, which may contain data of clients."""
    if isinstance(error, declared):
        span.set_attribute("error.type", error.code)
        return
    cls = type(error)
    module = "" if cls.__module__ == "builtins" else f"{cls.__module__}."
    span.set_attribute("error.type", f"{module}{cls.__qualname__}")
    span.set_status(StatusCode.ERROR)
