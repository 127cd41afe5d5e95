"""Base classes of handlers. Each connection has one instance."""

from __future__ import annotations

import abc
import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import NoneType
from typing import Any, Generic, NoReturn, Self, TypeVar, final

from tornado.httputil import HTTPServerRequest
from tornado.web import Application

from ..argument_checks import require_seconds, require_text, require_type
from ..errors import (
    ConnectionClosed,
    LimitReached,
    RequestTimeout,
    require_close_code,
)
from ..messages import ServerRequest
from ..session.session import Session
from ..websocket import Connection
from .connected_client import ConnectedClient
from .endpoint_presence import page_key
from .handshake import has_subprotocol
from .handshake_handler import HandshakeHandler
from .rooms import Member, Room

__all__ = ["EphemeralHandler", "PersistentHandler", "PresenceHandler", "SocketHandler"]

ServerT = TypeVar("ServerT")
ParamsT = TypeVar("ParamsT")
TicketT = TypeVar("TicketT")
ReplyT = TypeVar("ReplyT")
PresenceT = TypeVar("PresenceT")


class SocketHandler(HandshakeHandler, Generic[ServerT], abc.ABC):
    """Handler of one connection. Subclass a generated handler, not this class."""

    __slots__ = ("_ws_client", "_ws_joining", "_ws_session")

    def __init__(self, application: Application, request: HTTPServerRequest, **arguments: Any) -> None:
        """Prepare the handler of one request; see :class:`.HandshakeHandler`."""
        self._ws_client: ConnectedClient[Self] | None = None
        self._ws_session: Session | None = None
        self._ws_joining = 0
        super().__init__(application, request, **arguments)

    # Hooks to override.

    async def on_connect(self) -> None:
        """Run before the first message is handled. Messages that arrive earlier wait."""

    async def on_disconnect(self, code: int | None, reason: str | None) -> None:
        """Run once after :meth:`on_connect`, even if it raised.

        Args:
            code: Close code (RFC 6455 section 7.4); None without a close frame.
            reason: Close reason, if any.
        """

    async def on_error(self, error: Exception) -> None:
        """Run after a method raised. The error is already logged and answered with ``internal``."""

    # Methods to call.

    @property
    @final
    def uptime(self) -> float:
        """Seconds since the handshake."""
        return self._ws_server.context.clock() - self._ws_connected_at

    @property
    @final
    def last_activity(self) -> float:
        """Time of the last message in either direction, without heartbeats, in seconds (the controller's clock)."""
        return self._ws_connected_at if self._ws_session is None else self._ws_session.last_activity

    @final
    def touch(self) -> None:
        """Restart the idle timeout."""
        if self._ws_session is not None:
            self._ws_session.last_message_at = self._ws_server.context.clock()

    @final
    async def send(self, message: ServerT) -> None:
        """Send a message to this client; wait while the client reads too slowly. Does nothing on a closed connection.

        Raises:
            InvalidMessage: If the message violates the schema; nothing was sent.
            TypeError: If the message class is not a message of the server.
            WrongThread: If the event loop runs in another thread.
        """
        session = self._ws_session
        if session is None:
            self._ws_server.codec.encode(message)
        elif (writable := session.send(message)) is not None:
            await writable

    @final
    async def send_request(
        self,
        message: ServerRequest[ReplyT, Self],
        *,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> ReplyT:
        """Send a request to this client and return its reply.

        Args:
            message: Instance of a message class with a reply.
            timeout: Seconds to wait for the reply; by default the ``timeout`` in the schema, else
                :attr:`.Limits.request_timeout`.

        Raises:
            RequestFailed: If the reply is an error or invalid, or there is no reply in time (:exc:`.RequestTimeout`).
            ConnectionClosed: If the connection is closed, or closed before the reply.
            InvalidMessage: If the request violates the schema.
            LimitReached: If too many requests to this client wait for a reply (:attr:`.Limits.requests`).
            WrongThread: If the event loop runs in another thread.
        """
        self._ws_server.context.thread.require("send_request")
        message_type = self._ws_server.message_type(message)
        if timeout is not None:
            require_seconds("send_request", "timeout", timeout)
        session = self._ws_session
        if session is None:
            raise ConnectionClosed(self.close_code, self.close_reason)
        if timeout is None:
            timeout = message_type.timeout
        seconds = self._ws_server.limits.request_timeout if timeout is None else timeout
        id, future = session.request(message, message_type)
        try:
            done, _ = await asyncio.wait((future,), timeout=seconds)
        finally:
            if not future.done():  # also if the waiting method is cancelled
                session.cancel_request(id)
            session.discard_request(id)
        if not done:
            raise RequestTimeout(message_type.name, seconds)
        reply: ReplyT = future.result()
        return reply

    @final
    async def join(self, room: str) -> None:
        """Join a room.

        Raises:
            LimitReached: If the connection is in too many rooms (:attr:`.Limits.rooms`).
            TypeError: If the name is not text.
            WrongThread: If the event loop runs in another thread.
        """
        server = self._ws_server
        server.context.thread.require("join")
        room = require_text("join", "room", room)
        if self._ws_client is not None:
            rooms, limit = server.registry.rooms_of(self._ws_client), server.limits.rooms
            if len(rooms) + self._ws_joining >= limit and room not in rooms:
                raise LimitReached("rooms", limit)
            self._ws_joining += 1
            try:
                await server.join(self._ws_client, room)
            finally:
                self._ws_joining -= 1

    @final
    async def leave(self, room: str) -> None:
        """Leave a room. A closed connection leaves all rooms.

        Raises:
            WrongThread: If the event loop runs in another thread.
        """
        self._ws_server.context.thread.require("leave")
        room = require_text("leave", "room", room)
        if self._ws_client is not None:
            self._ws_server.leave(self._ws_client, room)

    @final
    def room(self, name: str) -> Room[Self, ServerT]:
        """Return a room of this endpoint; the connection need not be a member.

        Raises:
            TypeError: If the name is not text.
        """
        return Room(require_text("room", "name", name), self._ws_server)

    @final
    async def broadcast(
        self, message: ServerT, *, exclude: Iterable[Member] = (), filter: Callable[[Self], bool] | None = None
    ) -> None:
        """Send a message to all connections of this endpoint; see :meth:`.Room.send`."""
        room: Room[Self, ServerT] = Room(None, self._ws_server)
        await room.send(message, exclude=exclude, filter=filter)

    @final
    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close the connection after all sent messages; received messages that wait are dropped.

        Args:
            code: Close code, by default 1000. Clients reconnect after 4500 to 4999, but not after 4000 to 4499.
            reason: Close reason, cut to 123 bytes in UTF-8.

        Raises:
            TypeError: If an argument has another type.
            ValueError: If a close frame must not carry the code.
            WrongThread: If the event loop runs in another thread.
        """
        self._ws_server.context.thread.require("close")
        require_type("close", "reason", reason, (str, NoneType))
        if code is not None:
            require_close_code(code)
        if self._ws_client is not None:
            self._ws_client.close(code, reason)

    @final
    def abort(self) -> None:
        """Drop the connection without a close frame.

        Raises:
            WrongThread: If the event loop runs in another thread.
        """
        self._ws_server.context.thread.require("abort")
        if self._ws_session is not None:
            self._ws_session.connection.abort()

    @final
    def receive_text(self, data: bytes) -> Awaitable[None] | None:
        """Handle a text frame that was received before :meth:`open` returned."""
        return None if self._ws_session is None else self._ws_session.receive(data)

    @final
    def receive_binary(self, data: bytes) -> Awaitable[None] | None:
        """Reject a binary frame that was received before :meth:`open` returned."""
        return None if self._ws_session is None else self._ws_session.receive_binary(data)

    @final
    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Raise :exc:`TypeError`, because it would bypass the schema. Override the ``on_…`` methods of messages."""
        raise TypeError("on_message() would bypass the schema; override the methods of messages")

    # NoReturn violates substitutability, so that a type checker reports every call.
    @final
    def write_message(self, message: NoReturn, binary: bool = False) -> NoReturn:  # type: ignore[override]
        """Raise :exc:`TypeError`, because it would bypass the schema. Use :meth:`send`."""
        raise TypeError("write_message() would bypass the schema; use send()")

    @final
    def _ws_connect(self, connection: Connection) -> None:
        client = ConnectedClient(
            self,
            self._ws_server,
            connection,
            has_subprotocol=has_subprotocol(self.selected_subprotocol, self.request),
            user=self._ws_server.context.key_of(self.current_user),
            on_closed=self._ws_detach,
        )
        self._ws_client, self._ws_session = client, client.session
        client.start()

    @final
    def _ws_disconnect(self) -> None:
        if self._ws_client is not None:
            self._ws_client.connection_lost(self.close_code, self.close_reason)

    def _ws_detach(self) -> None:
        self._ws_client = self._ws_session = None


class PersistentHandler(SocketHandler[ServerT], Generic[ParamsT, ServerT], abc.ABC):
    """Connection to a path such as ``/chat/{room}``."""

    __slots__ = ("params",)
    params: ParamsT
    """Validated parameters of path and query; None if the schema declares no ``params``."""

    @final
    def _ws_identify(self, params: ParamsT, /) -> None:
        self.params = params


class EphemeralHandler(SocketHandler[ServerT], Generic[TicketT, ServerT], abc.ABC):
    """Connection to a one-time URL."""

    __slots__ = ("ticket",)
    ticket: TicketT
    """Ticket of the URL; None if the schema declares no ``ticket``."""

    @final
    def _ws_identify(self, ticket: TicketT, /) -> None:
        self.ticket = ticket


class PresenceHandler(SocketHandler[ServerT], Generic[PresenceT, ServerT], abc.ABC):
    """Connection of an endpoint with ``presence`` in its schema. Generated handlers derive from it."""

    __slots__ = ()

    @final
    async def track(self, metadata: PresenceT, *, room: str | None = None, key: str | None = None) -> None:
        """Add the device of this client to the presence of a room, or change its metadata.

        All clients in the room see the metadata and the key. Leaving the room ends it, and so does the end of the
        connection, after :attr:`.Limits.presence_grace` seconds; a new connection with the same key continues it.

        Args:
            metadata: Metadata of the type in the schema.
            room: Room of this connection; None for all connections of the endpoint.
            key: Key of the user; by default that of the signed-in user. Without a user, it is a random one of the
                page, or for other clients the id of the connection.

        Raises:
            InvalidMessage: If the metadata violates the schema.
            ValueError: If the connection is not in the room, or the key is empty.
            TypeError: If the room or the key is not text.
            WrongThread: If the event loop runs in another thread.
        """
        server = self._ws_server
        server.context.thread.require("track")
        room = None if room is None else require_text("track", "room", room)
        key = None if key is None else require_text("track", "key", key)
        if (client := self._ws_client) is not None and server.presence is not None:
            if key is None:
                key = client.user or page_key(self.request) or self.connection_id
            server.presence.track(client, metadata, room, key)

    @final
    async def untrack(self, *, room: str | None = None) -> None:
        """End the presence of this client in a room; does nothing if it is not tracked there.

        Raises:
            TypeError: If the room is not text.
            WrongThread: If the event loop runs in another thread.
        """
        server = self._ws_server
        server.context.thread.require("untrack")
        room = None if room is None else require_text("untrack", "room", room)
        if self._ws_client is not None and server.presence is not None:
            server.presence.untrack(self._ws_client, room)

    @final
    def present(self) -> Mapping[str, Sequence[PresenceT]]:
        """Return the metadata of the tracked devices of the endpoint, by key; see :meth:`.Room.present`."""
        found: Mapping[str, Sequence[PresenceT]] = self._ws_server.present(None)
        return found
