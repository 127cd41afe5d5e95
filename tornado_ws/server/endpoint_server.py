"""Server of one endpoint: settings and state that its connections share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from ..channels import Publication
from ..channels.history import with_seq
from ..channels.ticket_store import digest
from ..endpoint import Endpoint, MessageType
from ..errors import CloseCode
from ..limits import ConnectionQuota, Limits
from ..session.coalescing import latest_key
from ..validation.codec import Codec
from ..websocket import Connection, ConnectionSettings, WriteBatch, prepare_frame
from .context import ServerContext
from .guards import Binding, Guard, HttpRequest
from .path_template import PathTemplate
from .rooms import ConnectionRegistry, Member

__all__ = ["EndpointConnection", "EndpointHandler", "EndpointServer"]


class EndpointHandler(Member, Protocol):
    """Handler class of an endpoint."""

    endpoint: ClassVar[Endpoint]


HandlerT = TypeVar("HandlerT", bound=EndpointHandler)
HandlerT_co = TypeVar("HandlerT_co", bound=EndpointHandler, covariant=True)


class EndpointConnection(Member, Protocol[HandlerT_co]):
    """Open connection of an endpoint (:class:`.ConnectedClient`)."""

    @property
    def handler(self) -> HandlerT_co:
        """Handler of the connection."""
        ...

    @property
    def connection(self) -> Connection | None:
        """Connection; None once it has ended."""
        ...

    def add_sent_seq(self, seq: int) -> None:
        """Record the sequence number of a kept message that was sent to the client."""
        ...

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close the connection after the messages sent so far."""
        ...

    def abort(self, code: CloseCode, reason: str) -> None:
        """Drop the connection."""
        ...

    def abandon(self) -> None:
        """Stop waiting for a method that suppresses its cancellation."""
        ...

    async def wait_idle(self) -> None:
        """Wait until no method runs and no message waits."""
        ...

    async def wait_closed(self) -> None:
        """Wait until ``on_disconnect`` has returned."""
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
            limits: Limits of this endpoint; by default the controller's.
            check_outgoing: True to validate messages of the server.
        """
        self.endpoint = endpoint = handler.endpoint
        self.limits = limits or context.limits
        self.methods = {message.name: getattr(handler, message.method) for message in endpoint.client}
        """Methods for messages of the client, by message name."""
        self.context = context
        self.route = route
        self.guards = guards
        self.bindings = bindings
        self.quotas = (context.quota, *(() if limits is None else (ConnectionQuota(limits),)))
        """Quotas of the controller and, if it has its own limits, of this endpoint."""
        self.codec = Codec(endpoint, check_outgoing=check_outgoing)
        self.fast_methods = {
            frame: (message, self.methods[message.name])
            for message in endpoint.client
            if message.payload and not message.answer and not message.rate and not self.limits.messages
            for frame in self.codec.frame_types(message.name)
        }
        """Types and methods of messages without answers and rates, by frame class."""
        # The ticket of a persistent endpoint contains its params.
        self._ticket_codec = Codec(dataclasses.replace(endpoint, ticket=endpoint.ticket or endpoint.params))
        self.connection_settings = ConnectionSettings(
            write_queue_bytes=self.limits.write_queue_bytes,
            write_queue_age=self.limits.write_queue_age,
            receive_queue_messages=self.limits.receive_queue_messages,
            counters=context.counters,
        )
        self.registry: ConnectionRegistry[EndpointConnection[HandlerT]] = ConnectionRegistry()
        self._server_messages = {message.cls: message for message in endpoint.server}
        self.queue_policies = {
            cls: message for cls, message in self._server_messages.items() if message.has_queue_policy
        }
        """Types of messages that a write queue may drop or replace, by message class."""

    def members(self, room: str | None) -> Sequence[HandlerT]:
        """Return the handlers of a room, or of the whole endpoint, in this process; a snapshot."""
        return tuple(connection.handler for connection in self.registry.members(room))

    def message_type(self, message: object) -> MessageType:
        """Return the type of a message of the server.

        Raises:
            TypeError: If the message class is not a message of the server.
        """
        message_type = self._server_messages.get(type(message))
        if message_type is None:
            names = ", ".join(cls.__name__ for cls in self._server_messages)
            raise TypeError(f"expected one of {names}, got {type(message).__name__}")
        return message_type

    # One-time URLs.

    def fingerprints(self, request: HttpRequest, address: str, user: object) -> dict[str, str | None]:
        """Return the hashes that bind a one-time URL to a request, by name; None for a value that the request lacks.

        Args:
            request: Request for the URL, or with the URL.
            address: Address of the client.
            user: Tornado's ``current_user``, which is always included.
        """
        fingerprints = {binding.name: binding.fingerprint(request, address) for binding in self.bindings}
        if (key := self.context.user(user)) is not None:
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
        """
        message_type = self.message_type(message)
        excluded = frozenset(member.connection_id for member in exclude)
        if message_type.replay and (excluded or filter is not None):
            raise TypeError(
                f"{message_type.name} is kept for clients that resume, so all clients receive it; "
                "expected neither exclude= nor filter="
            )
        publication = Publication(
            endpoint=self.endpoint.name,
            name=message_type.name,
            text=self.codec.encode(message),
            room=room,
            to=to,
            exclude=excluded,
            volatile=message_type.volatile,
            latest=latest_key(message_type, message),
            replay=0 if to is not None else message_type.replay,
        )
        if filter is None:
            await self.context.backplane.bus.publish(publication)
            return
        if not self.context.backplane.bus.local:
            raise TypeError("filter= cannot reach the connections of other processes; use a room")
        self._send_to_all(
            [connection for connection in self.registry.members(room) if filter(connection.handler)], publication
        )

    async def send_to(self, connection_id: str, message: object) -> None:
        """Send a message to one connection of any process; does nothing if it is closed."""
        await self.publish(message, room=None, exclude=(), filter=None, to=connection_id)

    def deliver(self, publication: Publication) -> None:
        """Send a publication to its connections of this process."""
        if publication.to is None:
            self._send_to_all(self.registry.members(publication.room), publication)
        elif (connection := self.registry.get(publication.to)) is not None:
            self._send_to_all([connection], publication)

    def _send_to_all(self, recipients: Sequence[EndpointConnection[HandlerT]], publication: Publication) -> None:
        text, exclude, seq = publication.text, publication.exclude, publication.seq
        if seq is not None:
            text = with_seq(text, seq)
        frame = prepare_frame(text, volatile=publication.volatile, latest=publication.latest)
        now = self.context.clock()
        if exclude:
            recipients = [recipient for recipient in recipients if recipient.connection_id not in exclude]
        if seq is not None:
            for recipient in recipients:
                recipient.add_sent_seq(seq)
        if connections := [found for recipient in recipients if (found := recipient.connection) is not None]:
            WriteBatch.current().broadcast(frame, connections, now)
