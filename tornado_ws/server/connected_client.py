"""Connected client of an endpoint: its handler, its session and its keepalive."""

from __future__ import annotations

import contextvars
import random
from collections.abc import Callable
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from ..channels import Position
from ..endpoint import Endpoint
from ..errors import CloseCode
from ..session.session import Session
from ..validation.envelopes import PresenceRequestData, ResumeData
from ..websocket import Connection
from ..websocket.keepalive import Keepalive, KeepaliveAction
from .endpoint_server import EndpointServer
from .resumption import Resumption

__all__ = ["ClientHandler", "ConnectedClient"]


class ClientHandler(Protocol):
    """Handler of a connected client: its connection, and hooks that applications override."""

    endpoint: ClassVar[Endpoint]
    connection_id: str

    @property
    def current_user(self) -> Any:  # the application chooses the type
        """Signed-in user."""
        ...

    @property
    def connected_at(self) -> float:
        """Time of the request of the handshake, in seconds (the controller's clock)."""
        ...

    async def on_connect(self) -> None:
        """Run before the first message is handled."""
        ...

    async def on_disconnect(self, code: int | None, reason: str | None) -> None:
        """Run after the last message was handled."""
        ...

    async def on_error(self, error: Exception) -> None:
        """Run after a method raised."""
        ...

    def log_attributes(self) -> dict[str, object]:
        """Return the attributes of log records about the connection."""
        ...


HandlerT = TypeVar("HandlerT", bound=ClientHandler)


