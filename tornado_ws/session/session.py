"""Carry one connection's messages between its socket and its handler."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from ..channels.history import KeptMessage, with_seq
from ..endpoint import MessageType
from ..errors import ConnectionClosed, ErrorData, InvalidFrame, TornadoWsError
from ..limits import Limits
from ..validation.codec import PONG, Codec
from ..validation.envelopes import Frame
from ..websocket.sender import Sender
from .coalescing import latest_key
from .dispatcher import Dispatcher, Method
from .responder import Responder, SessionHandler
from .state import Action, Cancel, SendError, SendPong, SessionState

__all__ = ["Session"]

BINARY = ErrorData(code="unsupported_frame", message="expected a text frame, got a binary one")
REMEMBERED = 1000
_NONE: Final[frozenset[int]] = frozenset()


class Session:
    """One open connection."""

    __slots__ = (
        "_clock",
        "_codec",
        "_decode",
        "_encode",
        "_limits",
        "_live",
        "_policies",
        "_send",
        "_session",
        "_space",
        "_speaker",
        "_straight",
        "_taking",
        "_worker",
        "active",
        "ending",
        "loop",
        "wire",
    )

    def __init__(
        self,
        speaker: SessionHandler,
        *,
        methods: Mapping[str, Method],
        straight: dict[type[Frame], tuple[MessageType, Method]],
        policies: Mapping[type, MessageType],
        codec: Codec,
        limits: Limits,
        wire: Sender,
        clock: Callable[[], float],
        context: contextvars.Context,
        direct: bool,
    ) -> None:
        """Prepare; nothing is said before :meth:`start`.

        Args:
            speaker: Whose methods handle messages.
            methods: Those, by the name of the message.
            straight: Those for messages about which there is nothing to decide, by what their frames are decoded to.
            policies: Kinds of messages, by their classes, for which something else than waiting may be done.
            codec: Of the endpoint.
            limits: What the client may do.
            wire: Takes frames.
            clock: In seconds.
            context: In which methods run.
            direct: Whether the event loop itself brings messages; else a task does.
        """
        self.wire = wire
        self.ending: tuple[int | None, str | None] | None = None
        """Close code and reason, once it is known that the connection ends."""
        self._speaker = speaker
        self._codec = codec
        self._decode = codec.decode
        self._encode = codec.encode
        self._policies = policies
        self._send = wire.send
        self._clock = clock
        self.active = clock()
        """When the last message came, or went to this client alone; heartbeats are none."""
        self._limits = limits
        self._session = SessionState(limits, clock)
        self._straight = straight
        self._taking = False
        self.loop = asyncio.get_running_loop()
        self._space: asyncio.Future[None] | None = None
        self._live: set[int] | frozenset[int] | None = _NONE
        self._worker = Dispatcher(
            Responder(speaker, codec=codec, session=self._session, wire=wire, context=context),
            methods=methods,
            session=self._session,
            consumed=self._consumed,
            context=context,
            direct=direct,
        )

    @property
    def last_activity(self) -> float:
        """When the last message came or went."""
        return max(self.active, self.wire.last_broadcast_at)

    def start(self) -> None:
        """Begin with what the speaker does when it is connected."""
        self._worker.start()

    @property
    def quiet(self) -> bool:
        """Whether no method runs and no message waits."""
        return self._worker.quiet

    @property
    def over(self) -> bool:
        """Whether the speaker has taken its leave."""
        return self._worker.over

    def when_quiet(self) -> Awaitable[None]:
        """Return what to await until no method runs and no message waits, or the speaker has taken its leave."""
        return self._worker.when_quiet()

    def receive(self, raw: str | bytes) -> Awaitable[None] | None:
        """Take a text frame; return what to await before more is read, None if nothing.

        To be called in the context, or in a task.
        """
        if self.ending is not None:
            return None
        try:
            frame = self._decode(raw)
        except InvalidFrame as refused:
            return self._refuse(refused)
        session = self._session
        if (straight := self._straight.get(type(frame))) is not None:
            self.active = self._clock()
            message, method = straight
            self._taking = True
            try:
                taken = self._worker.run(message, method, frame.data)
            finally:
                self._taking = False
            if taken:
                session.invalid = 0
                return None
        elif frame.message is not None:
            self.active = self._clock()
        if (action := session.arrived(frame)) is not None:
            self._act(action)
            return None
        self._worker.wake()
        return self._until_space() if session.inbox and session.full else None

    def receive_binary(self, raw: bytes) -> Awaitable[None] | None:
        """Take a binary frame, of which the protocol has none."""
        return None if self.ending is not None else self._refuse(InvalidFrame(BINARY))

    def close(self, code: int, reason: str) -> None:
        """Close the connection; what has not been handled yet is dropped."""
        if self.ending is None:
            self.ending = (code, reason)
            self._session.inbox.clear()
            self._session.pending.fail_all(ConnectionClosed(code, reason))
            self._consumed()
            self.wire.close(code, reason)

    def hang_up(self, code: int, reason: str) -> None:
        """Drop the connection of a client that does not answer."""
        if self.ending is None:
            self.ending = (code, reason)
        self._consumed()  # Tornado's loop notices the end only when it may read again
        self.wire.fail(code, reason)

    def lost(self, code: int | None, reason: str | None) -> None:
        """Note that the connection is over.

        If the client said good-bye, what it sent is still handled, within a limit of time; else what runs is cancelled.

        Args:
            code: The close code of whoever closed first, if any was sent.
            reason: Its reason.
        """
        if self.ending is None:
            self.ending = (code, reason)
        self._session.pending.fail_all(ConnectionClosed(code, reason))
        self._worker.end(self._limits.closing_timeout if self.wire.was_clean else 0)
        self._consumed()

    def say(self, message: object) -> Awaitable[None] | None:
        """Send a message; return what to await before the next is sent, None: there is room.

        Raises:
            InvalidMessage: It is not what the schema says.
            TypeError: Its class is none that the schema lets this side send.
        """
        text = self._encode(message)
        if not self._taking:  # else it was taken just now
            self.active = self._clock()
        if self._policies and (kind := self._policies.get(type(message))) is not None:
            return self.wire.send(text, kind.volatile, latest_key(kind, message))
        return self._send(text)

    def ask(self, message: object, kind: MessageType) -> tuple[int, asyncio.Future[Any]]:
        """Send a request.

        Returns:
            Its number, and what its reply will be the result of. :meth:`forget` it then.

        Raises:
            InvalidMessage: The request is not what the schema says.
            ConnectionClosed: The connection is closed.
        """
        if self.ending is not None:
            raise ConnectionClosed(*self.ending)
        future: asyncio.Future[Any] = self.loop.create_future()
        id = self._session.pending.add(kind, lambda value: _settle(future, value), lambda error: _fail(future, error))
        self._consumed()  # a full inbox must not keep the reply from being read
        try:
            self.wire.send(self._codec.encode(message, id=id))
        except BaseException:
            self.forget(id)
            raise
        return id, future

    def forget(self, id: int) -> None:
        """Wait for the reply to a request no longer."""
        self._session.pending.give_up(id)

    def withdraw(self, id: int) -> None:
        """Tell the client that the reply to a request is not wanted any more."""
        self.wire.send(self._codec.encode_cancel(id))

    def delivered(self, seq: int) -> None:
        """Note that the client has been sent a message that is kept for those who come back."""
        live = self._live
        if isinstance(live, set):
            live.add(seq)
            if len(live) > REMEMBERED:
                self._live = None
        elif live is not None:
            self._live = {seq}

    def resume(self, missed: Sequence[KeptMessage] | None) -> list[KeptMessage]:
        """Tell a client that came back whether it gets all that it has missed.

        Args:
            missed: What was sent since then; None: that cannot be said.

        Returns:
            What to :meth:`send_again`.
        """
        live, self._live = self._live, None
        recovered = missed is not None and live is not None  # else it asks after so much that nobody knows
        self.wire.send(self._codec.encode_resumed(recovered))
        return [kept for kept in missed or () if live is not None and kept.seq not in live]

    def send_again(self, kept: KeptMessage) -> Awaitable[None] | None:
        """Send what was missed; return what to await before more is sent, None if nothing."""
        self.active = self._clock()
        return self.wire.send(with_seq(kept.text, kept.seq))

    def _refuse(self, refused: InvalidFrame) -> Awaitable[None] | None:
        for action in self._session.refused(refused):
            self._act(action)
        return self.wire.wait_writable()  # who sends what is refused and does not read is not read either

    def _act(self, action: Action) -> None:
        if isinstance(action, SendError):
            self.wire.send(self._codec.encode_error(action.error, re=action.re))
        elif isinstance(action, SendPong):
            self.wire.send(PONG, volatile=True)
        elif isinstance(action, Cancel):
            self._worker.cancel(action.id)
        else:
            self._speaker.close(action.code, action.reason)

    def _until_space(self) -> Awaitable[None]:
        if self._space is None:
            self._space = self.loop.create_future()
        return self._space

    def _consumed(self) -> None:
        if self._space is not None and (self.ending is not None or not self._session.full):
            _settle(self._space, None)  # who waited may have been cancelled
            self._space = None


def _settle(future: asyncio.Future[Any], value: object) -> None:
    if not future.done():
        future.set_result(value)


def _fail(future: asyncio.Future[Any], error: TornadoWsError) -> None:
    if not future.done():
        future.set_exception(error)
