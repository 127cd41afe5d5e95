"""Server of one endpoint: settings and state that its connections share."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from ..argument_checks import require_callable, require_decision
from ..channels import Channel, Publication
from ..channels.ticket_store import digest
from ..endpoint import Endpoint, MessageType, Replay
from ..limits import ConnectionQuota, KeyedRateLimiter, Limits
from ..session.coalescing import latest_key
from ..session.deliveries import DeliveryNotes
from ..session.dispatcher import Method
from ..session.statistics import EndpointStatistics, ReceivedMessages
from ..validation.codec import Codec
from ..validation.envelopes import Frame
from ..validation.message_classes import MessageClasses
from ..validation.path_template import PathTemplate
from ..websocket import ConnectionSettings, WriteBatch, prepare_frame
from .context import ServerContext, Tracing
from .disconnections import Disconnection
from .endpoint_channels import EndpointChannels, ResumableMember
from .endpoint_presence import EndpointPresence
from .guards import Binding, Guard, HttpRequest
from .rooms import Member
from .shutdown import DrainableConnection

__all__ = ["EndpointConnection", "EndpointHandler", "EndpointServer"]


class EndpointHandler(Member, Protocol):
    """Handler class of an endpoint."""

    endpoint: ClassVar[Endpoint]


HandlerT = TypeVar("HandlerT", bound=EndpointHandler)
HandlerT_co = TypeVar("HandlerT_co", bound=EndpointHandler, covariant=True)


class EndpointConnection(DrainableConnection, ResumableMember, Protocol[HandlerT_co]):
    """Open connection of an endpoint (:class:`.ConnectedClient`)."""

    @property
    def handler(self) -> HandlerT_co:
        """Handler of the connection."""
        ...

    @property
    def user(self) -> str | None:
        """Key of the signed-in user; None if there is none."""
        ...

    @property
    def connected_at(self) -> float:
        """Time of the request of the handshake, in seconds (the controller's clock)."""
        ...


class EndpointServer(Generic[HandlerT]):
    """Endpoint of one controller: its codec, limits, guards, methods and open connections."""

    def __init__(
        self,
        handler: type[HandlerT],
        context: ServerContext,
        *,
        route: PathTemplate | None,
        guards: Sequence[Guard[HandlerT]],
        bindings: Sequence[Binding],
        limits: Limits | None,
        check_outgoing: bool,
    ) -> None:
        """Build the codec and the lookup tables.

        Args:
            handler: Handler class.
            context: Settings and state of the controller.
            route: Path of the endpoint; None for one-time URLs.
            guards: Guards of the handshake.
            bindings: Bindings of one-time URLs.
            limits: Limits of this endpoint that differ from the controller's.
            check_outgoing: True to validate messages of the server.
        """
        self.endpoint = endpoint = handler.endpoint
        self.limits = context.limits.with_changes(limits)
        self.methods = {message.name: getattr(handler, message.method) for message in endpoint.client}
        """Methods for messages of the client, by message name."""
        self.context = context
        self.route = route
        self.guards = guards
        self.bindings = bindings
        self.quotas = (context.quota, *(() if limits is None else (ConnectionQuota(self.limits),)))
        """Quotas of the controller and, if it has its own limits, of this endpoint."""
        self.handshake_rates = [] if context.handshakes is None else [(context.handshakes, context.limits)]
        """Rates of handshakes of the controller and, if it has its own, of this endpoint; with their limits."""
        if limits is not None and limits.handshakes is not None and "handshakes" in limits.given:
            self.handshake_rates.append((KeyedRateLimiter(limits.handshakes), self.limits))
        self.handshakes: Counter[str] = Counter()
        """Numbers of handshakes by outcome: ``admitted``, or the cause of the refusal (:attr:`.Refusal.cause`)."""
        self.errors: Counter[str] = Counter()
        """Numbers of ``$error`` frames by code."""
        self.statistics: EndpointStatistics | None = None
        """Numbers of messages, and times of methods; None unless :meth:`measure` was called."""
        self.codec = Codec(endpoint, check_outgoing=check_outgoing, errors=self.errors)
        self.fast_methods = self._fast_methods()
        """Types, methods and numbers of messages without answers, acknowledgements and rates, by frame class."""
        self.has_acknowledged_messages = any(message.acknowledged for message in endpoint.client)
        """True if clients send messages that the server acknowledges."""
        # The ticket of a persistent endpoint contains its params.
        self._ticket_codec = Codec(dataclasses.replace(endpoint, ticket=endpoint.ticket or endpoint.params))
        self.connection_settings = ConnectionSettings(
            write_queue_bytes=self.limits.write_queue_bytes,
            write_queue_age=self.limits.write_queue_age,
            receive_queue_messages=self.limits.receive_queue_messages,
            counters=context.counters,
            log=context.log,
        )
        self._history = _history(endpoint)
        self.channels: EndpointChannels[EndpointConnection[HandlerT]] = EndpointChannels(
            endpoint.name, context.backplane, self._history, clock=context.clock
        )
        """Channels of the open connections."""
        self.registry = self.channels.registry
        """Open connections and their rooms."""
        self.presence: EndpointPresence[EndpointConnection[HandlerT]] | None = None
        """Presence in the rooms; None if the schema declares none."""
        if endpoint.presence is not None:
            self.channels.offers_presence = True
            self.presence = EndpointPresence(
                self.registry,
                context.presence,
                self.codec,
                grace=self.limits.presence_grace,
                rate=self.limits.resumes,
                clock=context.clock,
            )
        client_classes = [message.cls for message in endpoint.client]
        self._server_messages = MessageClasses({message.cls: message for message in endpoint.server}, client_classes)
        has_policies = any(message.has_queue_policy for message in endpoint.server)
        self.queue_policies = (
            MessageClasses(
                {message.cls: message if message.has_queue_policy else None for message in endpoint.server},
                client_classes,
            )
            if has_policies
            else None
        )
        """Types of messages that a write queue may drop or replace, by class; None for other messages."""

    def members(self, room: str | None) -> Sequence[HandlerT]:
        """Return the handlers of a room, or of the whole endpoint, in this process; a snapshot."""
        return tuple(connection.handler for connection in self.registry.members(room))

    async def join(self, connection: EndpointConnection[HandlerT], room: str | None) -> None:
        """Add a connection to a room, or to the endpoint's own channel."""
        await self.channels.join(connection, room)
        if self.presence is not None:
            await self.presence.enter(connection, room)

    def leave(self, connection: EndpointConnection[HandlerT], room: str) -> None:
        """Remove a connection from a room."""
        self.channels.leave(connection, room)
        if self.presence is not None:
            self.presence.leave(connection, room)

    def present(self, room: str | None) -> Mapping[str, Sequence[Any]]:
        """Return the metadata of the tracked devices in a room, by key."""
        self.context.thread.require("present")
        return {} if self.presence is None else self.presence.present(room)

    def message_type(self, message: object) -> MessageType:
        """Return the type of a message of the server.

        Raises:
            TypeError: If the message class is not a message of the server.
        """
        try:
            return self._server_messages[type(message)]
        except KeyError:
            names = ", ".join(self._server_messages.names)
            raise TypeError(f"expected one of {names}, got {type(message).__name__}") from None

    def delivery_notes(self, user: str | None) -> DeliveryNotes:
        """Return the notes about acknowledged messages of a user, by its key."""
        return DeliveryNotes(
            store=self.context.backplane.deliveries,
            endpoint=self.endpoint.name,
            user=user,
            limit=self.limits.deliveries,
        )

    # One-time URLs.

    def fingerprints(self, request: HttpRequest, address: str, user: object) -> dict[str, str | None]:
        """Return the hashes that bind a one-time URL to a request, by name; None for a value that the request lacks.

        Args:
            request: Request for the URL, or with the URL.
            address: Address of the client.
            user: Tornado's ``current_user``, which is always included.
        """
        fingerprints = {binding.name: binding.fingerprint(request, address) for binding in self.bindings}
        if (key := self.context.key_of(user)) is not None:
            fingerprints["user"] = digest(key)
        return fingerprints

    def encode_ticket(self, ticket: object) -> bytes:
        """Return a ticket, or the params of a persistent endpoint, as JSON text.

        Raises:
            InvalidMessage: If the ticket violates the schema.
        """
        return self._ticket_codec.encode_ticket(ticket) if self._has_ticket else b"null"

    def decode_ticket(self, data: bytes) -> Any:  # the type in the schema
        """Return the ticket from JSON text.

        Raises:
            InvalidFrame: If the text violates the schema.
        """
        return self._ticket_codec.decode_ticket(data) if self._has_ticket else None

    @property
    def _has_ticket(self) -> bool:
        return self._ticket_codec.endpoint.ticket is not None

    def _replace_method(self, name: str, method: Method) -> None:
        self.methods[name] = method
        for frame, (message, _, received) in self.fast_methods.items():
            if message.name == name:
                self.fast_methods[frame] = message, method, received

    def _fast_methods(self) -> dict[type[Frame], tuple[MessageType, Method, ReceivedMessages | None]]:
        received = {} if self.statistics is None else self.statistics.received
        return {
            frame: (message, self.methods[message.name], received.get(message.name))
            for message in self.endpoint.client
            if message.payload and not message.rate and not self.limits.messages
            if not message.answer and not message.acknowledged
            for frame in self.codec.frame_types(message.name)
        }

    # Metrics and traces.

    def trace(self, tracing: Tracing) -> None:
        """Record calls of methods from now on."""
        for message in self.endpoint.client:
            replace = partial(self._replace_method, message.name)
            replace(tracing.method(self.endpoint, message, self.methods[message.name], replace))

    @property
    def path(self) -> str:
        """Template of the path."""
        return f"{self.context.connect_path}{self.endpoint.name}-{{key}}" if self.route is None else self.route.template

    def measure(self) -> None:
        """Count messages, and measure the times of methods, on connections that open from now on."""
        if self.statistics is None:
            self.statistics = self.channels.statistics = EndpointStatistics(self.endpoint)
            self.fast_methods.update(self._fast_methods())

    def sent(self) -> dict[str, int]:
        """Return the numbers of sent messages by name."""
        if self.statistics is None:
            return {}
        numbers = dict(self.statistics.sent)
        for name, number in self.codec.encoded().items():
            numbers[name] += number
        return numbers

    # Broadcasts.

    async def publish(
        self,
        message: object,
        *,
        room: str | None,
        exclude: Iterable[Member],
        filter: Callable[[HandlerT], bool] | None,
        to: str | None = None,
    ) -> None:
        """Send a message to connections of all processes.

        Args:
            message: Instance of a message class.
            room: Name of a room; None for the whole endpoint.
            exclude: Connections to leave out.
            filter: Predicate for connections of this process.
            to: Id of the only connection to send to.

        Raises:
            InvalidMessage: If the message violates the schema.
            TypeError: If the message class is not a message of the server, or recipients cannot be selected this way.
            BackplaneDown: If a message to keep cannot be kept.
            WrongThread: If the event loop runs in another thread.
        """
        call = "send_to" if to is not None else "broadcast" if room is None else "Room.send"
        self.context.thread.require(call)
        message_type = self.message_type(message)
        if filter is not None:
            require_callable(call, "filter", filter, synchronous=True)
        if message_type.replay and filter is not None:
            raise TypeError(
                f"{message_type.name} is kept for clients that resume; expected exclude= or a room, got filter="
            )
        publication = Publication(
            channel=Channel(self.endpoint.name, room),
            name=message_type.name,
            text=self.codec.encode(message),
            to=to,
            exclude=frozenset() if exclude == () else _ids(call, exclude),
            volatile=message_type.volatile,
            latest=latest_key(message_type, message),
            history=None if to is not None or message_type.replay is None else self._history,
        )
        if self.statistics is not None:  # the codec has counted the message; its recipients follow
            self.statistics.count_sent(message_type.name, -1)
        if filter is None:
            await self.context.backplane.publish(publication)
            return
        if not self.context.backplane.local:
            raise TypeError("filter= cannot reach the connections of other processes; use a room")
        members = self.registry.members(room)
        selected = [member for member in members if require_decision(call, "filter", filter(member.handler))]
        self._send_to_all(selected, publication)

    async def send_to(self, connection_id: str, message: object) -> None:
        """Send a message to one connection of any process; does nothing if it is closed."""
        await self.publish(message, room=None, exclude=(), filter=None, to=connection_id)

    def deliver(self, publication: Publication) -> None:
        """Send a message that is not kept to its connections of this process."""
        if publication.to is None:
            self._send_to_all(self.registry.members(publication.channel.room), publication)
        elif (connection := self.registry.get(publication.to)) is not None:
            self._send_to_all([connection], publication)

    def disconnect(self, disconnection: Disconnection, at: float) -> None:
        """Close the connections of a user in this process that began before a time."""
        for connection in self.registry.members(None):
            if connection.user == disconnection.user and connection.connected_at <= at:
                connection.close(disconnection.code, disconnection.reason)

    def _send_to_all(self, recipients: Sequence[EndpointConnection[HandlerT]], publication: Publication) -> None:
        exclude = publication.exclude
        if exclude:
            recipients = [recipient for recipient in recipients if recipient.connection_id not in exclude]
        if connections := [found for recipient in recipients if (found := recipient.connection) is not None]:
            frame = prepare_frame(publication.text, volatile=publication.volatile, latest=publication.latest)
            WriteBatch.current().broadcast(frame, connections, self.context.clock())
            if self.statistics is not None:
                self.statistics.count_sent(publication.name, len(connections))


def _ids(call: str, connections: object) -> frozenset[str]:
    """Return the ids of excluded connections.

    Raises:
        TypeError: If the value is not a list of connections.
    """
    if isinstance(connections, str | bytes) or not isinstance(connections, Iterable):
        kind = type(connections).__name__
        raise TypeError(f"{call}: expected exclude to be a list of connections, got {kind}; exclude=[…]")
    ids: set[str] = set()
    for connection in connections:
        if not isinstance(id := getattr(connection, "connection_id", None), str):
            kind = type(connection).__name__
            raise TypeError(f"{call}: expected connections in exclude, such as self, got {kind}")
        ids.add(id)
    return frozenset(ids)


def _history(endpoint: Endpoint) -> Replay | None:
    """Return the bounds of the history of a channel: the largest of its messages; None if no message is kept."""
    bounds = [message.replay for message in endpoint.server if message.replay is not None]
    if not bounds:
        return None
    return Replay(max(replay.count for replay in bounds), max(replay.seconds for replay in bounds))