class ConnectedClient(Generic[HandlerT]):
    """Connected client, for rooms, broadcasts, keepalive and shutdown.

    It implements :class:`.SessionHandler`, so that the handlers of applications need no such methods.
    """

    __slots__ = (
        "_has_joined",
        "_keepalive",
        "_on_closed",
        "_resumption",
        "_server",
        "connection",
        "connection_id",
        "handler",
        "has_subprotocol",
        "session",
        "user",
    )

    def __init__(
        self,
        handler: HandlerT,
        server: EndpointServer[HandlerT],
        connection: Connection,
        *,
        has_subprotocol: bool,
        user: str | None,
        on_closed: Callable[[], None],
    ) -> None:
        """Create the session; nothing is sent before :meth:`start`.

        Args:
            handler: Handler of the client.
            server: Server of the endpoint.
            connection: Open connection of the client.
            has_subprotocol: True if the client offered :data:`.SUBPROTOCOL`.
            user: Key of the signed-in user; None if there is none.
            on_closed: Function that is called last, after ``on_disconnect``.
        """
        self.handler = handler
        self.connection_id = handler.connection_id
        self.connection: Connection | None = connection
        """Connection; None once it has ended."""
        self._server = server
        self.user: str | None = user
        """Key of the signed-in user; None if there is none."""
        self.has_subprotocol = has_subprotocol
        """True if the client offered :data:`.SUBPROTOCOL`."""
        self._resumption: Resumption | None = None
        self._has_joined = False
        self._on_closed = on_closed
        context = contextvars.copy_context()
        self._keepalive = Keepalive(
            server.context.heartbeat,
            server.limits.idle_timeout,
            server.context.clock(),
            lifetime=_lifetime(server.limits.max_lifetime),
        )
        session = Session(
            self,
            handler,
            methods=server.methods,
            fast_methods=server.fast_methods,
            queue_policies=server.queue_policies,
            codec=server.codec,
            limits=server.limits,
            connection=connection,
            clock=server.context.clock,
            context=context,
            statistics=server.statistics,
            delivery_notes=server.delivery_notes(user) if server.has_acknowledged_messages else None,
        )
        self.session: Session | None = session
        """Session of the connection; None once it is closed."""
        connection.set_receivers(session.receive, session.receive_binary, context)

    @property
    def connected_at(self) -> float:
        """Time of the request of the handshake, in seconds (the controller's clock)."""
        return self.handler.connected_at

    def start(self) -> None:
        """Send ``$hello``, register the client and schedule its ``on_connect``."""
        session, server = self.session, self._server
        if session is None:
            return
        if self.has_subprotocol:
            session.connection.send_text(
                server.codec.encode_hello(connection=self.connection_id, heartbeat=server.context.heartbeat.interval)
            )
        server.registry.add(self)
        server.context.deadlines.add(self, self._keepalive.deadline)
        session.start()

    # End of the connection.

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close the connection after the messages sent so far; the default code is 1000.

        Raises:
            ValueError: If a close frame must not carry the code.
        """
        if self.session is not None:
            self.session.close(CloseCode.NORMAL if code is None else code, reason or "")
        self._server.registry.remove(self)

    def abort(self, code: CloseCode, reason: str) -> None:
        """Drop the connection, after a close frame if it can be written immediately."""
        self._server.registry.remove(self)
        if (session := self.session) is None:
            return
        if session.loop.is_running():
            session.abort(code, reason)
        else:  # the program ends: only the socket can be closed
            session.connection.abort()

    def connection_lost(self, code: int | None, reason: str | None) -> None:
        """End the session, because the connection has ended.

        Args:
            code: Close code; None without a close frame.
            reason: Close reason, if any.
        """
        self.connection = None
        self._server.registry.remove(self)
        if self._resumption is not None:
            self._resumption.close()
            self._resumption = None
        if self._server.presence is not None:
            closed = None if self.session is None else self.session.close_info
            self._server.presence.connection_lost(self, None if closed is None else closed[0])
        self._server.context.deadlines.remove(self)
        if self.session is not None:
            self.session.connection_lost(code, reason)
        if self.session is not None:
            self._server.context.ending.add(self)

    def abandon(self) -> None:
        """Stop waiting for a method that suppresses its cancellation, and run ``on_disconnect``."""
        if self.session is not None:
            self.session.abandon()

    @property
    def idle(self) -> bool:
        """True if no method runs and no message waits."""
        return self.session is None or self.session.idle

    @property
    def closed(self) -> bool:
        """True once ``on_disconnect`` has returned."""
        return self.session is None or self.session.closed

    @property
    def running_method(self) -> str:
        """Name of the running method with its class; empty if none runs."""
        method = "" if self.session is None else self.session.running_method
        return method and f"{type(self.handler).__qualname__}.{method}"

    async def wait_idle(self) -> None:
        """Wait until no method runs and no message waits."""
        if (session := self.session) is not None and not session.idle:
            await session.when_idle()

    async def wait_closed(self) -> None:
        """Wait until ``on_disconnect`` has returned."""
        if (session := self.session) is not None:
            while not session.closed:
                await session.when_idle()

    # Keepalive.

    def _on_deadline(self, now: float) -> float | None:
        """Send a ping, or close a connection that is idle or unresponsive.

        Returns:
            Time of the next call; None for no further call.
        """
        session, keepalive = self.session, self._keepalive
        if session is None or session.close_info is not None:
            return None
        connection = session.connection
        if connection.closing:
            return None  # with another code
        action = keepalive.next_action(
            now,
            sign_of_life=connection.take_sign_of_life(),
            last_activity=session.last_activity,
            busy=not session.idle,
        )
        if action is KeepaliveAction.IDLE:
            self.close(CloseCode.IDLE, "idle")
        elif action is KeepaliveAction.EXPIRED:
            self.close(CloseCode.EXPIRED, "the connection has reached its maximum lifetime")
        elif action is KeepaliveAction.UNRESPONSIVE:
            self.abort(CloseCode.UNRESPONSIVE, "unresponsive")
        elif action is KeepaliveAction.PING:
            connection.ping(b"")
            if self.has_subprotocol:
                session.confirm_unread()
        return keepalive.deadline

    # Hooks of the session.

    async def on_connect(self) -> None:
        """Join the endpoint's own channel, then run the hook of the controller, and that of the handler."""
        await self._server.join(self, None)
        self._has_joined = True
        context = self._server.context
        context.notify(context.observer.on_connect, self.handler)
        await self.handler.on_connect()

    async def on_disconnect(self) -> None:
        """Run the hooks of the handler and of the controller if those of `on_connect` ran, and free the session."""
        context = self._server.context
        info = None if self.session is None else self.session.close_info
        code, reason = info or (None, None)
        try:
            if self._has_joined:
                await self.handler.on_disconnect(code, reason)
        finally:
            try:
                if self._has_joined:
                    context.notify(context.observer.on_disconnect, self.handler, code, reason)
            finally:
                context.ending.discard(self)
                self.session = None  # breaks a reference cycle, so that memory is freed immediately
                self._on_closed()

    async def on_error(self, error: Exception) -> None:
        """Run the hook of the controller, then that of the handler."""
        context = self._server.context
        context.notify(context.observer.on_error, self.handler, error)
        await self.handler.on_error(error)

    def log_attributes(self) -> dict[str, object]:
        """Return the attributes of log records about the connection."""
        return self.handler.log_attributes()

    def on_resume(self, data: ResumeData) -> None:
        """Send the messages of a channel after a position. The number of a channel that was left is ignored."""
        server, connection = self._server, self.connection
        channel = server.registry.numbered(data.ch)
        if channel is None or self not in channel or connection is None:
            return
        if self._resumption is None:
            self._resumption = Resumption(
                connection,
                self.connection_id,
                server.context.backplane,
                rate=server.limits.resumes,
                clock=server.context.clock,
            )
        self._resumption.request(channel, Position(data.epoch, data.seq, data.mark))

    def on_presence(self, data: PresenceRequestData) -> None:
        """Send the presence of a channel."""
        if self._server.presence is not None:
            self._server.presence.request(self, data)

    def cancel_resume(self, number: int) -> None:
        """Cancel the answer to ``$resume`` for a channel, if there is one."""
        if self._resumption is not None:
            self._resumption.cancel(number)


def _lifetime(maximum: float | None) -> float | None:
    return None if maximum is None else maximum * random.uniform(0.9, 1.0)
