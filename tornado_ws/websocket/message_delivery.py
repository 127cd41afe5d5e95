"""Delivery of received messages to the handler, in order and with a bounded queue."""

from __future__ import annotations

import abc
import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from types import CoroutineType
from typing import Any, Final, Protocol, TypeAlias

import tornado.gen
from tornado.httputil import HTTPServerRequest
from tornado.iostream import IOStream
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from ..errors import CloseCode
from ..loggers import HANDLER
from .coroutine_runner import CoroutineRunner
from .frames import PONG, frame
from .permessage_deflate import DeflateParams
from .settings import ConnectionSettings
from .transport import Transport

__all__ = ["PEER_CHECK_INTERVAL", "ConnectionHandler", "MessageDelivery", "Receiver"]

PEER_CHECK_INTERVAL: Final = 1.0
"""Seconds between two checks of `peer_closed` while reading is paused."""

Receiver: TypeAlias = Callable[[bytes], Awaitable[object] | None]
"""Function that handles a message; the next message waits for the returned awaitable."""


class ConnectionHandler(Protocol):
    """Handler of a connection: methods of Tornado's handler, and five more."""

    request: HTTPServerRequest

    def on_ping(self, data: bytes) -> None:
        """Handle a ping; the pong is already sent."""
        ...

    def on_pong(self, data: bytes) -> None:
        """Handle a pong."""
        ...

    def on_ws_connection_close(self, close_code: int | None = None, close_reason: str | None = None) -> None:
        """Handle the end of the connection; called once."""
        ...

    def receive_text(self, data: bytes) -> Awaitable[object] | None:
        """Handle a text message, which is valid UTF-8. The next message waits for the returned awaitable."""
        ...

    def receive_binary(self, data: bytes) -> Awaitable[object] | None:
        """Handle a binary message. The next message waits for the returned awaitable."""
        ...

    def handle_failure(self, error: BaseException) -> None:
        """Handle an exception of one of these methods, or of an awaitable that they returned."""
        ...

    def send_heartbeat(self) -> None:
        """Send a frame that requires an answer, such as a ping."""
        ...

    def log_attributes(self) -> dict[str, object]:
        """Return the attributes of log records about the connection (:data:`.loggers.LOG_ATTRIBUTES`)."""
        ...


