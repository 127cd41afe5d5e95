"""Protocol of a client over all of its connections, without sockets."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any, Final

from ..channels import Position
from ..endpoint import MessageType
from ..errors import ConnectionClosed, ErrorData, InvalidFrame
from ..validation.codec import PING, Codec
from ..validation.envelopes import Frame, HelloData
from ..validation.message_classes import MessageClasses
from .answers import Answers
from .confirmations import Confirmations
from .events import ClientEvent, ClientState, Invalid, Refused, Unconfirmed
from .frame_heads import kept_head
from .kept_channel import KeptFrame
from .kept_channels import KeptChannels
from .listeners import Listeners
from .message_instances import message_instance
from .open_requests import OpenRequests
from .outbox import Outbox, Outgoing
from .pending_deliveries import PendingDeliveries
from .presence_users import PresenceUsers
from .silence import Silence
from .timers import Timers
from .unread import Unread

__all__ = ["ClientSession"]

LOG: Final = logging.getLogger("tornado_ws.client")
CANCELLED: Final = "cancelled"
"""Code of the error for a request that this client has cancelled."""


class ClientSession:
    """Messages, requests, streams, acknowledgements and channels of one client.

    The owner calls :meth:`open`, :meth:`receive` and :meth:`lose` for each connection, and :meth:`close` at the end.
    """

    def __init__(
        self,
        codec: Codec,
        timers: Timers,
        *,
        unread: int,
        positions: Mapping[str, Position] | None = None,
        fail: Callable[[ConnectionClosed], None],
        changed: Callable[[], None],
    ) -> None:
        """Create a session without a connection.

        Args:
            codec: Codec of the endpoint, for its clients.
            timers: Clock and timers.
            unread: Maximum number of messages that wait for the reader.
            positions: Positions of an earlier client in its channels.
            fail: Function that ends the connection.
            changed: Function that is called after changes of the state or of the outbox.
        """
        endpoint = self.endpoint = codec.endpoint
        self.codec = codec
        self.message_types = MessageClasses({one.cls: one for one in (*endpoint.client, *endpoint.server)})
        self.state = ClientState()
        self.hello: HelloData | None = None
        """First frame of the current or last connection, if the server supports the full protocol."""
        self.delivery_session = secrets.token_urlsafe(16)
        """Random name of this client, on acknowledged messages."""
        self.listeners = Listeners()
        self.unread = Unread(unread)
        self.requests = OpenRequests(self.codec.application_errors)
        self.answers = Answers(self.codec, self.send)
        self.outbox = Outbox(self._send_message, timers, changed=changed)
        self.deliveries = PendingDeliveries(
            endpoint.client, self.codec.application_errors, write=self.send, timers=timers
        )
        self.confirmations = Confirmations(
            ping=self._ping, changed=lambda number: self.update(unconfirmed=number), timers=timers
        )
        kept = (message.replay.count for message in endpoint.server if message.replay is not None)
        self.channels = KeptChannels(
            max(kept, default=0),
            send=self.send,
            emit=self.emit,
            changed=lambda recovered: self.update(recovered=recovered),
            positions=positions,
        )
        self.users = PresenceUsers(
            self.codec.decode_presence,
            send=self.send,
            emit=self.emit,
            invalid=partial(self._report_invalid, "$presence"),
            timers=timers,
        )
        no_answer = partial(ConnectionClosed, 1006, "no answer")
        self._silence = Silence(ping=self._ping, fail=lambda: fail(no_answer()), timers=timers)
        self._ids = count(1)
        self._write: Callable[[bytes], object] | None = None
        self._notify = changed
        self._warned: set[str] = set()

    def next_id(self) -> int:
        """Return a number that this client has not used for a request or message."""
        return next(self._ids)

    # Connections.

    def open(self, write: Callable[[bytes], object]) -> None:
        """Begin a connection; ``write`` sends a frame. Messages follow after ``$hello``, or :meth:`open_plain`."""
        self._write = write
        self.hello = None

    def open_plain(self) -> None:
        """Send messages on a connection to a server without ``$hello``."""
        self._open()

    def lose(self, error: ConnectionClosed) -> None:
        """End the connection, if there is one, and everything that was sent on it, except acknowledged messages."""
        if self._write is None:
            return
        self._write = None
        self._silence.close()
        self.outbox.stop()
        self.deliveries.stop()
        self.answers.cancel_all()
        self.channels.close()
        self.users.stop()
        self._report_unconfirmed(self.confirmations.close())
        queued = {one.id for one in self.outbox.waiting}
        self.requests.fail(error, lambda id: id in queued)

    def close(self, error: ConnectionClosed, end: BaseException) -> None:
        """End the session, after :meth:`lose`; ``end`` is the exception for those who read messages."""
        self.users.close()
        self.requests.fail(error, lambda id: False)
        self.deliveries.fail_all(error)
        self._report_unconfirmed([one for one in self.outbox.clear() if one.id is None])
        self.unread.end(end)

    # Frames to the server.

    def send(self, text: bytes) -> None:
        """Send a frame; do nothing without a connection."""
        self._send(text, None)

    def _send_message(self, message: Outgoing) -> None:
        is_counted = message.id is None and not message.message.volatile
        self._send(message.text, message if is_counted else None)

    def _send(self, text: bytes, message: Outgoing | None) -> None:
        if self._write is not None:
            self.confirmations.send(message)
            self._write(text)

    def _ping(self) -> None:
        self.send(PING)

    # Frames from the server.

    def receive(self, raw: str | bytes) -> None:
        """Handle a frame."""
        self._silence.receive()
        try:
            frame = self.codec.decode(raw)
        except InvalidFrame as invalid:
            self._reject(raw, invalid)
        else:
            self._dispatch(frame)

    def _dispatch(self, frame: Frame) -> None:
        kind, message, re = frame.kind, frame.message, frame.re
        if kind == "message" and message is not None:
            if frame.ch is None:
                self._deliver(message, frame.data)
            elif frame.seq is not None and frame.mark is not None:
                deliver = partial(self._deliver, message, frame.data)
                self.channels.receive(frame.ch, KeptFrame(frame.seq, frame.mark, deliver))
        elif kind == "reply" and message is not None and re is not None:
            self.requests.receive(re, message, frame.data)
        elif kind == "request" and message is not None and frame.id is not None:
            self.answers.start(message, frame.id, message_instance(message, frame.data))
        elif kind == "ack" and re is not None:
            self.deliveries.acknowledge(re)
        elif kind == "error":
            self._receive_error(re, frame.data)
        elif kind == "end" and re is not None:
            self.requests.end(re)
        elif kind == "cancel" and frame.id is not None:
            self.answers.cancel(frame.id)
        elif kind == "pong":
            self.confirmations.confirm(frame.data.received)
            self._notify()
        elif kind == "hello":
            self._receive_hello(frame.data)
        else:
            self._dispatch_channel(frame)

    def _dispatch_channel(self, frame: Frame) -> None:
        match frame.kind:
            case "joined":
                self.channels.join(frame.data)
            case "left":
                self.channels.leave(frame.data.ch)
                self.users.leave(frame.data.ch)
            case "presence" | "present" | "changed" if self.endpoint.presence is None:
                pass  # the server is of a newer version
            case "presence":
                self.users.offer(frame.data.ch, frame.data.channel)
            case "present":
                self.users.present(frame.data)
            case "changed":
                self.users.change(frame.data)
            case "resumed":
                self.channels.resumed(frame.data)
            case "reset":
                self.channels.reset(frame.data)
            case "skip" if frame.ch is not None and frame.seq is not None and frame.mark is not None:
                self.channels.receive(frame.ch, KeptFrame(frame.seq, frame.mark, _nothing))

    def _deliver(self, message: MessageType, payload: Any) -> None:
        value = message_instance(message, payload)
        self.listeners.emit(message.cls, value)
        self.unread.put(value)

    def _receive_error(self, re: int | None, error: ErrorData) -> None:
        if re is not None and (self.requests.reject(re, error) or self.deliveries.reject(re, error)):
            return
        if error.code != CANCELLED:
            LOG.warning("%s: the server refused %s: %s", self.endpoint.name, error.type or "a message", error)
            self.emit(Refused(error=error))

    def _receive_hello(self, data: HelloData) -> None:
        self.hello = data
        if outdated := self.endpoint.contract not in data.contracts:
            LOG.warning("%s is outdated: the server has another schema", self.endpoint.name)
        self.confirmations.open()
        self._silence.open(data.heartbeat)
        self._open(outdated)

    def _open(self, outdated: bool | None = None) -> None:
        self.channels.open()
        self.users.open()
        self.update(status="open", attempt=0, error=None, retry_in=None, outdated=outdated)
        self.deliveries.open()  # before other messages
        self.outbox.open()

    def _reject(self, raw: str | bytes, invalid: InvalidFrame) -> None:
        """Drop an invalid frame; one of a channel has its number."""
        error = invalid.error
        if invalid.re is not None and self.requests.reject(invalid.re, error, is_invalid_reply=True):
            return
        report = partial(self._report_invalid, invalid.message, error)
        kept = kept_head(raw)
        if kept is None:
            report()
        else:
            self.channels.receive(kept.ch, KeptFrame(kept.seq, kept.mark, report))

    def _report_invalid(self, message: str | None, error: ErrorData) -> None:
        if error.code not in self._warned:
            self._warned.add(error.code)
            LOG.warning("%s: invalid frame from the server, %s: %s", self.endpoint.name, message, error)
        self.emit(Invalid(error=error))

    # Events.

    def emit(self, event: ClientEvent) -> None:
        """Call the listeners of an event."""
        self.listeners.emit(type(event), event)

    def update(self, **change: Any) -> None:  # attributes of the state
        """Change the state."""
        state = replace(self.state, **change)
        if state != self.state:
            self.state = state
            self.emit(state)
            self._notify()

    def _report_unconfirmed(self, messages: list[Outgoing]) -> None:
        if messages and not self.listeners.has(Unconfirmed):
            count = f"{len(messages)} message{'s' if len(messages) > 1 else ''}"
            names = ", ".join(sorted({one.message.name for one in messages}))
            LOG.warning("%s: %s may not have arrived: %s", self.endpoint.name, count, names)
        if messages:
            self.emit(Unconfirmed(messages=tuple(one.value for one in messages)))


def _nothing() -> None:
    """Deliver nothing."""
