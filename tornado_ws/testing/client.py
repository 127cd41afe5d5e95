"""Client for tests of a server, with the message types of its schema."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from ..channels import Position
from ..client.answers import Answers
from ..client.client_connection import ClientConnection, ConnectionOptions, Target
from ..client.item_stream import ItemStream
from ..client.message_calls import require_call
from ..client.message_instances import message_instance
from ..client.open_requests import OpenRequest, OpenRequests
from ..client.waiting import discard, reject, resolve, within
from ..endpoint import Endpoint, MessageType
from ..errors import ConnectionClosed, ErrorData, TornadoWsError
from ..messages import Request, ServerRequest, Stream
from ..server.handler import SocketHandler
from ..validation.channel_frames import encode_resume
from ..validation.codec import PING, Codec
from ..validation.envelopes import Frame, HelloData
from ..validation.message_classes import MessageClasses
from ..validation.presence_frames import encode_request
from .channels import Channels, ChannelState
from .inbox import CloseInfo, Inbox
from .presence_view import PresenceView

__all__ = ["Client"]

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
        self._connection: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._inbox = Inbox()
        self._next_id = 1
        self._requests = OpenRequests(self._codec.application_errors)
        self._pongs: list[int] = []
        self._answers = Answers(self._codec, self._send_answer)

    async def __aenter__(self) -> Self:
        """Connect, and wait for ``$hello`` if the server selected the subprotocol.

        Raises:
            tornado.httpclient.HTTPClientError: If the server rejects the handshake.
        """
        target = Target(url=self._url, headers=self._headers, subprotocols=self._subprotocols)
        self._connection = await ClientConnection.dial(target, ConnectionOptions(timeout=self._timeout))
        self._reader = asyncio.get_running_loop().create_task(self._read())
        if self._connection.subprotocol is not None:
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
            self._open.discard()

    @property
    def closed(self) -> CloseInfo | None:
        """Close code and reason; None while the connection is open."""
        return self._inbox.closed

    @property
    def subprotocol(self) -> str | None:
        """Subprotocol that the server selected."""
        return self._open.subprotocol

    def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Send a close frame."""
        self._open.close(code, reason)

    def abort(self) -> None:
        """Close the TCP connection without a close frame."""
        self._open.abort()

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
        self._require_call(message, "send")
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
        self._require_call(message, "request")
        message_type = self._message_types[type(message)]
        future: asyncio.Future[ReplyT] = asyncio.get_running_loop().create_future()
        id = self._new_id()
        request = OpenRequest(
            id=id, message=message_type, on_value=partial(resolve, future), on_end=partial(reject, future)
        )
        return await self._answered(request, future, self._codec.encode(message, id=id), timeout)

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
        self._require_call(message, "deliver")
        message_type = self._message_types[type(message)]
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        id = self._new_id(id)

        def end(error: TornadoWsError | None) -> None:
            if error is None:
                resolve(future, None)
            else:
                reject(future, error)

        delivery = OpenRequest(id=id, message=message_type, on_value=partial(resolve, future), on_end=end)
        text = self._codec.encode_delivery(message, id, self.delivery_session)
        await self._answered(delivery, future, text, timeout)

    async def stream(self, message: Stream[ReplyT]) -> AsyncGenerator[ReplyT, None]:
        """Send a request and iterate over its stream of replies. Leaving the loop early cancels the request.

        Raises:
            RequestFailed: If the server answers with an error.
        """
        self._require_call(message, "stream")
        message_type, id = self._message_types[type(message)], self._new_id()
        items = ItemStream(id, self._codec, self._open.write)
        self._requests.add(OpenRequest(id=id, message=message_type, on_value=items.put, on_end=items.end))
        try:
            await self.send_text(self._codec.encode(message, id=id))
            while True:
                try:
                    async with asyncio.timeout(self._timeout):
                        item = await anext(items)
                except StopAsyncIteration:
                    return
                yield item
        finally:
            if self._requests.discard(id) and self.closed is None:
                await self.send_text(self._codec.encode_cancel(id))

    def _require_call(self, message: object, call: str) -> None:
        require_call(self._codec.endpoint, self._message_types.get(type(message)), call)

    def answer(
        self, request: type[ServerRequest[ReplyT, Any]], answer: Callable[[Any], ReplyT | Awaitable[ReplyT]]
    ) -> None:
        """Set the function that answers requests of the server with one type.

        Args:
            request: Message class of the request.
            answer: Function from the request to the reply, which may be asynchronous. An error of the application is
                sent as such, any other exception as ``internal``. ``$cancel`` cancels its coroutine; then nothing is
                sent.
        """
        self._answers.set(self._message_types[request], answer)

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
        instance: MessageT = message_instance(message_type, value)
        return instance

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
    def _open(self) -> ClientConnection:
        if self._connection is None:
            raise RuntimeError("use the client in 'async with'")
        return self._connection

    def _new_id(self, id: int | None = None) -> int:
        """Return an id that this client has not used, unless the test has chosen one."""
        id = self._next_id if id is None else id
        self._next_id = max(self._next_id, id + 1)
        return id

    async def _answered(
        self, request: OpenRequest, future: asyncio.Future[ReplyT], text: bytes, seconds: float | None
    ) -> ReplyT:
        """Send a frame, and wait for its answer."""
        self._requests.add(request)
        try:
            await self.send_text(text)
            async with within(self._seconds(seconds, request.message), request.message):
                return await future
        finally:
            is_open = self._requests.discard(request.id)
            if is_open and request.message.answer is not None and self._open.close_code is None:
                self._open.write(self._codec.encode_cancel(request.id))
            discard(future)

    def _send_answer(self, text: bytes) -> None:
        self._open.write(text)

    def _seconds(self, timeout: float | None, message: MessageType | None = None) -> float:
        """Return the time of a call: for requests with a ``timeout`` in the schema, the server answers first."""
        if timeout is None and message is not None and message.timeout is not None:
            return message.timeout + 2.0
        return self._timeout if timeout is None else timeout

    async def _write(self, data: str | bytes, *, binary: bool) -> None:
        connection = self._open
        if connection.write(data, binary=binary):
            await connection.drain()
        else:
            raise ConnectionClosed(connection.close_code, connection.close_reason)

    async def _read(self) -> None:
        while (text := await self._open.read()) is not None:
            await self._may_read.wait()
            try:
                await self._receive(self._codec.decode(text))
            except AssertionError as failure:
                self._inbox.failure = failure
            await self._inbox.notify()
        code, reason = self._open.close_code, self._open.close_reason
        self._inbox.closed = CloseInfo(code=code, reason=reason)
        self._requests.fail(ConnectionClosed(code, reason), lambda id: False)
        self._answers.cancel_all()
        await self._inbox.notify()

    async def _receive(self, frame: Frame) -> None:
        kind, message, re = frame.kind, frame.message, frame.re
        if kind == "message" and message is not None:
            if frame.ch is None:
                self._inbox.put_message(message, frame.data)
            else:
                self.channels.receive(frame, lambda: self._inbox.put_message(message, frame.data))
        elif kind == "request" and message is not None and frame.id is not None:
            if self._answers.has(message):
                self._answers.start(message, frame.id, message_instance(message, frame.data))
            else:
                self._inbox.put_message(message, frame.data)
        elif kind == "cancel" and frame.id is not None:
            self._answers.cancel(frame.id)
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
        elif kind in ("end", "ack") and re is not None:
            self._requests.end(re)
        elif kind == "reply" and message is not None and re is not None:
            self._requests.receive(re, message, frame.data)
        elif kind == "error" and (re is None or not self._requests.reject(re, frame.data)):
            self._inbox.put_error(frame.data)
