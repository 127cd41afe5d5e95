"""Hold an application's sockets: mount handlers, reach connections from anywhere."""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable, Sequence
from types import NoneType
from typing import Any, Literal, ParamSpec, Protocol, TypeVar

from tornado.httpserver import HTTPServer
from tornado.routing import Rule, URLSpec
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

from ..channels import Backplane, MemoryBackplane, Publication, backplane_at
from ..config_checks import require_choice, require_function, require_instance, require_list
from ..endpoint import Endpoint
from ..errors import CloseCode, ConfigurationError, IncompleteHandler
from ..limits import Limits
from ..validation.params import param_names
from ..websocket.keepalive import Heartbeat
from .action import Action
from .client_address import networks
from .context import Refusal, ServerContext, user_key
from .endpoint_server import EndpointServer
from .guards import Binding, Guard
from .handler import EphemeralHandler, PersistentHandler, SocketHandler
from .one_time_url import OneTimePath, issue
from .origins import Origins
from .path_template import PathTemplate
from .rooms import Room
from .shutdown import drain, until_signal
from .stats import summary

__all__ = ["WebSocketController"]

HandlerT = TypeVar("HandlerT", bound=SocketHandler[Any])
PersistentT = TypeVar("PersistentT", bound=PersistentHandler[Any, Any])
EphemeralT = TypeVar("EphemeralT", bound=EphemeralHandler[Any, Any])
ActionT = TypeVar("ActionT", bound=Action[Any])
ArgumentsT = ParamSpec("ArgumentsT")
RoomT = TypeVar("RoomT")
RoomT_co = TypeVar("RoomT_co", covariant=True)


class _InRooms(Protocol[RoomT_co]):
    """Any handler class, together with the type of its rooms: that is how mypy learns what may be sent."""

    def room(self, name: str) -> RoomT_co: ...


class _Broadcasts(Protocol[ArgumentsT]):
    """Any handler class, together with what its broadcast takes."""

    def broadcast(self, *args: ArgumentsT.args, **kwargs: ArgumentsT.kwargs) -> Awaitable[None]: ...


class _Identified(Protocol[ArgumentsT]):
    """Any handler class, together with the type of its ticket or params."""

    def _identify(self, *args: ArgumentsT.args, **kwargs: ArgumentsT.kwargs) -> None: ...


class _Sends(Protocol[ArgumentsT]):
    def send(self, *args: ArgumentsT.args, **kwargs: ArgumentsT.kwargs) -> Awaitable[None]: ...


