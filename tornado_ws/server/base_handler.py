"""Be the Tornado handler of one connection: handshake, frames in, and its end."""

from __future__ import annotations

import abc
import contextvars
import secrets
from collections.abc import Awaitable, Sequence
from typing import Any, ClassVar, NoReturn, final

from ..channels import Position
from ..endpoint import Endpoint
from ..errors import CloseCode, GuardRefused, InvalidFrame
from ..session.session import Session
from ..validation.codec import PING
from ..validation.envelopes import ResumeData
from ..websocket import Connection, PreparedFrame, StrictWebSocketHandler
from ..websocket.keepalive import Keepalive, KeepaliveAction
from ..websocket.sender import Sender, StrictSender
from ..websocket.tornado_sender import TornadoSender
from .client_address import client_address
from .context import Refusal
from .endpoint_server import EndpointServer
from .handshake import HttpRefusal, QuotaLease, admit, invalid_ticket, precheck
from .one_time_url import one_time_url, read_one_time

__all__ = ["SUBPROTOCOL", "BaseHandler"]

SUBPROTOCOL = "tornado-ws.1"
"""Clients that offer it are told the rest of the protocol; others get messages only."""


class BaseHandler(StrictWebSocketHandler, abc.ABC):
    """What stands between Tornado and the handlers that people write."""

    endpoint: ClassVar[Endpoint]
    connection_id: str
    """Unique among all connections of all processes."""
    __slots__ = (
        "_clock",
        "_connected_at",
        "_conversation",
        "_encode",
        "_epoch",
        "_gone",
        "_key",
        "_lease",
        "_link",
        "_mount",
        "_opened",
        "_pulse",
        "_refusal",
        "connection_id",
    )
    # Beside them there is the dictionary that Tornado's attributes are in. Past 30 it would be one that shares nothing
    # with those of other connections, ten times as large and slow to look up.

    def initialize(self, mount: EndpointServer[Any]) -> None:  # Any: of the handler's own class
        """Take what the controller has mounted the handler with."""
        self._mount = mount
        self._clock = mount.service.clock
        self._encode = mount.encode
        self.connection_settings = mount.connection_settings
        self.connection_id = secrets.token_hex(8)
        self._connected_at = self._clock()
        self._conversation: Session | None = None
        self._refusal: GuardRefused | None = None
        self._lease: QuotaLease | None = None
        self._link: Connection | None = None
        self._pulse: Keepalive | None = None
        self._head = Position("", 0)
        self._opened = False
        self._gone = False
        self._key = ""
        if mount.route is None:
            # The key must reach no log line, and Tornado writes this attribute into several.
            _, self._key = read_one_time(self.request.path)
            self.request.uri = self.request.path = one_time_url(mount.service.connect_path, self.endpoint.name, "***")

    @property
    def address(self) -> str:
        """The client's address: the nearest one that is no trusted proxy's."""
        forwarded = self.request.headers.get_list("X-Forwarded-For")
        return client_address(self.request.remote_ip or "", forwarded, self._mount.service.trusted)

    @property
    def strict(self) -> bool:
        """Whether it runs on the strict connection; the controller says so."""
        return self._mount.service.connection == "strict"

    # The handshake.

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Let the client in, or refuse it; Tornado's :meth:`prepare` has run before."""
        if not self._is_handshake():
            await super().get()  # says what is wrong with it
            return
        if (refused := self._precheck()) is not None:
            self._refuse(refused)
            return
        try:
            self._head = await self._mount.service.backplane.history.position(self.endpoint.name)
            self._refusal = await admit(self._mount, self)
            if not self._gone:
                await super().get()
        finally:
            if not self._opened and self._lease is not None:
                self._lease.release()

    def _is_handshake(self) -> bool:
        headers = self.request.headers
        return (
            headers.get("Upgrade", "").lower() == "websocket"
            and "upgrade" in {word.strip().lower() for word in headers.get("Connection", "").split(",")}
            and headers.get("Sec-WebSocket-Version") == "13"
            and "Sec-WebSocket-Key" in headers
        )

    def _precheck(self) -> HttpRefusal | None:
        service, headers = self._mount.service, self.request.headers
        address = self.address
        refused = precheck(service, origin=headers.get("Origin"), host=headers.get("Host"), address=address)
        if refused is None:
            self._lease = QuotaLease(self._mount, address, service.user(self.current_user))
            refused = self._lease.take()
        return refused

    def _refuse(self, refused: HttpRefusal) -> None:
        self.set_status(refused.status)
        for name, value in refused.headers.items():
            self.set_header(name, value)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(refused.reason)
        self._tell_refusal(refused.reason, status=refused.status)

    def _tell_refusal(self, reason: str, *, status: int | None = None, code: int | None = None) -> None:
        service = self._mount.service
        refusal = Refusal(endpoint=self.endpoint.name, address=self.address, reason=reason, status=status, code=code)
        service.tell(service.observer.on_refuse, refusal)

    async def _read_url(self) -> None:
        if self._mount.route is None:
            await self._read_ticket()
        elif self.endpoint.params is None:
            self._identify(None)
        else:
            try:
                self._identify(self._mount.codec.params(self._parameters(self._mount.route.names)))
            except InvalidFrame as refused:
                raise GuardRefused(f"invalid parameters: {refused.error}", CloseCode.INVALID_PARAMS) from None

    def _parameters(self, names: Sequence[str]) -> dict[str, str | list[str]]:
        values: dict[str, str | list[str]] = dict(zip(names, self.path_args, strict=True))
        for name, raw in self.request.query_arguments.items():
            if name in values:
                raise GuardRefused("invalid parameters: given twice", CloseCode.INVALID_PARAMS)
            try:
                texts = [value.decode() for value in raw]
            except UnicodeDecodeError:
                raise GuardRefused("invalid parameters: not UTF-8", CloseCode.INVALID_PARAMS) from None
            values[name] = texts[0] if len(texts) == 1 else texts
        return values

    async def _read_ticket(self) -> None:
        grant = await self._mount.service.backplane.tickets.peek(self._key)
        if grant is None or grant.endpoint != self.endpoint.name or grant.bound != self._bound():
            raise invalid_ticket()
        try:
            stated = self._mount.tickets.endpoint.ticket is not None
            self._identify(self._mount.tickets.decode_ticket(bytes(grant.data)) if stated else None)
        except InvalidFrame:
            raise invalid_ticket() from None

    def _bound(self) -> dict[str, str | None]:
        return self._mount.bound(self.request, self.address, self.current_user)

    async def _redeem(self) -> bool:
        tickets = self._mount.service.backplane.tickets
        return self._mount.route is not None or await tickets.redeem(self._key) is not None

    # What Tornado asks.

    @final
    def check_origin(self, origin: str) -> bool:
        """Tell whether a page may connect; the controller knows."""
        return self._mount.service.origins.allow(origin, self.request.headers.get("Host"))

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Select ours where it is offered. Override it for others; then they decide what is sent first."""
        return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None

    def get_compression_options(self) -> dict[str, Any] | None:
        """Compress where the controller says so."""
        return {} if self._mount.service.compression else None

    @property
    def ping_interval(self) -> float | None:
        """Never; the controller has one timer for all connections."""
        return 0

    @property
    def max_message_size(self) -> int:
        """What the limits say, or else the schema."""
        size = self._mount.limits.message_bytes
        return self._mount.endpoint.message_bytes if size is None else size

    # The connection.

    def open(self, *args: str, **kwargs: str) -> None:
        """Begin, or tell a refused client why."""
        self._opened = True
        if self._refusal is not None:
            super().close(self._refusal.code, self._refusal.reason.encode()[:123].decode(errors="ignore"))
            self._tell_refusal(self._refusal.reason, code=self._refusal.code)
            return
        mount, service = self._mount, self._mount.service
        wire = self._wire()
        context = contextvars.copy_context()
        self._conversation = Session(
            self,
            methods=mount.methods,
            straight=mount.straight,
            policies=mount.policies,
            codec=mount.codec,
            limits=mount.limits,
            wire=wire,
            clock=self._clock,
            context=context,
            direct=self.connection is not None,
        )
        if (link := self.connection) is not None:
            self._link = link
            link.set_receivers(self._conversation.receive, self._conversation.receive_binary, context)
        if self._told_all:
            (epoch, seq), interval = self._head, service.heartbeat.interval
            hello = mount.codec.encode_hello(connection=self.connection_id, epoch=epoch, seq=seq, heartbeat=interval)
            wire.send(hello)
        mount.registry.add(self)
        self._pulse = Keepalive(service.heartbeat, mount.limits.idle_timeout, self._clock())
        service.deadlines.add(self, self._pulse.deadline)
        self._conversation.start()

    def _wire(self) -> Sender:
        if (strict := self.connection) is not None:
            return StrictSender(strict)
        assert self.ws_connection is not None
        self.set_nodelay(True)
        return TornadoSender(
            self.ws_connection,
            limit=self._mount.limits.write_queue_bytes,
            on_overflow=self._too_slow,
            counters=self._mount.service.counters,
            clock=self._clock,
        )

    @property
    def _told_all(self) -> bool:
        return self.ws_connection is not None and self.ws_connection.selected_subprotocol == SUBPROTOCOL

    @final
    def on_text(self, data: bytes) -> Awaitable[None] | None:
        """Take a text frame that the strict connection got before :meth:`open` has made the conversation."""
        return None if self._conversation is None else self._conversation.receive(data)

    @final
    def on_binary(self, data: bytes) -> Awaitable[None] | None:
        """Take a binary frame that the strict connection got before :meth:`open` has made the conversation."""
        return None if self._conversation is None else self._conversation.receive_binary(data)

    @final
    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Take a frame from Tornado's connection. Write ``on_…`` methods for the messages of the schema instead."""
        self._heard()
        if self._conversation is None:
            return None
        if isinstance(message, bytes):
            return self._conversation.receive_binary(message)
        return self._conversation.receive(message)

    # Narrowed to nothing, against substitutability, so that a type checker refuses every call.
    @final
    def write_message(self, message: NoReturn, binary: bool = False) -> NoReturn:  # type: ignore[override]
        """Raise: it would bypass the schema. Use :meth:`send`."""
        raise TypeError("write_message() would bypass the schema; use send()")

    @final
    def on_ping(self, data: bytes) -> None:
        """Note that the client is there."""
        self._heard()

    @final
    def on_pong(self, data: bytes) -> None:
        """Note that the client is there."""
        self._heard()

    def _heard(self) -> None:
        if self._conversation is not None and isinstance(self._conversation.wire, TornadoSender):
            self._conversation.wire.last_received_at = self._clock()

    @final
    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close the connection after what was sent before; messages that wait to be handled are dropped.

        Args:
            code: 1000 by default; 4000 to 4499 tell clients not to come back, 4500 to 4999 that they may.
            reason: Up to 123 bytes.
        """
        if self._conversation is not None:
            self._mount.registry.remove(self)
            self._conversation.close(code or CloseCode.NORMAL, reason or "")

    @final
    def abort(self) -> None:
        """Drop the connection without a word."""
        if self._conversation is not None:
            self._conversation.wire.abort()

    @final
    def on_close(self) -> None:
        """End. Override :meth:`on_disconnect` instead."""
        self._gone = True
        self._link = None
        if self._lease is not None and self._opened:
            self._lease.release()
        if self._conversation is not None:
            self._mount.registry.remove(self)
            self._mount.service.deadlines.remove(self)
            self._conversation.lost(self.close_code, self.close_reason)

    def _hang_up(self, code: int, reason: str) -> None:
        if self._conversation is None:
            return
        self._mount.registry.remove(self)
        if self._conversation.loop.is_running():
            self._conversation.hang_up(code, reason)
        else:  # the program ends: there is no more than the socket to close
            self._conversation.wire.abort()

    async def _quiet(self) -> None:
        if self._conversation is not None and not self._conversation.quiet:
            await self._conversation.when_quiet()

    async def _over(self) -> None:
        if (conversation := self._conversation) is not None:
            while not conversation.over:
                await conversation.when_quiet()

    def _too_slow(self) -> None:
        self.close(CloseCode.TOO_SLOW, "too slow")

    def _deliver(self, frame: PreparedFrame, now: float) -> None:
        if self._conversation is not None:
            self._conversation.active = now
            self._conversation.wire.send_prepared(frame)

    def _kept(self, seq: int) -> None:
        if self._conversation is not None:
            self._conversation.delivered(seq)

    def _on_deadline(self, now: float) -> float | None:
        conversation, pulse = self._conversation, self._pulse
        if conversation is None or pulse is None or conversation.ending is not None:
            return None
        if self.connection is not None and conversation.wire.closed:
            return None  # it ends by itself, with the code of whoever said good-bye
        beat = pulse.next_action(
            now, last_received_at=conversation.wire.last_received_at, last_activity=conversation.last_activity
        )
        if beat is KeepaliveAction.IDLE:
            self.close(CloseCode.IDLE, "idle")
        elif beat is KeepaliveAction.UNRESPONSIVE:
            self._hang_up(CloseCode.UNRESPONSIVE, "unresponsive")
        elif beat is KeepaliveAction.PING and self._told_all:
            conversation.wire.send(PING, volatile=True)
        elif beat is KeepaliveAction.PING:
            conversation.wire.ping()
        return pulse.deadline

    @abc.abstractmethod
    def _identify(self, identity: Any, /) -> None: ...  # params or ticket, of the type that the schema states

    @abc.abstractmethod
    async def _connected(self) -> None: ...

    @abc.abstractmethod
    async def _disconnected(self) -> None: ...

    @abc.abstractmethod
    async def _failed(self, error: Exception) -> None: ...

    async def _resume(self, seen: ResumeData) -> None:
        rooms = self._mount.registry.rooms_of(self)
        since = Position(seen.epoch, seen.seq)
        missed = await self._mount.service.backplane.history.missed(self.endpoint.name, rooms, since)
        if (conversation := self._conversation) is None:
            return
        for kept in conversation.resume(missed):
            if (room := conversation.send_again(kept)) is not None:
                await room
