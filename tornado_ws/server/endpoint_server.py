"""What all connections of one mounted endpoint share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, Generic, Protocol, TypeVar

from ..channels import Publication
from ..channels.replay import numbered
from ..channels.tickets import digest
from ..endpoint import Endpoint, MessageType
from ..limits import ConnectionQuota, Limits
from ..session.coalescing import latest_key
from ..validation.codec import Codec
from ..websocket import Connection, ConnectionSettings, PreparedFrame, WriteBatch, prepare_frame
from .context import ServerContext
from .guards import Binding, Guard, HttpRequest
from .path_template import PathTemplate
from .rooms import ConnectionRegistry, Member

__all__ = ["EndpointServer", "EndpointConnection"]


class EndpointConnection(Member, Protocol):
    """A connection of a mounted endpoint."""

    endpoint: ClassVar[Endpoint]

    @property
    def _link(self) -> Connection | None:
        """The strict connection; None on Tornado's own."""
        ...

    def _deliver(self, frame: PreparedFrame, now: float) -> None:
        """Send a frame that goes to many over Tornado's connection; never waits, never raises."""
        ...

    def _kept(self, seq: int) -> None:
        """Note that it is sent a message which is kept for those who come back."""
        ...


ConnectionT = TypeVar("ConnectionT", bound=EndpointConnection)


class EndpointServer(Generic[ConnectionT]):
    """One endpoint of one controller."""

    def __init__(
        self,
        handler: type[ConnectionT],
        service: ServerContext,
        *,
        route: PathTemplate | None,
        guards: Sequence[Guard[ConnectionT]],
        bindings: Sequence[Binding],
        limits: Limits | None,
        check_outgoing: bool,
    ) -> None:
        """Build what the connections need.

        Args:
            handler: The class.
            service: Of the controller.
            route: Where it is served; None: at one-time URLs.
            guards: Who may connect.
            bindings: What the two requests of a one-time URL must have in common.
            limits: Instead of the controller's.
            check_outgoing: Whether what is sent is checked.
        """
        self.endpoint = endpoint = handler.endpoint
        self.limits = limits or service.limits
        self.methods = {message.name: getattr(handler, message.method) for message in endpoint.client}
        """What handles the messages of the client, by their names."""
        self.service = service
        self.route = route
        self.guards = guards
        self.bindings = bindings
        self.slots = None if limits is None else ConnectionQuota(limits)
        self.codec = Codec(endpoint, check_outgoing=check_outgoing)
        self.straight = {
            frame: (message, self.methods[message.name])
            for message in endpoint.client
            if message.payload and not message.answer and not message.rate and not self.limits.messages
            for frame in self.codec.frame_types(message.name)
        }
        """The methods for messages about which there is nothing to decide, by what their frames are decoded to."""
        # The ticket of a persistent endpoint holds its params.
        self.tickets = Codec(dataclasses.replace(endpoint, ticket=endpoint.ticket or endpoint.params))
        self.connection_settings = ConnectionSettings(
            outbox_bytes=self.limits.outbox_bytes,
            outbox_age=self.limits.outbox_age,
            inbox_messages=self.limits.inbox,
            counters=service.counters,
        )
        self.registry: ConnectionRegistry[ConnectionT] = ConnectionRegistry()
        self.encode = self.codec.encode
        self.outgoing = {message.cls: message for message in endpoint.server}
        self.policies = {cls: kind for cls, kind in self.outgoing.items() if kind.volatile or kind.latest is not None}
        """Those kinds of messages for which something else than waiting may be done."""
        self.members = self.registry.members

    def bound(self, request: HttpRequest, address: str, user: object) -> dict[str, str | None]:
        """Return what both requests of a one-time URL must have in common; None: this request has it not."""
        fingerprints = {binding.name: binding.fingerprint(request, address) for binding in self.bindings}
        if (key := self.service.user(user)) is not None:
            fingerprints["user"] = digest(key)
        return fingerprints

    def kind_of(self, message: object) -> MessageType:
        """Return what kind of message this is.

        Raises:
            TypeError: If the schema does not let the server send it.
        """
        kind = self.outgoing.get(type(message))
        if kind is None:
            names = ", ".join(cls.__name__ for cls in self.outgoing)
            raise TypeError(f"expected one of {names}, got {type(message).__name__}")
        return kind

    async def publish(
        self,
        message: object,
        *,
        room: str | None,
        exclude: Iterable[Member],
        where: Callable[[ConnectionT], bool] | None,
        to: str | None = None,
    ) -> None:
        """Bring a message to a room, to everybody, or to one connection of any process."""
        kind = self.kind_of(message)
        left_out = frozenset(member.connection_id for member in exclude)
        if kind.replay and (left_out or where is not None):
            raise TypeError(f"{kind.name} is kept for those who come back, so it goes to all; got exclude or where")
        publication = Publication(
            endpoint=self.endpoint.name,
            name=kind.name,
            text=self.codec.encode(message),
            room=room,
            to=to,
            exclude=left_out,
            volatile=kind.volatile,
            latest=latest_key(kind, message),
            replay=0 if to is not None else kind.replay,
        )
        if where is None:
            await self.service.backplane.publish(publication)
            return
        if not self.service.backplane.local:
            raise TypeError("where= cannot reach the connections of other processes; use a room")
        self._deliver_to([member for member in self.members(room) if where(member)], publication)

    async def send_to(self, connection_id: str, message: object) -> None:
        """Send a message to one connection, in whatever process it is; nothing happens if it is gone."""
        await self.publish(message, room=None, exclude=(), where=None, to=connection_id)

    def deliver(self, publication: Publication) -> None:
        """Send a published message to those of this process for whom it is."""
        if publication.to is None:
            self._deliver_to(self.members(publication.room), publication)
        elif (member := self.registry.get(publication.to)) is not None:
            self._deliver_to([member], publication)

    def _deliver_to(self, members: Sequence[ConnectionT], publication: Publication) -> None:
        text, exclude, seq = publication.text, publication.exclude, publication.seq
        if seq is not None:
            text = numbered(text, seq)
        frame = prepare_frame(text, volatile=publication.volatile, latest=publication.latest)
        now = self.service.clock()
        if exclude:
            members = [member for member in members if member.connection_id not in exclude]
        if seq is not None:
            for member in members:
                member._kept(seq)
        if links := [link for member in members if (link := member._link) is not None]:
            WriteBatch.current().tell(frame, links, now)
        else:
            for member in members:
                member._deliver(frame, now)
