"""Calls of a client: messages, requests, streams and acknowledged messages to the server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any, Final

from ..endpoint import Endpoint, MessageType
from ..errors import ConnectionClosed, ErrorData, InvalidMessage
from .changes import Changes
from .client_session import ClientSession
from .connection_loop import ConnectionLoop
from .item_stream import ItemStream
from .message_calls import require_call
from .open_requests import OpenRequest
from .outbox import Outgoing
from .pending_deliveries import Delivery
from .waiting import discard, reject, resolve, within

__all__ = ["Calls"]

UNBOUNDED: Final = 1 << 20
"""Value of :attr:`.Endpoint.message_bytes` without a bound in the schema; the server may accept larger messages."""


class Calls:
    """Calls that wait for room in the outbox, for the socket, or for an answer. Each can be cancelled."""

    def __init__(self, session: ClientSession, loop: ConnectionLoop, changes: Changes, *, outbox: int) -> None:
        """Create the calls of a client.

        Args:
            session: Session of the client.
            loop: Loop of its connections.
            changes: Changes of the session.
            outbox: Maximum number of queued messages.
        """
        self._session = session
        self._loop = loop
        self._changes = changes
        self._outbox = outbox

    async def send(self, message: object) -> None:
        """Send a plain message, or queue it without a connection."""
        self._require_call(message, "send")
        await self._enqueue(self._outgoing(message, self._session.codec.encode(message)))

    async def request(self, message: object, timeout: float | None) -> Any:  # noqa: ASYNC109
        """Send a request and return its reply."""
        self._require_call(message, "request")
        future = asyncio.get_running_loop().create_future()
        outgoing = self._request(message)
        request = _open_request(outgoing, partial(resolve, future), partial(reject, future))
        try:
            seconds = _default_timeout(outgoing.message) if timeout is None else timeout
            async with within(seconds, outgoing.message):
                await self._enqueue(outgoing, request)
                return await future
        finally:
            self._cancel(outgoing)
            discard(future)

    async def stream(self, message: object) -> AsyncGenerator[Any, None]:
        """Send a request and iterate over its items; leaving the loop cancels the stream.

        If the schema declares the position of an item, the stream goes on after the last one on the next connection.
        """
        self._require_call(message, "stream")
        outgoing = self._request(message)
        declared, codec = outgoing.message, self._session.codec
        last: list[Any] = []  # the last item, if there is one
        while True:
            try:
                async with contextlib.aclosing(self._items(outgoing)) as items:
                    async for item in items:
                        last = [item]
                        yield item
                return
            except ConnectionClosed:
                if declared.resume is None or self._is_closed:
                    raise
            id = self._session.next_id()
            if last:
                text = codec.encode_resumed(message, id, codec.cursor_of(declared, last[0]))
            else:
                text = codec.encode(message, id)
            outgoing = self._outgoing(message, text, id)

    async def _items(self, outgoing: Outgoing) -> AsyncGenerator[Any, None]:
        """Iterate over the items of a stream on one connection."""
        items = ItemStream(outgoing.id or 0, self._session.codec, self._session.send)
        try:
            await self._enqueue(outgoing, _open_request(outgoing, items.put, items.end))
            async for item in items:
                yield item
        finally:
            self._cancel(outgoing)

    async def deliver(self, message: object, timeout: float | None) -> None:  # noqa: ASYNC109
        """Send an acknowledged message, over all connections, until the server has answered."""
        self._require_call(message, "deliver")
        session, id = self._session, self._session.next_id()
        outgoing = self._outgoing(message, session.codec.encode_delivery(message, id, session.delivery_session), id)
        self._require_open()
        future = asyncio.get_running_loop().create_future()
        delivery = Delivery(
            id=id,
            message=outgoing.message,
            text=outgoing.text,
            on_ack=partial(resolve, future, None),
            on_error=partial(reject, future),
        )
        try:
            session.deliveries.add(delivery)
            async with within(timeout, outgoing.message):
                await future
        finally:
            session.deliveries.discard(id)
            discard(future)

    async def _enqueue(self, outgoing: Outgoing, request: OpenRequest | None = None) -> None:
        """Send a message in its turn, as soon as the outbox has room."""
        self._require_open()
        session = self._session
        if not outgoing.message.volatile:
            await self._changes.until(lambda: self._is_closed or len(session.outbox) < self._outbox)
            self._require_open()
        if request is not None:
            session.requests.add(request)
        session.outbox.add(outgoing)
        if self._loop.connection is not None:
            await self._loop.connection.drain()

    def _cancel(self, outgoing: Outgoing) -> None:
        """Cancel a request without an answer."""
        session = self._session
        if outgoing.id is not None and session.requests.discard(outgoing.id) and not session.outbox.remove(outgoing):
            session.send(session.codec.encode_cancel(outgoing.id))

    def _require_call(self, message: object, call: str) -> None:
        require_call(self._session.endpoint, self._session.message_types.get(type(message)), call)

    def _request(self, message: object) -> Outgoing:
        id = self._session.next_id()
        return self._outgoing(message, self._session.codec.encode(message, id), id)

    def _outgoing(self, message: object, text: bytes, id: int | None = None) -> Outgoing:
        outgoing = Outgoing(self._session.message_types[type(message)], message, text, id)
        _require_size(self._session.endpoint, outgoing)
        return outgoing

    @property
    def _is_closed(self) -> bool:
        return self._session.state.status == "closed"

    def _require_open(self) -> None:
        if self._is_closed:
            raise (self._session.state.error or ConnectionClosed(1000, None)).with_traceback(None)


def _open_request(outgoing: Outgoing, on_value: Any, on_end: Any) -> OpenRequest:
    return OpenRequest(id=outgoing.id or 0, message=outgoing.message, on_value=on_value, on_end=on_end)


def _default_timeout(message: MessageType) -> float:
    """Return the time for a request and its way there and back, so that the answer of the server comes first."""
    return (8.0 if message.timeout is None else message.timeout) + 2.0


def _require_size(endpoint: Endpoint, outgoing: Outgoing) -> None:
    """Require a message that the server does not refuse for its size."""
    bound = endpoint.message_bytes
    if len(outgoing.text) > bound != UNBOUNDED:
        error = ErrorData(code="too_big", message=f"expected at most {bound} bytes", expected=bound)
        raise InvalidMessage(outgoing.message.name, error)
