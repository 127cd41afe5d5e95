"""Talk to one client: what generated handlers inherit, and people's methods call."""

from __future__ import annotations

import abc
import asyncio
from collections.abc import Callable, Iterable
from typing import ClassVar, Generic, Self, TypeVar, final

from ..endpoint import Endpoint, Request
from ..errors import ConnectionClosed, RequestTimeout
from .base_handler import BaseHandler
from .rooms import Member, Room

__all__ = ["EphemeralHandler", "PersistentHandler", "SocketHandler"]

ServerT = TypeVar("ServerT")
ParamsT = TypeVar("ParamsT")
TicketT = TypeVar("TicketT")
ReplyT = TypeVar("ReplyT")


class SocketHandler(BaseHandler, Generic[ServerT], abc.ABC):
    """One connection. Subclass a generated handler, not this class."""

    __slots__ = ()
    endpoint: ClassVar[Endpoint]
    """The protocol; set by generated code."""

    # Hooks to override.

    async def on_connect(self) -> None:
        """Begin. Messages that arrive meanwhile wait."""

    async def on_disconnect(self, code: int | None, reason: str | None) -> None:
        """End; called once for every :meth:`on_connect` that was called, however that went.

        Args:
            code: The close code; None if the connection broke.
            reason: Its reason, if there is one.
        """

    async def on_error(self, error: Exception) -> None:
        """Take an exception of one of the methods. It was logged, and the client was told ``internal``."""

    # What methods call.

    @property
    def connected_at(self) -> float:
        """When it connected, by the controller's clock (:func:`time.monotonic`)."""
        return self._connected_at

    @property
    def uptime(self) -> float:
        """Seconds since it connected."""
        return self._clock() - self._connected_at

    @property
    def last_activity(self) -> float:
        """When the last message came or went, by the controller's clock; heartbeats are none."""
        return self._connected_at if self._conversation is None else self._conversation.last_activity

    @final
    def touch(self) -> None:
        """Start the idle timeout anew."""
        if self._conversation is not None:
            self._conversation.active = self._clock()

    @final
    async def send(self, message: ServerT) -> None:
        """Send a message to this client, and wait while it does not read. Once it is gone this does nothing.

        Raises:
            InvalidMessage: The message is not what the schema says; nothing was sent.
            TypeError: Its class is none that the schema lets the server send.
        """
        conversation = self._conversation
        if conversation is None:
            self._encode(message)
        elif (room := conversation.say(message)) is not None:
            await room

    @final
    async def ask(self, message: Request[ReplyT], *, timeout: float | None = None) -> ReplyT:  # noqa: ASYNC109
        """Send a request to this client and return its reply.

        Args:
            message: An instance of a message class that states a reply.
            timeout: Seconds to wait; by default what the limits say.

        Raises:
            RequestFailed: The client answered with an error, or not in time (:exc:`.RequestTimeout`).
            ConnectionClosed: The connection closed before it answered.
            InvalidMessage: The request is not what the schema says.
        """
        kind = self._mount.kind_of(message)
        if self._conversation is None:
            raise ConnectionClosed(self.close_code, self.close_reason)
        patience = self._mount.limits.request_timeout if timeout is None else timeout
        conversation = self._conversation
        id, future = conversation.ask(message, kind)
        try:
            done, _ = await asyncio.wait((future,), timeout=patience)
        finally:
            conversation.forget(id)
        if not done:
            conversation.withdraw(id)
            raise RequestTimeout(kind.name, patience)
        reply: ReplyT = future.result()
        return reply

    @final
    async def join(self, room: str) -> None:
        """Enter a room."""
        self._mount.registry.join(self, room)

    @final
    async def leave(self, room: str) -> None:
        """Leave a room; disconnecting leaves all."""
        self._mount.registry.leave(self, room)

    @final
    def room(self, name: str) -> Room[Self, ServerT]:
        """Return a room of this endpoint; one need not be in it to send to it."""
        return Room(name, self._mount)

    @final
    async def broadcast(
        self, message: ServerT, *, exclude: Iterable[Member] = (), where: Callable[[Self], bool] | None = None
    ) -> None:
        """Send a message to all connections of this endpoint; see :meth:`.Room.send`."""
        everybody: Room[Self, ServerT] = Room(None, self._mount)
        await everybody.send(message, exclude=exclude, where=where)

    async def _connected(self) -> None:
        observer = self._mount.service.observer
        self._mount.service.tell(observer.on_connect, self)
        await self.on_connect()

    async def _disconnected(self) -> None:
        service = self._mount.service
        code, reason = (None, None) if self._conversation is None else self._conversation.ending or (None, None)
        try:
            await self.on_disconnect(code, reason)
        finally:
            service.tell(service.observer.on_disconnect, self, code, reason)
            self._conversation = None  # a circle, which would wait for the garbage collector

    async def _failed(self, error: Exception) -> None:
        service = self._mount.service
        service.tell(service.observer.on_error, self, error)
        await self.on_error(error)


class PersistentHandler(SocketHandler[ServerT], Generic[ParamsT, ServerT], abc.ABC):
    """A connection of a route such as ``/chat/{room}``."""

    __slots__ = ("params",)
    params: ParamsT
    """What path and query say, validated; None where the schema states no ``params``."""

    @final
    def _identify(self, params: ParamsT, /) -> None:
        self.params = params


class EphemeralHandler(SocketHandler[ServerT], Generic[TicketT, ServerT], abc.ABC):
    """The connection of a one-time URL."""

    __slots__ = ("ticket",)
    ticket: TicketT
    """What the server attached when it made the URL; None where the schema states no ``ticket``."""

    @final
    def _identify(self, ticket: TicketT, /) -> None:
        self.ticket = ticket
