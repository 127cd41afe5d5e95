"""Client of an endpoint, which stays connected."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, ClassVar, Final, Generic, Self, TypeVar

from ..channels import Position
from ..endpoint import Endpoint
from ..errors import ConnectFailed, ConnectionClosed
from ..messages import Request, Stream
from ..validation.codec import Codec
from .answers import AnswerFunction
from .calls import Calls
from .changes import Changes
from .client_connection import Target
from .client_options import ClientSettings, read_positions
from .client_session import ClientSession
from .connection_loop import ConnectionLoop
from .events import ChannelReset, ChannelResumed, ClientState, Invalid, PresenceChanged, Refused, Status, Unconfirmed
from .handshake_answer import CHECK_URL
from .timers import LoopTimers

__all__ = ["SocketClient"]

LOG: Final = logging.getLogger("tornado_ws.client")
EVENTS: Final = (ClientState, ChannelResumed, ChannelReset, PresenceChanged, Unconfirmed, Refused, Invalid)
UNBOUNDED: Final = 1 << 20
"""Value of :attr:`.Endpoint.message_bytes` without a bound in the schema; the server may accept larger messages."""

ServerMessageT = TypeVar("ServerMessageT")
ReplyT = TypeVar("ReplyT")


class SocketClient(Generic[ServerMessageT]):
    """Base class of clients, used as an asynchronous context manager, once.

    It stays connected until the end of the block, and iterates over the messages of the server.
    """

    endpoint: ClassVar[Endpoint]
    """Endpoint; set by generated code."""
    _codec: ClassVar[Codec | None] = None

    def __init__(self, settings: ClientSettings, *, can_change: bool) -> None:
        """Prepare a client; entering the context connects.

        Args:
            settings: Settings.
            can_change: True if another attempt may have other credentials.
        """
        self._settings = settings
        self._changes = Changes()
        self._session = ClientSession(
            self._endpoint_codec(),
            LoopTimers(),
            unread=settings.unread,
            positions=read_positions(settings.positions),
            fail=self._fail,
            changed=self._changes.notify,
        )
        can_change = can_change or settings.can_change
        self._loop = ConnectionLoop(self._session, settings, self._target, can_change=can_change)
        self._task: asyncio.Task[None] | None = None
        self._calls = Calls(self._session, self._loop, self._changes, outbox=settings.outbox)

    @classmethod
    def _endpoint_codec(cls) -> Codec:
        """Return the codec of all clients of this class, because building one takes time and memory."""
        if cls._codec is None or cls._codec.endpoint is not cls.endpoint:
            cls._codec = Codec(cls.endpoint, side="client")
        return cls._codec

    async def _target(self) -> Target:
        """Return the target of the next attempt."""
        raise NotImplementedError

    # Connection.

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            ConnectFailed: If there is no connection within ``open_timeout``, or waiting does not help.
            ConnectionClosed: If the server refuses the client.
            InvalidMessage: If the schema rejects the parameters.
        """
        if self._task is not None:
            raise RuntimeError("a client connects once: create another one")
        self._task = asyncio.get_running_loop().create_task(self._loop.run())
        try:
            async with asyncio.timeout(self._settings.open_timeout):
                await self._changes.until(self._is_decided)
        except TimeoutError:
            error = self.error or _no_answer(self._settings.open_timeout, self._loop.url)
            await self._abandon()
            raise error from None
        except BaseException:
            await self._abandon()
            raise
        if self.status != "open":
            fault = self._loop.fault or self.error or ConnectFailed("network", "no connection")
            await self._abandon()
            raise fault
        return self

    async def __aexit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Send what is queued, unless the block raised, and close."""
        try:
            if error is None:
                with contextlib.suppress(TimeoutError):
                    await self.flush(timeout=self._settings.close_timeout)
        finally:
            await self.close()

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close for good, and wait for the close frame of the server, up to ``close_timeout``."""
        if self._task is None or self._task.done():
            return
        self._loop.close(code, reason)
        try:
            await asyncio.wait((self._task,), timeout=self._settings.close_timeout)
        finally:
            await self._abandon()

    def reconnect(self) -> None:
        """Drop the connection, if any, and connect again without delay."""
        self._loop.reconnect()

    async def flush(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Wait until the server has received all messages that were sent, also over reconnects.

        Args:
            timeout: Maximum time, in seconds.

        Raises:
            TimeoutError: If that takes longer.
        """
        session = self._session
        session.confirmations.request()
        async with asyncio.timeout(timeout):
            await self._changes.until(lambda: self.closed or not session.outbox.waiting)
            session.confirmations.request()
            await self._changes.until(
                lambda: self.closed or not (session.outbox.waiting or session.confirmations.count)
            )

    async def wait_closed(self) -> None:
        """Wait until the client is closed: by :meth:`close`, or after a final error."""
        await self._changes.until(lambda: self.closed)

    # State.

    @property
    def state(self) -> ClientState:
        """All of the following; each change replaces it. ``on(ClientState, …)`` reports each change."""
        return self._session.state

    @property
    def status(self) -> Status:
        """State of the connection."""
        return self.state.status

    @property
    def error(self) -> ConnectionClosed | None:
        """Error that ended the last connection or prevented it; None while open."""
        return self.state.error

    @property
    def closed(self) -> bool:
        """True after :meth:`close`, and after a final error."""
        return self.status == "closed"

    @property
    def close_code(self) -> int | None:
        """Close code of the last connection; None while open. 1006 stands for a connection without a close frame."""
        return None if self.error is None else self.error.code

    @property
    def recovered(self) -> bool | None:
        """After a reconnect: True if every missed message was sent again. None until it is known."""
        return self.state.recovered

    @property
    def unconfirmed(self) -> int:
        """Number of messages that were sent, and that the server has not confirmed."""
        return self.state.unconfirmed

    @property
    def positions(self) -> dict[str, Position]:
        """Positions in the channels, for the option ``positions`` of a later client."""
        return self._session.channels.positions

    @property
    def _presence(self) -> Mapping[str, Sequence[Any]]:  # metadata of the type in the schema
        return self._session.users.by_key

    # Messages of the server.

    def __aiter__(self) -> Self:
        """Iterate over the messages of the server, over all connections; the first ones arrived with the connection.

        The loop ends when the client is closed. Each message is read once, also by several loops.

        Raises:
            ConnectionClosed: If a final error has ended the client.
            OverflowError: If more than ``unread`` messages wait; they are lost.
        """
        return self

    async def __anext__(self) -> ServerMessageT:
        """Return the next message."""
        self._require_entered()
        message: ServerMessageT = await self._session.unread.get()
        return message

    def _on(self, event: type, function: Callable[[Any], object]) -> Callable[[], None]:  # Any: of the class
        is_message = any(one.cls is event and one.reply is None for one in self.endpoint.server)
        if not (is_message or event in EVENTS):
            names = [one.cls.__name__ for one in self.endpoint.server if one.reply is None]
            expected = ", ".join([*names, *(one.__name__ for one in EVENTS)])
            raise TypeError(f"expected one of {expected}, got {event.__name__}")
        return self._session.listeners.add(event, function)

    def _answer(self, request: type, function: AnswerFunction) -> Callable[[], None]:
        message = next((one for one in self.endpoint.server if one.cls is request and one.reply is not None), None)
        if message is None:
            names = ", ".join(one.cls.__name__ for one in self.endpoint.server if one.reply is not None)
            raise TypeError(f"expected a request of the server ({names or 'there are none'}), got {request.__name__}")
        return self._session.answers.set(message, function)

    # Messages to the server.

    async def _send(self, message: object) -> None:
        self._require_entered()
        await self._calls.send(message)

    async def _request(self, message: Request[ReplyT], timeout: float | None) -> ReplyT:  # noqa: ASYNC109
        self._require_entered()
        reply: ReplyT = await self._calls.request(message, timeout)
        return reply

    async def _deliver(self, message: object, timeout: float | None) -> None:  # noqa: ASYNC109
        self._require_entered()
        await self._calls.deliver(message, timeout)

    def _stream(self, message: Stream[ReplyT]) -> AsyncGenerator[ReplyT, None]:
        self._require_entered()
        return self._calls.stream(message)

    # Task.

    def _is_decided(self) -> bool:
        error = self.error
        is_hopeless = isinstance(error, ConnectFailed) and not error.retryable
        return self.status in ("open", "closed") or (self.status == "waiting" and is_hopeless)

    def _fail(self, error: ConnectionClosed) -> None:
        self._loop.fail(error)

    async def _abandon(self) -> None:
        """End the task of the connection at once."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait((self._task,))

    def _require_entered(self) -> None:
        if self._task is None:
            raise RuntimeError("use the client in 'async with'")


def _no_answer(seconds: float | None, url: str | None) -> ConnectFailed:
    """Return the error of a client whose first attempt has not ended in its time to open."""
    place = "no connection" if url is None else f"nothing answers at {url}"
    return ConnectFailed("timeout", f"{place} in {seconds:g} s; {CHECK_URL}")