class WebSocketController:
    """All sockets of an application. Several in one process do not know of each other."""

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
        connection: Literal["strict", "tornado"] = "strict",
        compression: bool = False,
        check_outgoing: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Set up; nothing runs before the first client comes.

        Args:
            origins: Pages that may connect, such as ``["https://example.org"]``, or ``["*"]``. By default those of the
                host that they connect to.
            limits: What clients may take.
            heartbeat: How often clients are asked whether they are there.
            trusted_proxies: Addresses and networks whose ``X-Forwarded-For`` is believed; needs ``origins``.
            backplane: Connects several processes; a URL such as ``redis://localhost`` is enough.
            user: Turns Tornado's ``current_user`` into what names the user; by default itself, or its JSON.
            connect_path: Where one-time URLs are served.
            connection: What reads and writes frames: ours, or Tornado's.
            compression: Whether to accept permessage-deflate.
            check_outgoing: Whether what handlers send is checked against the schema.
            clock: In seconds; never goes back.

        Raises:
            ConfigurationError: If the settings cannot work.
        """
        require_instance("limits", limits, (Limits, NoneType))
        require_instance("heartbeat", heartbeat, (Heartbeat, NoneType))
        require_instance("backplane", backplane, (Backplane, str, NoneType))
        require_function("user", user)
        require_function("clock", clock)
        require_instance("compression", compression, bool)
        require_instance("check_outgoing", check_outgoing, bool)
        require_choice("connection", connection, ("strict", "tornado"))
        require_list("trusted_proxies", trusted_proxies)
        require_instance("connect_path", connect_path, str)
        if not connect_path.startswith("/") or not connect_path.endswith("/"):
            raise ConfigurationError("connect_path", f"expected a path between two slashes, got {connect_path!r}")
        self._check_outgoing = check_outgoing
        self._mounts: dict[str, tuple[type[SocketHandler[Any]], EndpointServer[Any]]] = {}
        self.service = ServerContext(
            observer=self,
            origins=Origins.parse(origins, behind_proxy=bool(trusted_proxies)),
            backplane=_backplane(backplane, clock),
            limits=limits or Limits(),
            heartbeat=heartbeat or Heartbeat(),
            clock=clock,
            trusted=networks("trusted_proxies", trusted_proxies),
            connect_path=connect_path,
            connection=connection,
            compression=compression,
            user=user,
        )
        self.service.backplane.bus.attach(self._deliver)

    # Hooks to override.

    def on_connect(self, connection: SocketHandler[Any]) -> None:
        """Take note of a connection that opened."""

    def on_disconnect(self, connection: SocketHandler[Any], code: int | None, reason: str | None) -> None:
        """Take note of a connection that closed."""

    def on_error(self, connection: SocketHandler[Any], error: Exception) -> None:
        """Take note of an exception in a handler."""

    def on_refuse(self, refusal: Refusal) -> None:
        """Take note of a client that was not let in."""

    # Mounting.

    def persistent(
        self,
        handler: type[PersistentT],
        *,
        guards: Sequence[Guard[PersistentT]] = (),
        path: str | None = None,
        limits: Limits | None = None,
    ) -> list[Rule]:
        """Return the route of a handler, to be put into an application.

        Args:
            handler: A subclass of a generated handler.
            guards: Asked in order before anything of the handler runs.
            path: Instead of the schema's.
            limits: Instead of the controller's, for this endpoint; its bounds on connections hold as well.

        Raises:
            IncompleteHandler: If it lacks a method of the schema.
            ConfigurationError: If the path cannot work, or the handler is of the other kind.
        """
        _subclass(handler, PersistentHandler)
        route = PathTemplate.parse(path or handler.endpoint.path or "")
        params = handler.endpoint.params
        stated = () if params is None else param_names(params)
        if stated is not None:
            route.expect_names(stated)
        mount = self._mount(handler, route=route, guards=guards, bindings=(), limits=limits)
        return [URLSpec(route.pattern, handler, {"mount": mount})]

    def ephemeral(
        self,
        handler: type[EphemeralT],
        *,
        guards: Sequence[Guard[EphemeralT] | Binding] = (),
        limits: Limits | None = None,
    ) -> list[Rule]:
        """Return the route of a handler's one-time URLs.

        Args:
            handler: A subclass of a generated handler.
            guards: As for :meth:`persistent`; bindings such as :func:`same_session` compare the request that connects
                with the one that asked for the URL. The user is always compared.
            limits: Instead of the controller's, for this endpoint.

        Raises:
            IncompleteHandler: If it lacks a method of the schema.
        """
        _subclass(handler, EphemeralHandler)
        return self._one_time(handler, guards, limits)

    def ticketed(
        self,
        handler: type[PersistentT],
        *,
        guards: Sequence[Guard[PersistentT] | Binding] = (),
        limits: Limits | None = None,
    ) -> list[Rule]:
        """Return the route of a persistent handler that is served at one-time URLs only, made by :meth:`use`.

        Its params are those that the URL was made with, so that clients cannot choose them.
        """
        _subclass(handler, PersistentHandler)
        return self._one_time(handler, guards, limits)

    def action(self, pattern: str, action: type[ActionT]) -> URLSpec:
        """Return the route of an action. The handler of its endpoint is mounted before.

        Args:
            pattern: A regular expression; what its groups match is given to ``make_ticket``.
            action: A subclass of a generated action.

        Raises:
            IncompleteHandler: If it lacks ``make_ticket``.
            ConfigurationError: If nothing would serve the URLs that it makes.
        """
        _subclass(action, Action)
        _complete(action)
        self._find(action.endpoint)
        return URLSpec(pattern, action, {"issuer": self})

    def raw(self, pattern: str, handler: type[WebSocketHandler], kwargs: dict[str, Any] | None = None) -> URLSpec:
        """Return the route of a WebSocket handler without our protocol, on the same kind of connection."""
        return URLSpec(pattern, handler, kwargs)

    # One-time URLs.

    async def use(
        self,
        request_handler: RequestHandler,
        handler: type[_Identified[ArgumentsT]],
        *ticket: ArgumentsT.args,
        **kwargs: ArgumentsT.kwargs,
    ) -> str:
        """Make a URL that is good for one connection, for a short time: ``use(self, Export, ExportTicket(…))``.

        Args:
            request_handler: Of the request that asks for it; it is bound to its user.
            handler: The class that will serve it.
            ticket: What the handler gets as ``ticket``; a persistent one, as ``params``.
            kwargs: The same, by its name.

        Returns:
            The path of the URL.

        Raises:
            InvalidMessage: The ticket is not what the schema says.
            TooManyTickets: The client has too many open already.
            GuardRefused: The request lacks what a binding ties the URL to.
        """
        (identity,) = tuple(ticket) or tuple(kwargs.values())
        return await issue(self._find_handler(handler), request_handler, identity)

    async def issue(self, request_handler: RequestHandler, endpoint: Endpoint, ticket: object) -> str:
        """Make a one-time URL of an endpoint, as :meth:`use` does; for actions."""
        return await issue(self._find(endpoint), request_handler, ticket)

    # Reaching connections.

    @property
    def connections(self) -> Sequence[SocketHandler[Any]]:
        """All open connections of this process."""
        return [member for _, mount in self._mounts.values() for member in mount.registry]

    def room(self, handler: type[_InRooms[RoomT]], name: str) -> RoomT:
        """Return a room of an endpoint, from anywhere in the program."""
        room: RoomT = self._room(handler, name)
        return room

    async def broadcast(
        self, handler: type[_Broadcasts[ArgumentsT]], *args: ArgumentsT.args, **kwargs: ArgumentsT.kwargs
    ) -> None:
        """Send a message to all connections of an endpoint: ``broadcast(Chat, message, exclude=…, where=…)``.

        See :meth:`.Room.send`.
        """
        await self._room(handler, None).send(*args, **kwargs)

    async def send_to(
        self, handler: type[_Sends[ArgumentsT]], connection_id: str, *args: ArgumentsT.args, **kwargs: ArgumentsT.kwargs
    ) -> None:
        """Send a message to one connection, wherever it is: ``send_to(Chat, connection_id, message)``.

        If it is gone nothing happens.
        """
        mount: Any = self._find_handler(handler)  # mypy has checked the message against the handler's own send()
        await mount.send_to(connection_id, *args, **kwargs)

    def summary(self) -> dict[str, Any]:  # Any: JSON values
        """Return what is open in this process, as JSON: nothing that clients have sent."""
        return summary([mount for _, mount in self._mounts.values()], self.service)

    # Stopping.

    async def drain(self, timeout: float = 10.0, *, spread: float = 5.0) -> int:  # noqa: ASYNC109
        """Stop in order: let nobody in, let running methods finish, send all clients away, drop those who stay.

        Args:
            timeout: Seconds until the rest is dropped.
            spread: Clients are told to come back at different times within so many seconds.

        Returns:
            How many connections were dropped.
        """
        self.service.draining = True
        return await drain(self.connections, timeout, spread)

    async def serve_until_signal(
        self,
        *servers: HTTPServer,
        timeout: float = 10.0,  # noqa: ASYNC109
        spread: float = 5.0,
    ) -> None:
        """Wait for SIGTERM or SIGINT, stop listening, then :meth:`drain` and :meth:`close`.

        Args:
            servers: What ``Application.listen`` returned.
            timeout: As for :meth:`drain`.
            spread: As for :meth:`drain`.
        """
        await until_signal()
        self.service.draining = True
        for server in servers:
            server.stop()
        await self.drain(timeout, spread=spread)
        await self.service.backplane.stop()
        self.close()

    def close(self) -> None:
        """Stop at once: drop all connections, forget all one-time URLs."""
        self.service.draining = True
        for connection in self.connections:
            connection._hang_up(CloseCode.GOING_AWAY, "the server stops")
        self.service.deadlines.stop()
        self.service.backplane.close()

    def _one_time(
        self, handler: type[HandlerT], guards: Sequence[Guard[HandlerT] | Binding], limits: Limits | None
    ) -> list[Rule]:
        bindings = [guard for guard in guards if isinstance(guard, Binding)]
        rest = [guard for guard in guards if not isinstance(guard, Binding)]
        mount = self._mount(handler, route=None, guards=rest, bindings=bindings, limits=limits)
        return [
            Rule(
                OneTimePath(self.service.connect_path, handler.endpoint.name, self._one_time_names),
                handler,
                {"mount": mount},
            )
        ]

    def _one_time_names(self) -> list[str]:
        return [name for name, (_, mount) in self._mounts.items() if mount.route is None]

    def _mount(
        self,
        handler: type[HandlerT],
        *,
        route: PathTemplate | None,
        guards: Sequence[Guard[HandlerT]],
        bindings: Sequence[Binding],
        limits: Limits | None,
    ) -> EndpointServer[HandlerT]:
        _complete(handler)
        require_list("guards", guards)
        for guard in guards:
            require_function("guards", guard)
        require_instance("limits", limits, (Limits, NoneType))
        endpoint = handler.endpoint
        if endpoint.name in self._mounts:
            raise ConfigurationError("endpoint", f"{endpoint.name} is mounted already", "use a second controller")
        mount: EndpointServer[HandlerT] = EndpointServer(
            handler,
            self.service,
            route=route,
            guards=guards,
            bindings=bindings,
            limits=limits,
            check_outgoing=self._check_outgoing,
        )
        self._mounts[endpoint.name] = (handler, mount)
        return mount

    def _find(self, endpoint: Endpoint) -> EndpointServer[Any]:
        found = self._mounts.get(endpoint.name)
        if found is None or found[1].endpoint is not endpoint:
            hint = "mount its handler first"
            raise ConfigurationError("endpoint", f"{endpoint.name} is not mounted by this controller", hint)
        return found[1]

    def _find_handler(self, handler: Any) -> EndpointServer[Any]:  # a handler class
        return self._find(handler.endpoint)

    def _room(self, handler: Any, name: str | None) -> Any:  # a handler class; its room
        return Room(name, self._find_handler(handler))

    def _deliver(self, publication: Publication) -> None:
        found = self._mounts.get(publication.endpoint)
        if found is not None:
            found[1].deliver(publication)


def _backplane(setting: Backplane | str | None, clock: Callable[[], float]) -> Backplane:
    if setting is None:
        return MemoryBackplane(clock=clock)
    return backplane_at(setting) if isinstance(setting, str) else setting


def _subclass(given: object, wanted: type[RequestHandler]) -> None:
    """Refuse what is mounted as something else than it is."""
    if isinstance(given, type) and issubclass(given, wanted):
        return
    for kind, mounted in ((PersistentHandler, "persistent"), (EphemeralHandler, "ephemeral"), (Action, "action")):
        if isinstance(given, type) and issubclass(given, kind):
            hint = f"mount it with sockets.{mounted}(…)"
            raise ConfigurationError("handler", f"expected {wanted.__name__}, got {given.__qualname__}", hint)
    raise ConfigurationError("handler", f"expected a subclass of {wanted.__name__}, got {given!r}")


def _complete(handler: type[RequestHandler]) -> None:
    if inspect.isabstract(handler):
        missing: frozenset[str] = getattr(handler, "__abstractmethods__", frozenset())
        raise IncompleteHandler(handler.__qualname__, tuple(sorted(missing)))
