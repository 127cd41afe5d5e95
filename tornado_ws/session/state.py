"""Decide what becomes of each frame of one connection, without doing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ..endpoint import MessageType
from ..errors import CloseCode, ErrorData, InvalidFrame
from ..limits import Limits, Rate, RateLimiter
from ..validation.envelopes import Frame
from .pending_requests import PendingRequests

__all__ = ["Action", "Cancel", "Close", "SendError", "SendPong", "SessionState"]


@dataclass(frozen=True, kw_only=True)
class SendError:
    """Tell the peer what was refused."""

    error: ErrorData
    re: int | None = None


@dataclass(frozen=True, kw_only=True)
class SendPong:
    """Tell the peer that we are there."""


@dataclass(frozen=True, kw_only=True)
class Cancel:
    """Stop what answers a request of the peer."""

    id: int


@dataclass(frozen=True, kw_only=True)
class Close:
    """Close the connection."""

    code: int
    reason: str


Action: TypeAlias = SendError | SendPong | Cancel | Close


class SessionState:
    """One connection: what waits to be handled, what is being answered, what we wait for."""

    __slots__ = ("_answering", "_clock", "_limits", "_rate", "_rates", "_streams", "inbox", "invalid", "pending")

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.inbox: list[Frame] = []
        """What the handler has to do, in the order in which it came. It is short, and a deque large when empty."""
        self.pending = PendingRequests()
        """Requests of ours."""
        self._limits = limits
        self._clock = clock
        self._rate = RateLimiter(limits.messages) if limits.messages else None
        self._rates: dict[str, RateLimiter] = {}
        self.invalid = 0
        """InvalidFrame messages in a row."""
        self._answering: dict[int, MessageType] = {}
        self._streams = 0

    @property
    def full(self) -> bool:
        """Whether nothing more should be read for now.

        While a request of ours is open reading goes on to four times the limit: its answer may stand behind.
        """
        size = len(self.inbox)
        return size >= self._limits.inbox and (not self.pending or size >= 4 * self._limits.inbox)

    def arrived(self, frame: Frame) -> Action | None:
        """Take a frame that the codec accepted. What the handler has to do is put in :attr:`inbox`."""
        kind = frame.kind
        if kind == "message" or kind == "request":
            self.invalid = 0
            message = frame.message
            if (
                (self._rate is not None or (message is not None and message.rate is not None))
                and (refusal := self._limit(frame)) is not None
            ) or (kind == "request" and (refusal := self._open(frame)) is not None):
                return refusal
            self.inbox.append(frame)
            return None
        if kind == "ping":
            return SendPong()
        if kind == "resume":
            self.inbox.append(frame)
            return None
        if frame.re is None:
            return None
        if kind == "reply":
            error = self.pending.answer(frame.re, frame.message, frame.data)
            return None if error is None else self._refuse(error, None)
        if kind == "error":
            self.pending.refuse(frame.re, frame.data)
            return None
        return self._cancel(frame.re) if kind == "cancel" else None

    def refused(self, refused: InvalidFrame) -> tuple[Action, ...]:
        """Take a frame that the codec refused."""
        self.pending.refuse(refused.re, refused.error)
        action = self._refuse(refused.error, refused.id)
        if self.invalid < self._limits.invalid:
            return (action,)
        return (action, Close(code=CloseCode.TOO_MANY_INVALID, reason=f"{self.invalid} refused messages in a row"))

    def answered(self, id: int | None) -> None:
        """Note that a request of the peer has its answer, or its last one."""
        message = None if id is None else self._answering.pop(id, None)
        if message is not None and message.stream is not None:
            self._streams -= 1

    def _limit(self, frame: Frame) -> SendError | None:
        """Refuse what comes too fast."""
        wait = 0.0 if frame.message is None else self._wait(frame.message)
        if not wait:
            return None
        error = ErrorData(
            code="rate_limited", message="too many messages", retryable=True, retry_after_ms=int(wait * 1000) + 1
        )
        return SendError(error=error, re=frame.id)

    def _open(self, frame: Frame) -> SendError | None:
        """Note that a request is being answered, or refuse it."""
        id, message = frame.id, frame.message
        if id is None or message is None:
            return None
        if id in self._answering:
            # Not with its id: that would answer the request that is open.
            error = ErrorData(code="invalid_message", message="the id is that of a request that is open")
            return self._refuse(error, None)
        if message.stream is not None:
            if self._streams >= self._limits.streams:
                error = ErrorData(
                    code="rate_limited", message="too many streams", expected=self._limits.streams, retryable=True
                )
                return SendError(error=error, re=id)
            self._streams += 1
        self._answering[id] = message
        return None

    def _wait(self, message: MessageType) -> float:
        """Return the seconds until ``message`` may be sent; 0.0: now."""
        now = self._clock()
        if message.rate is not None:
            bucket = self._rates.get(message.name)
            if bucket is None:
                count, seconds = message.rate
                bucket = self._rates[message.name] = RateLimiter(Rate(count=count, seconds=seconds))
            if wait := bucket.acquire(now):
                return wait
        return self._rate.acquire(now) if self._rate is not None else 0.0

    def _refuse(self, error: ErrorData, re: int | None) -> SendError:
        self.invalid += 1
        return SendError(error=error, re=re)

    def _cancel(self, id: int) -> Action | None:
        if id not in self._answering:
            return None  # it has been answered meanwhile
        for frame in self.inbox:
            if frame.id == id:
                self.inbox.remove(frame)
                self.answered(id)
                return SendError(error=ErrorData(code="cancelled", message="cancelled before it began"), re=id)
        return Cancel(id=id)
