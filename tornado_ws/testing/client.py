"""Speak to a server under test in the types of its schema."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from ..endpoint import Endpoint, MessageType, Request
from ..errors import ConnectionClosed, ErrorData, RequestTimeout
from ..server.handler import SocketHandler
from ..session.pending_requests import PendingRequests
from ..validation.codec import PONG, Codec
from ..validation.envelopes import Frame, HelloData

__all__ = ["Client", "Closed"]

MessageT = TypeVar("MessageT")
ReplyT = TypeVar("ReplyT")


@dataclass(frozen=True, kw_only=True)
class Closed:
    """How a connection ended."""

    code: int | None
    reason: str | None


class Client:
    """A client of one endpoint. Use it as an asynchronous context manager."""

    def __init__(
        self,
        endpoint: Endpoint,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        subprotocols: Sequence[str] = (),
        timeout: float = 1.0,
    ) -> None:
        """Prepare; entering connects.

        Args:
            endpoint: Of a generated module.
            url: Begins with ``ws:`` or ``wss:``.
            headers: Of the handshake.
            subprotocols: What is offered.
            timeout: Seconds that everything may take that does not say otherwise.
        """
        self.endpoint = endpoint
        self.hello: HelloData | None = None
        """What the server said first, to a client that offers ``tornado-ws.1``."""
        self.closed: Closed | None = None
        self.recovered: bool | None = None
        """What the server answered to :meth:`resume`."""
        self.seq = 0
        """The highest sequence number that came; at first that of ``$hello``."""
        self.pings = 0
        """How many heartbeats came."""
        self.pongs = 0
        """How many answers to heartbeats of ours came."""
        self.answers_pings = True
        """Whether heartbeats are answered."""
        self._codec = Codec(endpoint, side="client", check_outgoing=False)
        self._kinds = {message.cls: message for message in (*endpoint.client, *endpoint.server)}
        self._url = url
        self._headers = dict(headers or {})
        self._subprotocols = list(subprotocols)
        self._timeout = timeout
        self._connection: WebSocketClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._readable = asyncio.Event()
        self._readable.set()
        self._news = asyncio.Condition()
        self._messages: deque[tuple[MessageType, Any]] = deque()
        self._errors: deque[ErrorData] = deque()
        self._pending = PendingRequests()
        self._streams: dict[int, asyncio.Queue[tuple[str, Any]]] = {}
        self._answers: dict[str, Callable[[Any], object]] = {}

    async def __aenter__(self) -> Self:
        """Connect; a client that offers the protocol has been told ``$hello`` then.

        Raises:
            tornado.httpclient.HTTPClientError: If the server refuses the handshake.
        """
        request = HTTPRequest(self._url, headers=self._headers, connect_timeout=self._timeout)
        self._connection = await websocket_connect(request, subprotocols=self._subprotocols or None)
        self._reading = asyncio.get_running_loop().create_task(self._read())
        if self._connection.selected_subprotocol is not None:
            await self._until(lambda: self.hello is not None or self.closed is not None, "$hello", self._timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close, and wait for the server to agree."""
        self.close()
        if self._reading is not None:
            await asyncio.wait((self._reading,), timeout=self._timeout)
            self._reading.cancel()

    @property
    def subprotocol(self) -> str | None:
        """What the server selected."""
        return self._open.selected_subprotocol

    def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Say good-bye."""
        self._open.close(code, reason)

    def abort(self) -> None:
        """Vanish: drop the connection without a word."""
        protocol = self._open.protocol
        if protocol is not None and protocol.stream is not None:
            protocol.stream.close()  # first, or else Tornado says good-bye
        self._open.close()

    def pause(self) -> None:
        """Read nothing more from now on, as a slow client does."""
        self._readable.clear()

    def proceed(self) -> None:
        """Read on."""
        self._readable.set()

    def is_(self, connection: SocketHandler[Any]) -> bool:
        """Tell whether this is the client of a connection of the server; it must have been told ``$hello``."""
        return self.hello is not None and self.hello.connection == connection.connection_id

    async def send(self, message: object) -> None:
        """Send a message. What the schema forbids is sent, too: it is for the server to refuse."""
        await self.send_text(self._codec.encode(message))

    async def send_text(self, text: str | bytes) -> None:
        """Send a text frame of any content.

        Raises:
            ConnectionClosed: If the connection is closed.
        """
        await self._write(text, binary=False)

    async def send_binary(self, data: bytes) -> None:
        """Send a binary frame."""
        await self._write(data, binary=True)

    async def request(self, message: Request[ReplyT], *, timeout: float | None = None) -> ReplyT:  # noqa: ASYNC109
        """Send a request and return its reply.

        Raises:
            RequestFailed: If the server answers with an error, or not in time.
            ConnectionClosed: If the connection closes before.
        """
        kind = self._kinds[type(message)]
        future: asyncio.Future[ReplyT] = asyncio.get_running_loop().create_future()
        id = self._pending.add(kind, future.set_result, future.set_exception)
        await self.send_text(self._codec.encode(message, id=id))
        seconds = self._timeout if timeout is None else timeout
        done, _ = await asyncio.wait((future,), timeout=seconds)
        self._pending.discard(id)
        if not done:
            raise RequestTimeout(kind.name, seconds)
        return future.result()

    async def stream(self, message: Request[ReplyT]) -> AsyncIterator[ReplyT]:
        """Send a request and iterate over what answers it. Leaving the loop early cancels it.

        Raises:
            RequestFailed: If the server answers with an error.
        """
        kind = self._kinds[type(message)]
        queue: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        id = self._pending.add(kind, queue.put_nowait, lambda error: queue.put_nowait(("error", error)))
        self._streams[id] = queue
        await self.send_text(self._codec.encode(message, id=id))
        complete = False
        try:
            while True:
                what, value = await asyncio.wait_for(queue.get(), self._timeout)
                if what != "item":
                    complete = True
                if what == "error":
                    raise value
                if what == "end":
                    return
                yield value
        finally:
            del self._streams[id]
            self._pending.discard(id)
            if not complete and self.closed is None:
                await self.send_text(self._codec.encode_cancel(id))

    def answer(self, request: type[Request[ReplyT]], answer: Callable[[Any], ReplyT | Awaitable[ReplyT]]) -> None:
        """Say how a request of the server is answered.

        Args:
            request: Its message class.
            answer: Called with the payload, if there is one, else with None; an exception answers with an error.
        """
        self._answers[self._kinds[request].name] = answer

    async def resume(self, epoch: str, seq: int) -> bool:
        """Ask for what was missed; return whether all of it follows."""
        self.recovered = None
        await self.send_text(self._codec.encode_resume(epoch, seq))
        await self._until(lambda: self.recovered is not None, "$resumed", self._timeout)
        return self.recovered is True

    async def expect(self, message: type[MessageT], *, timeout: float | None = None) -> MessageT:  # noqa: ASYNC109
        """Return the next message of a class; others that came before it are kept.

        Raises:
            AssertionError: If none comes in time.
        """
        kind = self._kinds[message]
        await self._until(lambda: any(got is kind for got, _ in self._messages), kind.name, timeout)
        index = next(index for index, (got, _) in enumerate(self._messages) if got is kind)
        _, value = self._messages[index]
        del self._messages[index]
        return _instance(kind, message, value)

    async def expect_error(self, code: str | None = None, *, timeout: float | None = None) -> ErrorData:  # noqa: ASYNC109
        """Return the next error that answers no request.

        Raises:
            AssertionError: If none comes in time, or one of another code.
        """
        await self._until(lambda: bool(self._errors), f"$error {code or ''}", timeout)
        error = self._errors.popleft()
        if code not in (None, error.code):
            raise AssertionError(f"expected $error {code}, got {error}")
        return error

    async def expect_close(self, code: int | None = None, *, timeout: float | None = None) -> Closed:  # noqa: ASYNC109
        """Wait until the connection is closed.

        Raises:
            AssertionError: If it is not closed in time, or with another code.
        """
        await self._until(lambda: self.closed is not None, f"close {code or ''}", timeout)
        assert self.closed is not None
        if code not in (None, self.closed.code):
            raise AssertionError(f"expected close code {code}, got {self.closed.code} ({self.closed.reason})")
        return self.closed

    async def expect_nothing(self, seconds: float = 0.1) -> None:
        """Wait, and make sure that no message and no error has come that was not expected."""
        await asyncio.sleep(seconds)
        if self._messages or self._errors:
            raise AssertionError(f"expected nothing, got {self._seen()}")

    @property
    def _open(self) -> WebSocketClientConnection:
        if self._connection is None:
            raise RuntimeError("use the client in 'async with'")
        return self._connection

    async def _write(self, data: str | bytes, *, binary: bool) -> None:
        try:
            await self._open.write_message(data, binary=binary)
        except WebSocketClosedError:
            raise ConnectionClosed(self._open.close_code, self._open.close_reason) from None

    async def _until(self, condition: Callable[[], bool], what: str, seconds: float | None) -> None:
        seconds = self._timeout if seconds is None else seconds
        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: condition() or (self.closed is not None and what[:5] != "close"))
        except TimeoutError:
            raise AssertionError(f"expected {what.strip()} within {seconds:g} s, got {self._seen()}") from None
        if not condition():
            raise AssertionError(f"expected {what.strip()}, got {self._seen()}")

    def _seen(self) -> str:
        names = [kind.name for kind, _ in self._messages] + [f"$error ({error})" for error in self._errors]
        if self.closed is not None:
            names.append(f"close {self.closed.code} ({self.closed.reason})")
        return ", ".join(names) or "nothing"

    async def _read(self) -> None:
        while (text := await self._open.read_message()) is not None:
            await self._readable.wait()
            await self._take(self._codec.decode(text))
            async with self._news:
                self._news.notify_all()
        self.closed = Closed(code=self._open.close_code, reason=self._open.close_reason)
        self._pending.fail_all(ConnectionClosed(self.closed.code, self.closed.reason))
        async with self._news:
            self._news.notify_all()

    async def _take(self, frame: Frame) -> None:
        kind, message, re = frame.kind, frame.message, frame.re
        if kind == "message" and message is not None:
            self.seq = max(self.seq, frame.seq or 0)
            self._messages.append((message, frame.data))
        elif kind == "request" and message is not None:
            await self._reply(frame, message)
        elif kind == "hello":
            self.hello = frame.data
            self.seq = frame.data.seq
        elif kind == "resumed":
            self.recovered = frame.data.recovered
        elif kind == "ping":
            self.pings += 1
            if self.answers_pings:
                await self.send_text(PONG)
        elif kind == "pong":
            self.pongs += 1
        elif kind == "end" and re in self._streams:
            self._streams[re].put_nowait(("end", None))
        elif kind == "reply" and re in self._streams:
            self._streams[re].put_nowait(("item", frame.data))
        elif kind == "reply" and re is not None:
            self._pending.resolve(re, message, frame.data)
        elif kind == "error" and not self._pending.reject(re, frame.data):
            self._errors.append(frame.data)

    async def _reply(self, frame: Frame, message: MessageType) -> None:
        answer = self._answers.get(message.name)
        if answer is None or frame.id is None:
            self._messages.append((message, frame.data))
            return
        try:
            value = answer(None if frame.data is msgspec.UNSET else frame.data)
            if isinstance(value, Awaitable):
                value = await value
        except Exception as error:
            data = ErrorData(code="internal", message=str(error))
            await self.send_text(self._codec.encode_error(data, re=frame.id))
        else:
            await self.send_text(self._codec.encode_reply(message, frame.id, value))


def _instance(kind: MessageType, message: type[MessageT], value: Any) -> MessageT:  # value: of the payload's type
    """Return the payload as the message class that handlers send."""
    if kind.payload is None:
        return message()
    if kind.wraps:
        return message(**{"data": value})
    if isinstance(value, message):
        return value
    if not isinstance(value, msgspec.Struct):  # of tornado_ws.models
        like: MessageT = kind.cls.__like__(value)
        return like
    return message(**{name: getattr(value, name) for name in value.__struct_fields__})
