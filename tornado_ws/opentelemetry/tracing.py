"""Spans of handshakes and of the methods of handlers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from random import random
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
from ..errors import ApplicationError, ConfigurationError
from ..server.controller import WebSocketController
from ..server.handler import SocketHandler
from .handshake_span import HandshakeSpan, page_context

__all__ = ["Tracing", "trace"]

Method = Callable[..., Any]


def trace(sockets: WebSocketController, *, ratio: float = 0.001, tracer_provider: TracerProvider | None = None) -> None:
    """Record spans of the handshakes of a controller, and of some calls of methods, on connections from now on.

    Args:
        sockets: Controller.
        ratio: Part of the messages with a span, from 0 to 1. Each span takes about as long as handling some messages.
            The sampler of the provider decides about each of them, and about handshakes.
        tracer_provider: Provider of the tracer; by default the global one.

    Raises:
        ConfigurationError: If an argument is invalid.
    """
    require_instance("sockets", sockets, WebSocketController)
    require_number("ratio", ratio)
    if ratio > 1:
        raise ConfigurationError("ratio", f"expected a number from 0 to 1, got {ratio!r}")
    sockets.trace(Tracing(get_tracer("tornado_ws", tracer_provider=tracer_provider), ratio))


class Tracing:
    """Spans of one controller."""

    def __init__(self, tracer: Tracer, ratio: float) -> None:
        """Prepare; see :func:`trace`."""
        self._tracer = tracer
        self._ratio = ratio
        self._handshakes: WeakKeyDictionary[object, SpanContext] = WeakKeyDictionary()

    def handshake(self, handler: SocketHandler[Any], route: str) -> HandshakeSpan:
        """Start the span of a handshake.

        Args:
            handler: Handler of the request.
            route: Template of the path, without parameters and keys.
        """
        headers = handler.request.headers
        offered = [entry.strip() for entry in headers.get("Sec-WebSocket-Protocol", "").split(",")]
        span = self._tracer.start_span(
            f"GET {route}",
            context=page_context(headers, offered),
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

    def method(self, endpoint: Endpoint, message: MessageType, method: Method) -> Method:
        """Return a method that records spans of some of its calls, linked to the span of the handshake."""
        name = f"{endpoint.name}/{message.name}"
        attributes = {"rpc.system.name": "tornado_ws", "rpc.method": name}
        ratio, errors = self._ratio, endpoint.errors

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
                _fail(span, error, errors)
                raise
            finally:
                span.end()

        async def iterate(handler: SocketHandler[Any], data: tuple[Any, ...]) -> AsyncIterator[object]:
            # Not the current span: between two items, the context is that of the reader.
            span = start(handler)
            try:
                result: Any = method(handler, *data)
                items = result if hasattr(result, "__aiter__") else await result
                try:
                    async for item in items:
                        yield item
                finally:
                    if (aclose := getattr(items, "aclose", None)) is not None:
                        await aclose()
            except Exception as error:
                _fail(span, error, errors)
                raise
            finally:
                span.end()

        traced = run if message.stream is None else iterate

        # Two functions, because a variable number of arguments takes longer than the choice.
        def call(handler: SocketHandler[Any]) -> object:
            return method(handler) if random() >= ratio else traced(handler, ())

        def call_with_data(handler: SocketHandler[Any], data: Any) -> object:
            return method(handler, data) if random() >= ratio else traced(handler, (data,))

        return call if message.payload is None else call_with_data


def _fail(span: Span, error: Exception, declared: tuple[str, ...]) -> None:
    """Record the class of an exception, or its declared code; never its text, which may contain data of clients."""
    if isinstance(error, ApplicationError) and error.error.code in declared:
        span.set_attribute("error.type", error.error.code)
        return
    cls = type(error)
    module = "" if cls.__module__ == "builtins" else f"{cls.__module__}."
    span.set_attribute("error.type", f"{module}{cls.__qualname__}")
    span.set_status(StatusCode.ERROR)
