"""Controller of the WebSockets of an application."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from types import MappingProxyType, NoneType
from typing import Any, Final, ParamSpec, Protocol, TypeVar, overload

from tornado.routing import Rule, URLSpec
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

from ..argument_checks import require_callable, require_text, require_type
from ..channels import Backplane, MemoryBackplane, backplane_at
from ..config_checks import require_instance
from ..endpoint import Endpoint
from ..errors import CloseCode, require_close_code
from ..limits import Limits
from ..websocket import require_supported_tornado
from ..websocket.keepalive import Heartbeat
from .action import Action
from .client_address import networks
from .context import Refusal, ServerContext, Tracing, user_key
from .endpoint_server import EndpointServer
from .guards import Binding, Guard
from .handler import EphemeralHandler, PersistentHandler, SocketHandler
from .handler_checks import require_arguments, require_complete, require_pattern, require_subclass, require_ticket_maker
from .lifecycle import Lifecycle
from .mounted_endpoints import MountedEndpoints
from .one_time_url import issue
from .origins import Origins
from .rooms import Room
from .stats import summary

__all__ = ["WebSocketController"]

PersistentT = TypeVar("PersistentT", bound=PersistentHandler[Any, Any])
EphemeralT = TypeVar("EphemeralT", bound=EphemeralHandler[Any, Any])
ActionT = TypeVar("ActionT", bound=Action[Any])
ArgumentsT = ParamSpec("ArgumentsT")
ResultT = TypeVar("ResultT")
RoomT = TypeVar("RoomT")
RoomT_co = TypeVar("RoomT_co", covariant=True)

EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})
"""No arguments."""

# These protocols let mypy infer the arguments of the controller's methods from the handler class.


class _InRooms(Protocol[RoomT_co]):
    def room(self, name: str) -> RoomT_co: ...


class _Broadcasts(Protocol[ArgumentsT]):
    def broadcast(self, *args: ArgumentsT.args, **kwargs: ArgumentsT.kwargs) -> Awaitable[None]: ...


class _Identified(Protocol[ArgumentsT]):
    def _ws_identify(self, *args: ArgumentsT.args, **kwargs: ArgumentsT.kwargs) -> None: ...


class _Sends(Protocol[ArgumentsT]):
    def send(self, *args: ArgumentsT.args, **kwargs: ArgumentsT.kwargs) -> Awaitable[None]: ...


class WebSocketController(Lifecycle):
    """Settings, routes and open connections of an application's WebSockets.

    Several controllers in one process are independent of each other.
    """

    def __init__(
        self,
        *,
        origins: Sequence[str] | None = None,
        limits: Limits | None = None,
        heartbeat: Heartbeat | None = None,
        trusted_proxies: Sequence[str] = (),
        backplane: Backplane | str | None = None,
        user: Callable[[Any], str | None] = user_key,
        connect_path: str = "/_/connect/",
        public_path: str | None = None,
        compression: bool = False,
        check_outgoing: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Create a controller; nothing runs before the first client connects.

        Args:
            origins: Origins of pages that may connect: ``["https://example.org", "https://*.example.org",
                "http://localhost:*", "capacitor://localhost"]``, or ``["*"]`` for any; by default the request's host.
            limits: Limits of clients.
            heartbeat: Interval and timeout of pings.
            trusted_proxies: Addresses and networks of proxies with a trusted ``X-Forwarded-For``, and ``unix:`` for
                clients of unix sockets; requires ``origins``.
            backplane: Backplane for several processes, or its URL, such as ``redis://localhost``.
            user: Function from Tornado's ``current_user`` to the key of the user; by default the value as text or JSON.
                It is not called without a user: for a false value, such as None or an empty text.
            connect_path: Path of one-time URLs, which begins and ends with ``/``.
            public_path: Path before all routes in the browser, such as ``/app/``, which a proxy removes or keeps; by
                default the ``X-Forwarded-Prefix`` of ``trusted_proxies``.
            compression: True to accept permessage-deflate (RFC 7692).
            check_outgoing: True to validate messages of the server.
            clock: Function that returns a monotonic time in seconds, from any start: for heartbeats, idle timeouts,
                rates, one-time URLs and uptimes. Other timeouts use the clock of the event loop.

        Raises:
            ConfigurationError: If a setting is invalid.
        """
        require_instance("check_outgoing", check_outgoing, bool)
        proxies = networks("trusted_proxies", trusted_proxies)
        context = ServerContext(
            observer=self,
            origins=Origins.parse(origins, behind_proxy=bool(proxies)),
            backplane=_backplane(backplane, clock),
            limits=Limits() if limits is None else limits,
            heartbeat=Heartbeat() if heartbeat is None else heartbeat,
            clock=clock,
            trusted_proxies=proxies,
            connect_path=connect_path,
            public_path=public_path,
            compression=compression,
            user=user,
        )
        super().__init__(context, MountedEndpoints(context, check_outgoing=check_outgoing))
        context.backplane.attach(self._endpoints)

    # Hooks to override.

    def on_connect(self, connection: SocketHandler[Any]) -> None:
        """Run before the handler's ``on_connect``."""

    def on_disconnect(self, connection: SocketHandler[Any], code: int | None, reason: str | None) -> None:
        """Run after the handler's ``on_disconnect``."""

    def on_error(self, connection: SocketHandler[Any], error: Exception) -> None:
        """Run after a method of a handler raised, before the handler's ``on_error``."""

    def on_refuse(self, refusal: Refusal) -> None:
        """Run after a handshake was refused."""

    # Routes.

    def persistent(
        self,
        handler: type[PersistentT],
        *,
        guards: Sequence[Guard[PersistentT]] = (),
        path: str | None = None,
        limits: Limits | None = None,
        initialize: Mapping[str, Any] = EMPTY,
    ) -> list[Rule]:
        """Return the routes of a persistent handler, for a Tornado application.

        Args:
            handler: Subclass of a generated handler.
            guards: Guards, called in order before any method of the handler.
            path: Path template; by default the ``path`` of the schema.
            limits: Limits of this endpoint that differ from the controller's, such as ``Limits(per_user=3)``. The
                controller's quotas and rate of handshakes apply as well.
            initialize: Arguments of the handler's ``initialize``, such as ``{"db": db}``.

        Raises:
            IncompleteHandler: If the handler lacks a method of the schema.
            ConfigurationError: If an argument is invalid, or the class is: it is not persistent, overrides a final
                method or an attribute, has a hook that is not a coroutine function, a method that is probably a
                misspelled hook, or lacks an argument of ``initialize``.
        """
        require_subclass(handler, PersistentHandler)
        path = (handler.endpoint.path or "") if path is None else path
        return [self._endpoints.add(handler, path, guards=guards, limits=limits, initialize=initialize)]

    def ephemeral(
        self,
        handler: type[EphemeralT],
        *,
        guards: Sequence[Guard[EphemeralT] | Binding] = (),
        limits: Limits | None = None,
        initialize: Mapping[str, Any] = EMPTY,
    ) -> list[Rule]:
        """Return the routes of an ephemeral handler, for its one-time URLs.

        Args:
            handler: Subclass of a generated handler.
            guards: Guards as for :meth:`persistent`, and bindings such as :func:`same_session`, which compare the
                connecting request with the request for the URL. The user is always compared.
            limits: As for :meth:`persistent`.
            initialize: As for :meth:`persistent`.

        Raises:
            IncompleteHandler: If the handler lacks a method of the schema.
            ConfigurationError: If :meth:`persistent` would raise it, or the handler is not ephemeral.
        """
        require_subclass(handler, EphemeralHandler)
        return [self._endpoints.add_one_time(handler, guards=guards, limits=limits, initialize=initialize)]

    def ticketed(
        self,
        handler: type[PersistentT],
        *,
        guards: Sequence[Guard[PersistentT] | Binding] = (),
        limits: Limits | None = None,
        initialize: Mapping[str, Any] = EMPTY,
    ) -> list[Rule]:
        """Return the routes of a persistent handler that is reachable only by one-time URLs (:meth:`use`).

        The URL fixes the params, so clients cannot choose them. Arguments and errors are those of :meth:`ephemeral`.
        """
        require_subclass(handler, PersistentHandler)
        return [self._endpoints.add_one_time(handler, guards=guards, limits=limits, initialize=initialize)]

    def action(self, pattern: str, action: type[ActionT], *, initialize: Mapping[str, Any] = EMPTY) -> URLSpec:
        """Return the route of an action. Mount the handler of its endpoint first.

        Args:
            pattern: Regular expression for the path; its groups are the arguments of ``make_ticket``.
            action: Subclass of a generated action.
            initialize: Arguments of the action's ``initialize``.

        Raises:
            IncompleteHandler: If the action lacks ``make_ticket``.
            ConfigurationError: If the endpoint of the action is not mounted, the class cannot be, or ``make_ticket``
                is not a coroutine function, or lacks a parameter for a group of the pattern.
        """
        require_subclass(action, Action)
        require_complete(action)
        require_ticket_maker(action, pattern)
        require_arguments(action, initialize)
        self._endpoints.get(action.endpoint)
        return URLSpec(pattern, action, {**initialize, "ws_issuer": self})

    def unvalidated(
        self, pattern: str, handler: type[WebSocketHandler], kwargs: dict[str, Any] | None = None
    ) -> URLSpec:
        """Return the route of a WebSocket handler without a schema.

        Args:
            pattern: Regular expression for the path.
            handler: WebSocket handler, such as a :class:`.StrictWebSocketHandler`.
            kwargs: Arguments of the handler's ``initialize``.

        Raises:
            ConfigurationError: If an argument is invalid, or this version of Tornado is not supported.
        """
        require_supported_tornado()
        require_pattern(pattern)
        require_subclass(handler, WebSocketHandler)
        require_instance("kwargs", kwargs, (dict, NoneType))
        return URLSpec(pattern, handler, kwargs)

    # One-time URLs.

    async def use(
        self,
        request_handler: RequestHandler,
        handler: type[_Identified[ArgumentsT]],
        *ticket: ArgumentsT.args,
        **kwargs: ArgumentsT.kwargs,
    ) -> str:
        """Issue a URL that is valid for one connection and a short time: ``use(self, Export, ExportTicket(…))``.

        Args:
            request_handler: Handler of the current request; the URL is bound to its user.
            handler: Mounted handler class.
            ticket: Ticket of an ephemeral handler, or params of a persistent handler.
            kwargs: The same argument, by name.

        Returns:
            The path of the URL.

        Raises:
            InvalidMessage: If the ticket violates the schema.
            TooManyTickets: If the client has too many unused URLs (:attr:`.Limits.tickets`).
            GuardRefused: If the request lacks the value of a binding.
            TypeError: If an argument has another type, or there is not one ticket.
        """
        require_type("use", "request_handler", request_handler, RequestHandler, hint="use(self, …) in a handler")
        if len(identities := (*ticket, *kwargs.values())) != 1:
            raise TypeError(f"use: expected one ticket, got {len(identities)}")
        return await self.issue(request_handler, _endpoint("use", handler), identities[0])

    async def issue(self, request_handler: RequestHandler, endpoint: Endpoint, ticket: object) -> str:
        """Issue a one-time URL of an endpoint, for actions; see :meth:`use`."""
        return await issue(self._endpoints.get(endpoint), request_handler, ticket)

    # Connections.

    @property
    def connections(self) -> Sequence[SocketHandler[Any]]:
        """Handlers of all open connections of this process."""
        return [handler for server in self._endpoints for handler in server.members(None)]

    def room(self, handler: type[_InRooms[RoomT]], name: str) -> RoomT:
        """Return a room of an endpoint.

        Raises:
            TypeError: If an argument has another type.
        """
        room: RoomT = self._room("room", handler, require_text("room", "name", name))
        return room

    async def broadcast(
        self, handler: type[_Broadcasts[ArgumentsT]], *args: ArgumentsT.args, **kwargs: ArgumentsT.kwargs
    ) -> None:
        """Send a message to all connections of an endpoint: ``broadcast(Chat, message, exclude=…, filter=…)``.

        Arguments and errors are those of :meth:`.Room.send`.
        """
        await self._room("broadcast", handler, None).send(*args, **kwargs)

    async def send_to(
        self, handler: type[_Sends[ArgumentsT]], connection_id: str, *args: ArgumentsT.args, **kwargs: ArgumentsT.kwargs
    ) -> None:
        """Send a message to one connection of any process: ``send_to(Chat, connection_id, message)``.

        Does nothing if the connection is closed.
        """
        connection_id = require_text("send_to", "connection_id", connection_id)
        # Any: mypy checks the message against the handler's send().
        server: Any = self._endpoints.get(_endpoint("send_to", handler))
        await server.send_to(connection_id, *args, **kwargs)

    async def disconnect(self, *, user: str, code: int = CloseCode.UNAUTHORIZED, reason: str = "signed out") -> None:
        """Close all connections of a user in all processes: ``disconnect(user="ann")`` when a session ends.

        A handshake of the user that has begun before is refused as well.

        Args:
            user: Key of the user: ``current_user``, if it is text, or the result of the controller's ``user``.
            code: Close code. After the default, 3000, a page asks its functions for credentials once more.
            reason: Close reason, cut to 123 bytes in UTF-8.

        Raises:
            TypeError: If an argument has another type.
            ValueError: If the user is empty, or a close frame must not carry the code.
            BackplaneDown: If the backplane is unreachable, so that connections of other processes may be open.
            WrongThread: If the event loop runs in another thread.
        """
        self.context.thread.require("disconnect")
        user = require_text("disconnect", "user", user, hint="the key of the user, such as str(user.id)")
        reason = require_text("disconnect", "reason", reason)
        require_close_code(code)
        if not user:
            raise ValueError("disconnect: expected the key of a user, got an empty text")
        await self.context.disconnections.publish(user, int(code), reason)

    @overload
    def call_from_thread(
        self,
        function: Callable[ArgumentsT, Coroutine[Any, Any, ResultT]],
        *args: ArgumentsT.args,
        **kwargs: ArgumentsT.kwargs,
    ) -> Future[ResultT]: ...

    @overload
    def call_from_thread(
        self, function: Callable[ArgumentsT, ResultT], *args: ArgumentsT.args, **kwargs: ArgumentsT.kwargs
    ) -> Future[ResultT]: ...

    def call_from_thread(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        """Call a function or coroutine function in the event loop: ``call_from_thread(room.send, message).result()``.

        Args:
            function: Function such as :meth:`.SocketHandler.send`, :meth:`.Room.send` or :meth:`broadcast`.
            args: Its arguments.
            kwargs: Its keyword arguments.

        Returns:
            Future of the result, or of the result of the coroutine, for other threads.

        Raises:
            TypeError: If ``function`` cannot be called.
            RuntimeError: If the event loop is closed, or unknown: the controller was created outside of it, and no
                client has connected yet.
        """
        require_callable("call_from_thread", "function", function)
        return self.context.thread.call(function, *args, **kwargs)

    def measure(self) -> None:
        """Count messages and measure methods on connections that open from now on, for metrics and :meth:`summary`."""
        self._endpoints.measure()

    def trace(self, tracing: Tracing) -> None:
        """Record handshakes and methods from now on; see :func:`.tracing.trace`."""
        self._endpoints.trace(tracing)

    @property
    def endpoint_servers(self) -> Sequence[EndpointServer[Any]]:
        """Mounted endpoints, for metrics."""
        return tuple(self._endpoints)

    def summary(self) -> dict[str, Any]:  # Any: JSON values
        """Return the connections, rooms and counters of this process as JSON, without data that clients have sent."""
        return summary(self._endpoints, self.context)

    def _room(self, call: str, handler: Any, name: str | None) -> Any:  # a handler class; its room
        return Room(name, self._endpoints.get(_endpoint(call, handler)))


def _endpoint(call: str, handler: object) -> Endpoint:
    """Return the endpoint of a handler class.

    Raises:
        TypeError: If the value is not one.
    """
    endpoint: object = getattr(handler, "endpoint", None)
    if not isinstance(endpoint, Endpoint):
        raise TypeError(f"{call}: expected a handler class, got {handler!r}")
    return endpoint


def _backplane(setting: Backplane | str | None, clock: Callable[[], float]) -> Backplane:
    require_instance("backplane", setting, (Backplane, str, NoneType))
    if setting is None:
        return MemoryBackplane(clock=clock)
    return backplane_at(setting) if isinstance(setting, str) else setting
