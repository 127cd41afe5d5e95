"""Base classes of handlers. Each connection has one instance."""

from __future__ import annotations

import abc
import asyncio
import secrets
from asyncio import Future
from collections.abc import Awaitable, Callable, Iterable
from contextlib import nullcontext
from types import NoneType
from typing import Any, ClassVar, Generic, NoReturn, Self, TypeVar, final

from tornado.httputil import HTTPServerRequest
from tornado.web import Application, Finish, HTTPError, OutputTransform

from ..argument_checks import require_seconds, require_text, require_type
from ..endpoint import Endpoint
from ..errors import (
    ConfigurationError,
    ConnectionClosed,
    GuardRefused,
    LimitReached,
    RequestTimeout,
    require_close_code,
)
from ..messages import Request
from ..session.session import Session
from ..websocket import StrictWebSocketHandler
from ..websocket.upgrade_request import send_upgrade_error, upgrade_error
from .application_routes import require_separate_one_time_paths
from .autoreload import close_before_reload
from .client_address import client_address
from .connected_client import ConnectedClient
from .diagnosis import diagnose, send_diagnosis
from .endpoint_server import EndpointServer
from .handshake import SUBPROTOCOL, Admitted, Handshake, Outcome, has_subprotocol
from .one_time_url import hide_key
from .refusals import HttpRefusal, report_refusal, send_http_refusal
from .request_checks import QuotaLease
from .request_errors import answered_by_tornado
from .rooms import Member, Room

__all__ = ["EphemeralHandler", "PersistentHandler", "SocketHandler"]

ServerT = TypeVar("ServerT")
ParamsT = TypeVar("ParamsT")
TicketT = TypeVar("TicketT")
ReplyT = TypeVar("ReplyT")


