"""Endpoints of one controller."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import NoneType
from typing import Any, TypeVar

from tornado.routing import Rule, URLSpec

from ..channels import Channel, KeptMessage, Position, Publication
from ..config_checks import require_instance, require_list
from ..endpoint import Endpoint
from ..errors import ConfigurationError
from ..limits import Limits
from ..presence.shared_presence import BEATS
from ..validation.params import param_names
from ..validation.path_template import PathTemplate
from ..validation.stand_in_check import require_equal_stand_ins
from ..websocket import require_supported_tornado
from .context import ServerContext, Tracing
from .disconnections import USERS, Disconnection
from .endpoint_server import EndpointServer
from .guards import Binding, Guard
from .handler import SocketHandler
from .handler_checks import require_arguments, require_complete, require_guard, require_hooks
from .handler_names import require_free_names, require_known_methods
from .one_time_url import OneTimePath

__all__ = ["MountedEndpoints"]

HandlerT = TypeVar("HandlerT", bound=SocketHandler[Any])


class MountedEndpoints:
    """Endpoint servers of one controller, by name. ``Any`` stands for the handler class of each endpoint."""

    def __init__(self, context: ServerContext, *, check_outgoing: bool) -> None:
        """Create an empty collection.

        Args:
            context: Settings and state of the controller.
            check_outgoing: True to validate messages of the server.
        """
        self._context = context
        self._check_outgoing = check_outgoing
        self._servers: dict[str, EndpointServer[Any]] = {}
        context.disconnections.close = self._disconnect

    def __iter__(self) -> Iterator[EndpointServer[Any]]:
        return iter(tuple(self._servers.values()))

    def add(
        self,
        handler: type[HandlerT],
        path: str,
        *,
        guards: Sequence[Guard[HandlerT]],
        limits: Limits | None,
        initialize: Mapping[str, Any],
    ) -> Rule:
        """Add an endpoint with a path.

        Args:
            handler: Handler class.
            path: Template of the path.
            guards: Guards of the handshake.
            limits: Limits of this endpoint that differ from the controller's.
            initialize: Arguments of the handler's ``initialize``.

        Returns:
            Route of the path.

        Raises:
            IncompleteHandler: If the class lacks a method of the schema.
            ConfigurationError: If an argument is invalid, or the endpoint was added before.
        """
        route = PathTemplate.parse(path)
        params = handler.endpoint.params
        names = () if params is None else param_names(params)
        if names is not None:
            route.require_names(names)
        server = self._add(handler, route=route, guards=guards, bindings=(), limits=limits, initialize=initialize)
        prefix = self._context.public_path
        pattern = f"(?:{re.escape(prefix)})?{route.pattern}" if prefix else route.pattern
        return URLSpec(pattern, handler, {**initialize, "ws_server": server})

    def add_one_time(
        self,
        handler: type[HandlerT],
        *,
        guards: Sequence[Guard[HandlerT] | Binding],
        limits: Limits | None,
        initialize: Mapping[str, Any],
    ) -> Rule:
        """Add an endpoint with one-time URLs; for arguments and errors see :meth:`add`.

        Returns:
            Route of the one-time URLs.
        """
        require_list("guards", guards)
        server = self._add(
            handler,
            route=None,
            guards=[guard for guard in guards if not isinstance(guard, Binding)],
            bindings=[guard for guard in guards if isinstance(guard, Binding)],
            limits=limits,
            initialize=initialize,
        )
        path = OneTimePath(self._context, handler.endpoint.name, self._one_time_names)
        return Rule(path, handler, {**initialize, "ws_server": server})

    def measure(self) -> None:
        """Count messages and measure methods on all endpoints, also on those that are added later."""
        self._context.measures = True
        for server in self._servers.values():
            server.measure()

    def trace(self, tracing: Tracing) -> None:
        """Record handshakes and methods on all endpoints, also on those that are added later."""
        self._context.tracing = tracing
        for server in self._servers.values():
            server.trace(tracing)

    def get(self, endpoint: Endpoint) -> EndpointServer[Any]:
        """Return the server of an endpoint.

        Raises:
            ConfigurationError: If the endpoint was not added.
        """
        server = self._servers.get(endpoint.name)
        if server is None or server.endpoint is not endpoint:
            hint = "mount its handler first"
            raise ConfigurationError("endpoint", f"{endpoint.name} is not mounted by this controller", hint)
        return server

    def deliver(self, publication: Publication) -> None:
        """Send a message that is not kept to its connections of this process."""
        if (server := self._servers.get(publication.channel.endpoint)) is not None:
            server.deliver(publication)
        elif publication.channel == BEATS:
            self._context.presence.deliver(publication)

    def deliver_kept(self, message: KeptMessage) -> None:
        """Send a kept message to the members of its channel in this process."""
        if message.channel == USERS:
            self._context.disconnections.receive(message)
        elif (server := self._servers.get(message.channel.endpoint)) is not None:
            server.channels.deliver_kept(message)
        else:
            self._context.presence.deliver_kept(message)

    def reset(self, channel: Channel, position: Position) -> None:
        """Send a new position to the members of a channel in this process."""
        if (server := self._servers.get(channel.endpoint)) is not None:
            server.channels.reset(channel, position)
        else:
            self._context.presence.reset(channel)

    def _disconnect(self, disconnection: Disconnection, at: float) -> None:
        for server in self:
            server.disconnect(disconnection, at)

    def _add(
        self,
        handler: type[HandlerT],
        *,
        route: PathTemplate | None,
        guards: Sequence[Guard[HandlerT]],
        bindings: Sequence[Binding],
        limits: Limits | None,
        initialize: Mapping[str, Any],
    ) -> EndpointServer[HandlerT]:
        require_supported_tornado()
        require_complete(handler)
        require_free_names(handler)
        require_hooks(handler)
        require_known_methods(handler)
        require_arguments(handler, initialize)
        require_list("guards", guards)
        for guard in guards:
            require_guard(guard)
        require_instance("limits", limits, (Limits, NoneType))
        name = handler.endpoint.name
        if name in self._servers:
            raise ConfigurationError("endpoint", f"{name} is already mounted", "use a second controller")
        require_equal_stand_ins(handler.endpoint)
        server: EndpointServer[HandlerT] = EndpointServer(
            handler,
            self._context,
            route=route,
            guards=guards,
            bindings=bindings,
            limits=limits,
            check_outgoing=self._check_outgoing,
        )
        if self._context.measures:
            server.measure()
        if self._context.tracing is not None:
            server.trace(self._context.tracing)
        self._servers[name] = server
        return server

    def _one_time_names(self) -> list[str]:
        return [name for name, server in self._servers.items() if server.route is None]
