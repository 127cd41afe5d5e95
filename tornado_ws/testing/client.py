"""Client for tests of a server, with the message types of its schema."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from ..channels import Position
from ..endpoint import Endpoint, MessageType
from ..errors import ConnectionClosed, ErrorData, RequestTimeout
from ..messages import Request, ServerRequest, Stream
from ..server.handler import SocketHandler
from ..session.pending_requests import PendingRequests
from ..validation.channel_frames import encode_resume
from ..validation.codec import PING, Codec
from ..validation.envelopes import Frame, HelloData
from ..validation.message_classes import MessageClasses
from ..validation.presence_frames import encode_request
from .channels import Channels, ChannelState
from .inbox import CloseInfo, Inbox
from .presence_view import PresenceView

__all__ = ["Client"]

CREDIT_STEP = 32
"""Number of items of a stream after which the client grants the server as many."""

MessageT = TypeVar("MessageT")
ReplyT = TypeVar("ReplyT")


class Client:
    """Client of one endpoint, used as an asynchronous context manager."""

    def __init__(
        self,
        endpoint: Endpoint,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        subprotocols: Sequence[str] = (),
        positions: Mapping[str, Position] | None = None,
        timeout: float = 1.0,
    ) -> None:
        """Prepare a connection; entering the context connects.

        Args:
            endpoint: Endpoint of a generated module.
            url: URL that begins with ``ws:`` or ``wss:``.
            headers: Headers of the handshake.
            subprotocols: Subprotocols to offer.
            positions: :attr:`positions` of an earlier client. Channels are resumed from there when they are joined.
            timeout: Default maximum time of each operation, in seconds.
        """
        self.endpoint = endpoint
        self.hello: HelloData | None = None
        """Data of ``$hello``, which clients receive first if they offer ``tornado-ws.1``."""
        self.channels = Channels()
        """Channels of the connection, with the positions of the client."""
        self.delivery_session = secrets.token_urlsafe(16)
        """Session of acknowledged messages. A client with the session of another one repeats its messages."""
        self._positions = dict(positions or {})
        self._codec = Codec(endpoint, side="client", check_outgoing=False)
        self._presence = PresenceView(self._codec.decode_presence)
        self._message_types = MessageClasses({message.cls: message for message in (*endpoint.client, *endpoint.server)})
        self._url = url
        self._headers = dict(headers or {})
        self._subprotocols = list(subprotocols)
        self._timeout = timeout
        self._connection: WebSocketClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._inbox = Inbox()
        self._pending = PendingRequests()
        self._streams: dict[int, asyncio.Queue[tuple[str, Any]]] = {}
        self._pongs: list[int] = []
        self._answers: dict[str, Callable[[Any], object]] = {}
        self._answering: dict[int, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        """Connect, and wait for ``$hello`` if the server selected the subprotocol.

        Raises:
            tornado.httpclient.HTTPClientError: If the server rejects the handshake.
        """
        request = HTTPRequest(self._url, headers=self._headers, connect_timeout=self._timeout)
        opening = asyncio.ensure_future(websocket_connect(request, subprotocols=self._subprotocols or None))
        try:
            self._connection = await asyncio.shield(opening)
        except BaseException:
            opening.add_done_callback(_close_opened)  # if this was cancelled, the handshake goes on
            raise
        self._reader = asyncio.get_running_loop().create_task(self._read())
        if self._connection.selected_subprotocol is not None:
            try:
                await self._inbox.wait_for(
                    lambda: self.hello is not None or self.closed is not None, "$hello", self._timeout
                )
            except BaseException:
                await self.__aexit__(None, None, None)
                raise
        return self

    async def __aexit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close, and wait for the close frame of the server."""
        self.close()
        if self._reader is not None:
            await asyncio.wait((self._reader,), timeout=self._timeout)
            self._reader.cancel()

    @property
    def closed(self) -> CloseInfo | None:
        """Close code and reason; None while the connection is open."""
        return self._inbox.closed

    @property
    def subprotocol(self) -> str | None:
        """Subprotocol that the server selected."""
        return self._open.selected_subprotocol

    def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Send a close frame."""
        self._open.close(code, reason)

    def abort(self) -> None:
        """Close the TCP connection without a close frame."""
        protocol = self._open.protocol
        if protocol is not None and protocol.stream is not None:
            protocol.stream.close()  # first, because Tornado's close() sends a close frame while the stream is open
        self._open.close()

    def pause_reading(self) -> None:
        """Stop reading, as a slow client does."""
        self._may_read.clear()

    def resume_reading(self) -> None:
        """Continue reading."""
        self._may_read.set()

    def is_client_of(self, connection: SocketHandler[Any]) -> bool:
        """Return True if this is the client of a server's connection. It must have received ``$hello``."""
        return self.hello is not None and self.hello.connection == connection.connection_id

    async def send(self, message: object) -> None:
        """Send a message without validation, so that the server's validation can be tested.

        Raises:
            ConnectionClosed: If the connection is closed.
            TypeError: If the message is a request or acknowledged, and needs another method.
        """
        message_type = self._message_types.get(type(message))
        if message_type is not None and (message_type.acknowledged or message_type.answer is not None):
            method = "deliver" if message_type.acknowledged else "request" if message_type.reply else "stream"
            raise TypeError(f"{message_type.name} has an answer: expected a call of {method}(), got send()")
        await self.send_text(self._codec.encode(message))

    async def send_text(self, text: str | bytes) -> None:
        """Send a text frame with any content.

        Raises:
            ConnectionClosed: If the connection is closed.
        """
        await self._write(text, binary=False)

    async def send_binary(self, data: bytes) -> None:
        """Send a binary frame.

        Raises:
            ConnectionClosed: If the connection is closed.
        """
        await self._write(data, binary=True)

    async def request(self, message: Request[ReplyT], *, timeout: float | None = None) -> ReplyT:  # noqa: ASYNC109
        """Send a request and return its reply.

        Raises:
            RequestFailed: If the server answers with an error, or does not answer in time (:exc:`.RequestTimeout`).
            ConnectionClosed: If the connection closes first.
        """
        message_type = self._message_types[type(message)]
        future: asyncio.Future[ReplyT] = asyncio.get_running_loop().create_future()
        id = self._pending.add(message_type, future.set_result, future.set_exception)
        seconds = self._seconds(timeout)
        try:
            await self.send_text(self._codec.encode(message, id=id))
            done, _ = await asyncio.wait((future,), timeout=seconds)
        finally:
            self._pending.discard(id)
        if not done:
            raise RequestTimeout(message_type.name, seconds)
        return future.result()

    async def deliver(
        self,
        message: object,
        *,
        id: int | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> None:
        """Send an acknowledged message, and wait until the server has handled it.

        Args:
            message: Instance of a message class.
            id: Id of an earlier message in :attr:`delivery_session`, to repeat it; by default a new one.
            timeout: Maximum time, in seconds.

        Raises:
            RequestFailed: If the server answers with an error, or does not answer in time (:exc:`.RequestTimeout`).
            ConnectionClosed: If the connection closes first.
        """
        message_type = self._message_types[type(message)]
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        id = self._pending.add(message_type, future.set_result, future.set_exception, id=id)
        seconds = self._seconds(timeout)
        try:
            await self.send_text(self._codec.encode_delivery(message, id, self.delivery_session))
            done, _ = await asyncio.wait((future,), timeout=seconds)
        finally:
            self._pending.discard(id)
        if not done:
            raise RequestTimeout(message_type.name, seconds)
        future.result()

    async def stream(self, message: Stream[ReplyT]) -> AsyncIterator[ReplyT]:
        """Send a request and iterate over its stream of replies. Leaving the loop early cancels the request.

        Raises:
            RequestFailed: If the server answers with an error.
        """
        message_type = self._message_types[type(message)]
        queue: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        id = self._pending.add(message_type, queue.put_nowait, lambda error: queue.put_nowait(("error", error)))
        self._streams[id] = queue
        await self.send_text(self._codec.encode(message, id=id))
        complete = False
        consumed = 0
        try:
            while True:
                event, value = await asyncio.wait_for(queue.get(), self._timeout)
                if event != "item":
                    complete = True
                if event == "error":
                    raise value
                if event == "end":
                    return
                yield value
                consumed += 1
                if consumed == CREDIT_STEP and self.closed is None:
                    consumed = 0
                    with contextlib.suppress(ConnectionClosed):
                        await self.send_text(self._codec.encode_more(id, CREDIT_STEP))
        finally:
            del self._streams[id]
            self._pending.discard(id)
            if not complete and self.closed is None:
                await self.send_text(self._codec.encode_cancel(id))

    def answer(
        self, request: type[ServerRequest[ReplyT, Any]], answer: Callable[[Any], ReplyT | Awaitable[ReplyT]]
    ) -> None:
        """Set the function that answers requests of the server with one type.

        Args:
            request: Message class of the request.
            answer: Function from the payload, or None without a payload, to the reply. An exception is sent as an
                ``internal`` error. ``$cancel`` cancels its coroutine; then nothing is sent.
        """
        self._answers[self._message_types[request].name] = answer

    @property
    def positions(self) -> dict[str, Position]:
        """Positions of the client by the identifier of the channel, for a client that returns."""
        return {**self._positions, **self.channels.positions}

    async def joined(self, count: int = 1) -> ChannelState:
        """Wait until the client has joined a number of channels, and return the last one.

        Raises:
            AssertionError: If ``$joined`` does not arrive in time.
        """
        await self._inbox.wait_for(lambda: len(self.channels) >= count, "$joined", self._timeout)
        return self.channels.get()

    async def resume(self, position: Position, *, ch: int | None = None) -> bool:
        """Request the messages of a channel after a position, and return True if all of them were sent.

        Args:
            position: Position of an earlier connection.
            ch: Number of the channel; by default the one that was joined last.

        Raises:
            AssertionError: If the channel is not joined, or ``$resumed`` does not arrive in time.
        """
        state = await self.start_resume(position, ch=ch)
        await self._inbox.wait_for(lambda: state.recovered is not None, "$resumed", self._timeout)
        return state.recovered is True

    async def start_resume(self, position: Position, *, ch: int | None = None) -> ChannelState:
        """Send ``$resume`` without waiting for the answer; see :meth:`resume`."""
        state = self.channels.start_resuming(
            (await self.joined() if ch is None else self.channels.get(ch)).ch, position
        )
        await self.send_text(encode_resume(state.ch, position))
        return state

    @property
    def presence(self) -> Mapping[str, Sequence[Any]]:
        """Metadata of the tracked devices in the rooms of the connection, by key."""
        return self._presence.by_key

    async def expect_presence(self, *keys: str) -> Mapping[str, Sequence[Any]]:
        """Wait until devices with exactly these keys are tracked, and return their metadata by key.

        Raises:
            AssertionError: If others are, after the time of the client.
        """
        await self._inbox.wait_for(lambda: self.presence.keys() == {*keys}, f"presence of {keys}", self._timeout)
        return self.presence

    async def ping(self) -> int:
        """Send ``$ping`` and return the number of frames that the server has received, including this one."""
        self._pongs.clear()
        await self.send_text(PING)
        await self._inbox.wait_for(lambda: bool(self._pongs), "$pong", self._timeout)
        return self._pongs.pop()

    async def expect(self, message: type[MessageT], *, timeout: float | None = None) -> MessageT:  # noqa: ASYNC109
        """Wait for the next message of a class and return it; other messages remain in the inbox.

        Raises:
            AssertionError: If it does not arrive in time.
        """
        message_type = self._message_types[message]
        value = await self._inbox.take_message(message_type, self._seconds(timeout))
        return _instance(message_type, message, value)

    async def expect_error(self, code: str | None = None, *, timeout: float | None = None) -> ErrorData:  # noqa: ASYNC109
        """Wait for the next error that does not answer a request, and return it.

        Raises:
            AssertionError: If none arrives in time, or one with another code.
        """
        return await self._inbox.take_error(code, self._seconds(timeout))

    async def expect_close(self, code: int | None = None, *, timeout: float | None = None) -> CloseInfo:  # noqa: ASYNC109
        """Wait until the connection has closed, and return code and reason.

        Raises:
            AssertionError: If it does not close in time, or with another code.
        """
        return await self._inbox.wait_closed(code, self._seconds(timeout))

    async def expect_nothing(self, seconds: float = 0.1) -> None:
        """Wait, and check that the inbox is empty.

        Raises:
            AssertionError: If there is another message or error.
        """
        await asyncio.sleep(seconds)
        self._inbox.expect_empty()

    @property
    def _open(self) -> WebSocketClientConnection:
        if self._connection is None:
            raise RuntimeError("use the client in 'async with'")
        return self._connection

    def _seconds(self, timeout: float | None) -> float:
        return self._timeout if timeout is None else timeout

    async def _write(self, data: str | bytes, *, binary: bool) -> None:
        try:
            await self._open.write_message(data, binary=binary)
        except WebSocketClosedError:
            raise ConnectionClosed(self._open.close_code, self._open.close_reason) from None

    async def _read(self) -> None:
        while (text := await self._open.read_message()) is not None:
            await self._may_read.wait()
            try:
                await self._receive(self._codec.decode(text))
            except AssertionError as failure:
                self._inbox.failure = failure
            await self._inbox.notify()
        code, reason = self._open.close_code, self._open.close_reason
        self._inbox.closed = CloseInfo(code=code, reason=reason)
        self._pending.fail_all(ConnectionClosed(code, reason))
        for task in self._answering.values():
            task.cancel()
        await self._inbox.notify()

    async def _receive(self, frame: Frame) -> None:
        kind, message, re = frame.kind, frame.message, frame.re
        if kind == "message" and message is not None:
            if frame.ch is None:
                self._inbox.put_message(message, frame.data)
            else:
                self.channels.receive(frame, lambda: self._inbox.put_message(message, frame.data))
        elif kind == "request" and message is not None:
            self._start_reply(frame, message)
        elif kind == "cancel" and (task := self._answering.get(frame.id or 0)) is not None:
            task.cancel()
        elif kind == "hello":
            self.hello = frame.data
        elif kind == "joined":
            state = self.channels.joined(frame.data)
            known = self._positions.get(state.channel)
            if known is not None and known != state.position:
                self.channels.start_resuming(state.ch, known)
                await self.send_text(encode_resume(state.ch, known))
        elif kind == "left":
            self._presence.leave(frame.data.ch)
            self.channels.left(frame.data.ch)
        elif kind == "presence":
            self._presence.offer(frame.data.ch)
            await self.send_text(encode_request(frame.data.ch))
        elif kind == "present":
            self._presence.present(frame.data)
        elif kind == "changed":
            self._presence.change(frame.data)
        elif kind == "skip":
            self.channels.receive(frame, lambda: None)
        elif kind == "resumed":
            self.channels.resumed(frame.data)
        elif kind == "reset":
            self.channels.reset(frame.data)
        elif kind == "pong":
            self._pongs.append(frame.data.received)
        elif kind == "end" and re in self._streams:
            self._streams[re].put_nowait(("end", None))
        elif kind == "reply" and re in self._streams:
            self._streams[re].put_nowait(("item", frame.data))
        elif kind == "reply" and re is not None:
            self._pending.resolve(re, message, frame.data)
        elif kind == "ack" and re is not None:
            self._pending.acknowledge(re)
        elif kind == "error" and not self._pending.reject(re, frame.data):
            self._inbox.put_error(frame.data)

    def _start_reply(self, frame: Frame, message: MessageType) -> None:
        answer, id = self._answers.get(message.name), frame.id
        if answer is None or id is None:
            self._inbox.put_message(message, frame.data)
            return
        # In a task, so that $cancel is received meanwhile.
        task = asyncio.get_running_loop().create_task(self._reply(message, id, answer, frame.data))
        self._answering[id] = task
        task.add_done_callback(lambda _: self._answering.pop(id))

    async def _reply(self, message: MessageType, id: int, answer: Callable[[Any], object], data: Any) -> None:
        try:
            value = answer(None if data is msgspec.UNSET else data)
            if isinstance(value, Awaitable):
                value = await value
        except Exception as error:
            text = self._codec.encode_error(ErrorData(code="internal", message=str(error)), re=id)
        else:
            text = self._codec.encode_reply(message, id, value)
        with contextlib.suppress(ConnectionClosed):
            await self.send_text(text)


def _instance(message_type: MessageType, cls: type[MessageT], value: Any) -> MessageT:  # value: of the payload's type
    """Return a payload as an instance of the message class that handlers send."""
    if message_type.payload is None:
        return cls()
    if message_type.wraps:
        return cls(**{"data": value})
    if isinstance(value, cls):
        return value
    if not isinstance(value, msgspec.Struct):  # a model of tornado_ws.models
        like: MessageT = message_type.cls.of(value)
        return like
    return cls(**{name: getattr(value, name) for name in value.__struct_fields__})


def _close_opened(opening: asyncio.Future[WebSocketClientConnection]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
