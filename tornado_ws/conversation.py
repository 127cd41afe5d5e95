"""Carry one connection's messages between its socket and its handler."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from .codec import PONG, Codec
from .errors import ConnectionClosed, ErrorData, Refused, RequestTimeout, TornadoWsError
from .frames import Frame
from .limits import Limits
from .messages import MessageType
from .replay import Kept, numbered
from .session import Action, Cancel, SendError, SendPong, Session
from .wire import Wire
from .worker import Speaker, Worker

__all__ = ["Conversation"]

BINARY = ErrorData(code="unsupported_frame", message="expected a text frame, got a binary one")
REMEMBERED = 1000
_NONE: Final[frozenset[int]] = frozenset()


class _Speaker(Speaker, Protocol):
    async def _missed(self, epoch: str, seq: int) -> Sequence[Kept] | None:
        """Return what a client that came back has missed; None if that cannot be said."""
        ...


class Conversation:
    """One open connection."""

    __slots__ = (
        "_clock",
        "_codec",
        "_decode",
        "_limits",
        "_live",
        "_session",
        "_space",
        "_speaker",
        "_straight",
        "_worker",
        "active",
        "ending",
        "loop",
        "wire",
    )

    def __init__(
        self,
        speaker: _Speaker,
        *,
        methods: Mapping[str, Callable[..., Any]],
        straight: Mapping[str, Callable[..., Any]],
        codec: Codec,
        limits: Limits,
        wire: Wire,
        clock: Callable[[], float],
        context: contextvars.Context,
        direct: bool,
    ) -> None:
        self.wire = wire
        self.ending: tuple[int | None, str | None] | None = None
        """Close code and reason, once it is known that the connection ends."""
        self._speaker = speaker
        self._codec = codec
        self._decode = codec.decode
        self._clock = clock
        self.active = clock()
        """When the last message came, or went to this client alone; heartbeats are none."""
        self._limits = limits
        self._session = Session(limits, clock)
        self._straight = straight
        self.loop = asyncio.get_running_loop()
        self._space: asyncio.Future[None] | None = None
        self._live: set[int] | frozenset[int] | None = _NONE
        self._worker = Worker(
            speaker,
            methods=methods,
            codec=codec,
            session=self._session,
            wire=wire,
            resume=self._resume,
            consumed=self._consumed,
            context=context,
            direct=direct,
        )

    @property
    def last_activity(self) -> float:
        """When the last message came or went."""
        return max(self.active, self.wire.told_at)

    def start(self) -> None:
        """Begin with what the speaker does when it is connected."""
        self._worker.start()

    async def quiet(self) -> None:
        """Wait until no method runs and no message waits."""
        await self._worker.quiet()

    async def finished(self) -> None:
        """Wait until the speaker has taken its leave."""
        await self._worker.finished()

    def receive(self, raw: str | bytes) -> Awaitable[None] | None:
        """Take a text frame; return what to await before more is read, None if nothing.

        To be called in the context, or in a task.
        """
        if self.ending is not None:
            return None
        try:
            frame = self._decode(raw)
        except Refused as refused:
            return self._refuse(refused)
        message, session = frame.message, self._session
        if message is not None:
            self.active = self._clock()
            if (
                (method := self._straight.get(message.name)) is not None
                and frame.kind == "message"
                and self._worker.run(message, method, frame.data)
            ):
                session.invalid = 0
                return None
        if (action := session.arrived(frame)) is not None:
            self._act(action)
            return None
        self._worker.wake()
        return self._until_space() if session.inbox and session.full else None

    def receive_binary(self, raw: bytes) -> Awaitable[None] | None:
        """Take a binary frame, of which the protocol has none."""
        return None if self.ending is not None else self._refuse(Refused(BINARY))

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
        self.wire.hang_up(code, reason)

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
        self._worker.end(self._limits.closing_timeout if self.wire.clean else 0)
        self._consumed()

    async def send(self, text: bytes, *, volatile: bool = False, latest: str | None = None) -> None:
        """Send a frame, and wait until the client has read enough for the next."""
        self.active = self._clock()
        if (room := self.wire.send(text, volatile=volatile, latest=latest)) is not None:
            await room

    async def ask(self, message: object, kind: MessageType, patience: float) -> Any:  # the reply
        """Send a request and return its reply, which is waited for ``patience`` seconds.

        Raises:
            InvalidMessage: The request is not what the schema says.
            RequestFailed: The client answered with an error, or not in time.
            ConnectionClosed: The connection closed before it answered.
        """
        if self.ending is not None:
            raise ConnectionClosed(*self.ending)
        future: asyncio.Future[Any] = self.loop.create_future()
        id = self._session.pending.add(kind, lambda value: _settle(future, value), lambda error: _fail(future, error))
        self._consumed()  # a full inbox must not keep the reply from being read
        try:
            self.wire.send(self._codec.encode(message, id=id))
            done, _ = await asyncio.wait((future,), timeout=patience)
        finally:
            self._session.pending.give_up(id)
        if done:
            return future.result()
        self.wire.send(self._codec.encode_cancel(id))
        raise RequestTimeout(kind.name, patience)

    def delivered(self, seq: int) -> None:
        """Note that the client has been sent a message that is kept for those who come back."""
        live = self._live
        if isinstance(live, set):
            live.add(seq)
            if len(live) > REMEMBERED:
                self._live = None
        elif live is not None:
            self._live = {seq}

    def _refuse(self, refused: Refused) -> Awaitable[None] | None:
        for action in self._session.refused(refused):
            self._act(action)
        return self.wire.room()  # who sends what is refused and does not read is not read either

    def _act(self, action: Action) -> None:
        if isinstance(action, SendError):
            self.wire.send(self._codec.encode_error(action.error, re=action.re))
        elif isinstance(action, SendPong):
            self.wire.send(PONG, volatile=True)
        elif isinstance(action, Cancel):
            self._worker.cancel(action.id)
        else:
            self._speaker.close(action.code, action.reason)

    async def _resume(self, frame: Frame) -> None:
        missed = await self._speaker._missed(frame.data.epoch, frame.data.seq)
        live, self._live = self._live, None
        if missed is None or live is None:  # it asks after so much that nobody knows what it has seen
            self.wire.send(self._codec.encode_resumed(False))
            return
        self.wire.send(self._codec.encode_resumed(True))
        for kept in missed:
            if kept.seq not in live:
                await self.send(numbered(kept.text, kept.seq))

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