class SocketHandler(StrictWebSocketHandler, Generic[ServerT], abc.ABC):
    """Handler of one connection. Subclass a generated handler, not this class."""

    endpoint: ClassVar[Endpoint]
    """Protocol of the handler; set by generated code."""
    connection_id: str
    """Id of the connection, unique among all processes."""
    __slots__ = (
        "_ws_client",
        "_ws_connected_at",
        "_ws_disconnected",
        "_ws_joining",
        "_ws_key",
        "_ws_lease",
        "_ws_opened",
        "_ws_outcome",
        "_ws_reported",
        "_ws_server",
        "_ws_session",
        "connection_id",
    )
    # Prefixed, because applications add attributes. Slots, because an instance dictionary with more than 30 keys,
    # including Tornado's, does not share them with other instances: it takes ten times the memory (bench/memory.py).

    def __init__(
        self,
        application: Application,
        request: HTTPServerRequest,
        *,
        ws_server: EndpointServer[Any] | None = None,
        **arguments: Any,
    ) -> None:
        """Prepare the handler of one request; Tornado calls this with the arguments of the controller's route.

        Args:
            application: Tornado application.
            request: Request of the handshake.
            ws_server: Server of the endpoint. ``Any`` stands for the handler's own class.
            arguments: Arguments of ``initialize``, which subclasses define as in any Tornado handler.

        Raises:
            ConfigurationError: If the route was not made by a controller, or another controller has the same path for
                one-time URLs.
        """
        if ws_server is None:
            name = type(self).__name__
            problem = "the handler is not mounted by a controller"
            raise ConfigurationError(name, problem, f"add *sockets.{self.endpoint.kind}({name}) to the application")
        self._ws_server = server = ws_server
        self.connection_settings = server.connection_settings
        self.connection_id = secrets.token_hex(8)
        self._ws_connected_at = server.context.clock()
        self._ws_client: ConnectedClient[Self] | None = None
        self._ws_session: Session | None = None
        self._ws_outcome: Outcome | None = None
        self._ws_lease: QuotaLease | None = None
        self._ws_opened = False
        self._ws_reported = False
        self._ws_disconnected = False
        self._ws_joining = 0
        self._ws_key = ""
        if server.route is None:
            require_separate_one_time_paths(application)
            self._ws_key = hide_key(request, server.context.connect_path, self.endpoint.name)
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
    def address(self) -> str:
        """IP address of the client: the nearest address that is not a trusted proxy."""
        forwarded = self.request.headers.get_list("X-Forwarded-For")
        return client_address(self.request.remote_ip or "", forwarded, self._ws_server.context.trusted_proxies)

    @property
    def connected_at(self) -> float:
        """Time of the handshake, in seconds (the controller's clock, by default :func:`time.monotonic`)."""
        return self._ws_connected_at

    @property
    def uptime(self) -> float:
        """Seconds since the handshake."""
        return self._ws_server.context.clock() - self._ws_connected_at

    @property
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
    async def send_request(self, message: Request[ReplyT], *, timeout: float | None = None) -> ReplyT:  # noqa: ASYNC109
        """Send a request to this client and return its reply.

        Args:
            message: Instance of a message class with a reply.
            timeout: Seconds to wait for the reply; by default :attr:`.Limits.request_timeout`.

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
        seconds = self._ws_server.limits.request_timeout if timeout is None else timeout
        id, future = session.request(message, message_type)
        try:
            done, _ = await asyncio.wait((future,), timeout=seconds)
        finally:
            session.discard_request(id)
        if not done:
            session.cancel_request(id)
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
        require_text("join", "room", room)
        if self._ws_client is not None:
            rooms, limit = server.registry.rooms_of(self._ws_client), server.limits.rooms
            if len(rooms) + self._ws_joining >= limit and room not in rooms:
                raise LimitReached("rooms", limit)
            self._ws_joining += 1
            try:
                await server.channels.join(self._ws_client, room)
            finally:
                self._ws_joining -= 1

    @final
    async def leave(self, room: str) -> None:
        """Leave a room. A closed connection leaves all rooms.

        Raises:
            WrongThread: If the event loop runs in another thread.
        """
        self._ws_server.context.thread.require("leave")
        require_text("leave", "room", room)
        if self._ws_client is not None:
            self._ws_server.channels.leave(self._ws_client, room)

    @final
    def room(self, name: str) -> Room[Self, ServerT]:
        """Return a room of this endpoint; the connection need not be a member.

        Raises:
            TypeError: If the name is not text.
        """
        require_text("room", "name", name)
        return Room(name, self._ws_server)

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

    def log_attributes(self) -> dict[str, object]:
        """Return the attributes of log records about this connection. Override it to add others.

        They are ``connection``, ``endpoint``, ``user`` and ``address``. Of a ``current_user`` that is neither text nor
        converted by the controller's ``user``, the record contains a hash.
        """
        return {
            "connection": self.connection_id,
            "endpoint": self.endpoint.name,
            "user": self._ws_logged_user(),
            "address": self.address,
        }

    # Methods called by Tornado.

    async def _execute(self, transforms: list[OutputTransform], *args: bytes, **kwargs: bytes) -> None:
        """Answer a request. Tornado would run `prepare` first, before any check, and without a limit of its time."""
        if self.request.method != "GET":
            await super()._execute(transforms, *args, **kwargs)
            return
        self._transforms = transforms
        try:
            self.path_args = [self.decode_argument(arg) for arg in args]
            self.path_kwargs = {name: self.decode_argument(arg, name) for name, arg in kwargs.items()}
            await self.get()
        except Exception as error:
            self._handle_request_exception(error)

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Run the handshake, with Tornado's :meth:`prepare`, or state the reason of a failed one."""
        context = self._ws_server.context
        context.thread.adopt()
        context.untrusted_proxies.check(self.request.remote_ip or "", self.request.headers.get_list("X-Forwarded-For"))
        with context.pending_handshakes.track():
            if (error := upgrade_error(self.request)) is None:
                if self.settings.get("autoreload"):
                    close_before_reload(context.observer)
                await self._ws_shake_hands()
            elif "Sec-WebSocket-Key" in self.request.headers:
                self._ws_report(HttpRefusal.from_upgrade_error(error))
                send_upgrade_error(self, error)
            else:
                with answered_by_tornado(f"{type(self).__qualname__}.prepare"):
                    diagnosis = await diagnose(self._ws_server, self, self._ws_prepare)
                if diagnosis is not None:
                    send_diagnosis(self, context.origins, diagnosis)

    def finish(self, chunk: str | bytes | dict[str, Any] | None = None) -> Future[None]:
        """Finish the response, and report it if the handshake has not: a redirection of `prepare` is a refusal."""
        if not self._ws_reported and self.get_status() != 101 and "Sec-WebSocket-Key" in self.request.headers:
            self._ws_report(HttpRefusal.from_handler(type(self).__qualname__, self.get_status(), self._reason))
        return super().finish(chunk)

    def _ws_report(self, refusal: HttpRefusal | GuardRefused) -> None:
        self._ws_reported = True
        report_refusal(self._ws_server, self, refusal)

    async def _ws_prepare(self) -> bool:
        if (prepared := self.prepare()) is not None:
            await prepared
        return not self._finished

    async def _ws_shake_hands(self) -> None:
        handshake = Handshake(
            self._ws_server,
            self,
            prepare=self._ws_prepare,
            identify=self._ws_identify,
            key=self._ws_key,
            on_lease=self._ws_set_lease,
        )
        if (refused := handshake.begin()) is not None:
            self._ws_refuse(refused)
            return
        # After the cheap checks, so that foreign clients cause no spans.
        tracing, outcome, status = self._ws_server.context.tracing, None, 500
        trace = None if tracing is None else tracing.handshake(self, self._ws_server.path)
        try:
            name = f"the handshake of {type(self).__qualname__}"
            with answered_by_tornado(name), nullcontext() if trace is None else trace.active():
                outcome = await handshake.run()
            self._ws_outcome = outcome
            if isinstance(outcome, HttpRefusal):
                self._ws_refuse(outcome)
            elif outcome is not None and not self._ws_disconnected:
                await self.accept_handshake()
            status = self.get_status()
        except HTTPError as error:
            status = error.status_code
            raise
        except Finish:
            status = self.get_status()
            raise
        finally:
            if not self._ws_opened:
                self._ws_release_quota()
            if trace is not None:
                trace.end(outcome, status)

    def _ws_refuse(self, refusal: HttpRefusal) -> None:
        self._ws_report(refusal)
        send_http_refusal(self, refusal)

    def open(self, *args: str, **kwargs: str) -> None:
        """Start the session, or close the connection of a refused client."""
        self._ws_opened = True
        outcome, self._ws_outcome = self._ws_outcome, None
        if isinstance(outcome, GuardRefused):
            super().close(outcome.code, outcome.reason)
            self._ws_report(outcome)
        elif isinstance(outcome, Admitted) and (connection := self.connection) is not None:
            client = ConnectedClient(
                self,
                self._ws_server,
                connection,
                has_subprotocol=has_subprotocol(self.selected_subprotocol, self.request),
                user=self._ws_server.context.key_of(self.current_user),
                on_closed=self._ws_detach,
            )
            self._ws_client, self._ws_session = client, client.session
            self._ws_server.handshakes["admitted"] += 1
            client.start()

    @final
    def on_close(self) -> None:
        """End the session. Override :meth:`on_disconnect` instead."""
        self._ws_disconnected = True
        self._ws_release_quota()
        if self._ws_client is not None:
            self._ws_client.connection_lost(self.close_code, self.close_reason)

    @final
    def on_text(self, data: bytes) -> Awaitable[None] | None:
        """Handle a text frame that was received before :meth:`open` returned."""
        return None if self._ws_session is None else self._ws_session.receive(data)

    @final
    def on_binary(self, data: bytes) -> Awaitable[None] | None:
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
    def check_origin(self, origin: str) -> bool:
        """Return True if a page of the origin may connect, by the controller's ``origins``."""
        return self._ws_server.context.origins.allow(self.request.headers)

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Select ``tornado-ws.1`` if offered. With another subprotocol, clients receive messages only."""
        return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None

    def get_compression_options(self) -> dict[str, Any] | None:
        """Return options of permessage-deflate, by the controller's ``compression``; None disables it."""
        return {} if self._ws_server.context.compression else None

    @property
    def ping_interval(self) -> float | None:
        """Always 0, because the controller has one timer for all connections."""
        return 0

    @property
    def max_message_size(self) -> int:
        """Maximum size of a message in bytes, by :attr:`.Limits.message_bytes` or the schema."""
        size = self._ws_server.limits.message_bytes
        return self._ws_server.endpoint.message_bytes if size is None else size

    @abc.abstractmethod
    def _ws_identify(self, identity: Any, /) -> None: ...  # params or ticket, of the type in the schema

    def _ws_set_lease(self, lease: QuotaLease) -> None:
        self._ws_lease = lease

    def _ws_logged_user(self) -> str | None:
        try:
            return self._ws_server.context.logged_user(self.current_user)
        except Exception:  # of `get_current_user` or `user`; the handshake raises it again
            return None

    def _ws_release_quota(self) -> None:
        if self._ws_lease is not None:
            self._ws_lease.release()
            self._ws_lease = None

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