class MessageDelivery(Transport):
    """Transport that delivers messages to the handler, one at a time.

    A message costs neither a task nor a future unless its handler suspends; see :class:`.CoroutineRunner`.
    """

    __slots__ = (
        "_finished",
        "_handler",
        "_has_receivers",
        "_open_task",
        "_receive_binary",
        "_receive_queue",
        "_receive_queue_size",
        "_receive_text",
        "_runner",
    )

    def __init__(
        self,
        handler: ConnectionHandler,
        stream: IOStream,
        settings: ConnectionSettings,
        max_size: int,
        deflate: DeflateParams | None,
    ) -> None:
        super().__init__(stream, settings, max_size, deflate)
        self._handler: ConnectionHandler | None = handler
        self._receive_text: Receiver = handler.receive_text
        self._receive_binary: Receiver = handler.receive_binary
        self._runner = CoroutineRunner(self._next_work, self._on_error, self._context, self._notify_handler)
        self._runner.busy = True  # queues messages until `start_delivery`
        self._receive_queue: list[tuple[Receiver, bytes]] = []  # short; an empty deque takes more memory
        self._receive_queue_size = 0
        self._open_task: asyncio.Task[Any] | None = None
        self._has_receivers = False
        self._finished = False  # the handler receives no further messages

    # Implemented by subclasses.

    @abc.abstractmethod
    def fail(self, code: CloseCode, reason: str) -> None:
        """Close the connection and cancel the handler."""

    @abc.abstractmethod
    def _schedule(self, deadline: float) -> None:
        """Check all deadlines at ``deadline``, or earlier."""

    @abc.abstractmethod
    def _notify_handler(self) -> None:
        """Notify the handler of the end once none of its methods is running."""

    # Delivery.

    def set_receivers(self, receive_text: Receiver, receive_binary: Receiver, context: contextvars.Context) -> None:
        """Deliver all further messages to these functions, in ``context``, instead of the handler's methods."""
        self._receive_text, self._receive_binary = receive_text, receive_binary
        self._has_receivers = True
        self._runner.context = context
        self.set_context(context)

    @property
    def opening(self) -> bool:
        """True if the current task is the one that calls the handler's `open`."""
        return self._open_task is not None and self._open_task is asyncio.current_task()

    def start_delivery(self) -> None:
        """Deliver messages from now on: the handler's `open` has returned or failed."""
        self._open_task = None
        if not self._has_receivers:
            self._runner.context = contextvars.copy_context()
            self.set_context(self._runner.context)
        if self._receive_queue:
            self._runner.wake()
        else:
            self._runner.busy = False
        if self._finished:
            self._loop.call_soon(self._notify_handler)

    def text_received(self, payload: bytes) -> None:
        """Deliver or queue a text message."""
        # Repeats the body of `_deliver`, because most messages take this path and the extra call is measurable.
        runner = self._runner
        if runner.busy or self.closing:
            self._enqueue(self._receive_text, payload)
            return
        try:
            work = self._receive_text(payload)
        except BaseException as error:
            self._on_error(error)
            return
        if work is not None:
            runner.run(work if type(work) is CoroutineType else _as_awaitable(work))

    def binary_received(self, payload: bytes) -> None:
        """Deliver or queue a binary message."""
        self._deliver(self._receive_binary, payload)

    def ping_received(self, payload: bytes) -> None:
        """Send a pong, and deliver the ping if the handler overrides `on_ping`."""
        if not self.closing:
            self.send_pong(frame(PONG, payload))
        if self._handler is not None and _overrides(self._handler, "on_ping"):
            self._deliver(self._handler.on_ping, payload)

    def pong_received(self, payload: bytes) -> None:
        """Deliver the pong if the handler overrides `on_pong`."""
        if self._handler is not None and _overrides(self._handler, "on_pong"):
            self._deliver(self._handler.on_pong, payload)

    def _deliver(self, receiver: Receiver, payload: bytes) -> None:
        runner = self._runner
        if runner.busy or self.closing:
            self._enqueue(receiver, payload)
            return
        try:
            work = receiver(payload)
        except BaseException as error:
            self._on_error(error)
            return
        if work is not None:
            runner.run(_as_awaitable(work))

    def _enqueue(self, receiver: Receiver, payload: bytes) -> None:
        """Add a message to the receive queue; pause reading at its limits."""
        if self.closing:
            return  # messages after our close frame are ignored
        self._receive_queue.append((receiver, payload))
        self._receive_queue_size += len(payload)
        if (
            len(self._receive_queue) >= self.settings.receive_queue_messages
            or self._receive_queue_size >= self.settings.receive_queue_bytes
        ):
            self.pause_reading()
            self._schedule(monotonic() + PEER_CHECK_INTERVAL)

    def _next_work(self) -> Awaitable[object] | None:
        """Deliver queued messages until a receiver returns an awaitable; return the awaitable."""
        queue = self._receive_queue
        while queue:
            receiver, payload = queue.pop(0)
            self._receive_queue_size -= len(payload)
            if self.paused and len(queue) <= self.settings.receive_queue_messages // 4:
                self.resume_reading()
            try:
                work = receiver(payload)
            except BaseException as error:
                self._on_error(error)
                continue
            if work is not None:
                return _as_awaitable(work)
        if self._finished:
            self._loop.call_soon(self._notify_handler)
        return None

    def _on_error(self, error: BaseException) -> None:
        if isinstance(error, SystemExit | KeyboardInterrupt):
            raise error
        if isinstance(error, asyncio.CancelledError) and self._runner.pool.ending:
            self.fail(CloseCode.GOING_AWAY, "the server is shutting down")
            return
        send_after_close = isinstance(error, WebSocketClosedError) and self.closing
        if self._handler is not None and not send_after_close:
            self._call_hook(self._handler.handle_failure, error)

    def _call_hook(self, hook: Callable[..., None], *values: object) -> None:
        """Call a method of the handler that applications override. Its exceptions are logged."""
        try:
            hook(*values)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            name = getattr(hook, "__qualname__", repr(hook))
            extra = None if self._handler is None else self._handler.log_attributes()
            log = self.settings.log
            log.log(HANDLER, logging.ERROR, f"errors of {name}", "%s raised", name, error=error, extra=extra)

    def _cancel_handler(self) -> None:
        """Drop queued messages, and cancel the running method of the handler."""
        self._drop_received()
        if self._open_task is not None and self._open_task is not asyncio.current_task():
            self._open_task.cancel()
        self._runner.cancel()

    def _abandon_handler(self) -> None:
        """Stop waiting for the running method of the handler, which has suppressed its cancellation."""
        self._open_task = None
        self._runner.abandon()
        self._notify_handler()

    def _drop_received(self) -> None:
        self._receive_queue.clear()
        self._receive_queue_size = 0

    def _detach_handler(self) -> None:
        """Break the reference cycle with the handler."""
        self._receive_text = self._receive_binary = _ignore
        self._handler = None


def _as_awaitable(work: Any) -> Awaitable[object]:
    """Return the result of a handler's method as an awaitable; Tornado also allows other types."""
    return work if hasattr(work, "__await__") else tornado.gen.convert_yielded(work)


def _overrides(handler: ConnectionHandler, name: str) -> bool:
    return getattr(type(handler), name) is not getattr(WebSocketHandler, name)


def _ignore(payload: bytes) -> None:
    pass
