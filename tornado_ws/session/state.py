"""State of one session and its decisions, without I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec

from ..endpoint import MessageType
from ..errors import CloseCode, ErrorData, InvalidFrame
from ..limits import Limits, Rate, RateLimiter
from ..validation.envelopes import Frame, PresenceRequestData, ResumeData
from .pending_requests import PendingRequests

__all__ = [
    "CancelTask",
    "Close",
    "Effect",
    "RequestPresence",
    "ResumeChannel",
    "ResumeStream",
    "SendError",
    "SendPong",
    "SessionState",
]

INITIAL_CREDIT: Final = 64
"""Number of items that a stream sends before the client has granted more."""
MAX_CREDIT: Final = 65_536
"""Maximum number of items that a client can grant in advance."""


@dataclass(frozen=True, kw_only=True)
class SendError:
    """Effect: send an ``$error`` frame."""

    error: ErrorData
    re: int | None = None
    """Id of the request that the error answers."""
    message: str | None = None
    """Name of the refused message, if it is known."""


@dataclass(frozen=True, kw_only=True)
class SendPong:
    """Effect: send a ``$pong`` frame with the number of received frames."""


@dataclass(frozen=True, kw_only=True)
class CancelTask:
    """Effect: cancel the task that answers a request of the client."""

    id: int
    """Id of the request."""


@dataclass(frozen=True, kw_only=True)
class ResumeChannel:
    """Effect: send the messages of a channel after a position."""

    data: ResumeData


@dataclass(frozen=True, kw_only=True)
class RequestPresence:
    """Effect: send the presence of a channel."""

    data: PresenceRequestData


@dataclass(frozen=True, kw_only=True)
class ResumeStream:
    """Effect: continue a stream that waits for credit."""

    id: int
    """Id of the request."""


@dataclass(frozen=True, kw_only=True)
class Close:
    """Effect: close the connection."""

    code: int
    reason: str


Effect: TypeAlias = SendError | SendPong | CancelTask | ResumeChannel | RequestPresence | ResumeStream | Close
"""Reaction to a frame, carried out by :class:`.session.Session`."""


class SessionState:
    """State of one connection: waiting frames, open requests in both directions, rates, deadlines and counters."""

    __slots__ = (
        "_answering",
        "_clock",
        "_limits",
        "_message_rates",
        "_rate",
        "_unhandled",
        "credit",
        "deadlines",
        "inbox",
        "invalid_count",
        "pending",
        "waiting",
    )

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self.inbox: list[Frame] = []
        """Frames that wait for the handler, in order of arrival. A short list; an empty deque takes more memory."""
        self.waiting: list[Frame] = []
        """Concurrent requests whose turn has come, and that wait until fewer are running, in order."""
        self.pending = PendingRequests()
        """Requests to the client."""
        self._limits = limits
        self._clock = clock
        self._rate = RateLimiter(limits.messages) if limits.messages else None
        self._message_rates: dict[str, RateLimiter] = {}
        self._unhandled: dict[str, tuple[int, ErrorData]] = {}
        """Id and error of the first acknowledged message that was not handled, by type, until it is repeated."""
        self.invalid_count = 0
        """Number of consecutive invalid frames."""
        self._answering: dict[int, MessageType] = {}
        self.credit: dict[int, int] = {}
        """Number of items that each open stream may send, by the id of its request."""
        self.deadlines: dict[int, float] = {}
        """Times at which open requests fail (:attr:`.MessageType.timeout`), in seconds, by id."""

    @property
    def full(self) -> bool:
        """True once reading must pause (:attr:`.Limits.receive_queue_messages`).

        While a request to the client is pending, reading continues up to four times the limit, because the reply may
        follow other messages.
        """
        size, limit = len(self.inbox) + len(self.waiting), self._limits.receive_queue_messages
        return size >= limit and (not self.pending or size >= 4 * limit)

    def receive(self, frame: Frame) -> Effect | None:
        """Handle a valid frame: return an effect, or add the frame to :attr:`inbox`."""
        kind = frame.kind
        if kind == "message" or kind == "request" or kind == "delivery":
            self.invalid_count = 0
            message = frame.message
            if self._unhandled and (early := self.refuse_early(frame)) is not None:
                return SendError(error=early, re=frame.id, message=None if message is None else message.name)
            if (
                (self._rate is not None or (message is not None and message.rate is not None))
                and (error := self._check_rate(frame)) is not None
            ) or (kind == "request" and (error := self._open_request(frame)) is not None):
                return error
            self.inbox.append(frame)
            return None
        if kind == "ping":
            return SendPong()
        if kind == "resume":
            return ResumeChannel(data=frame.data)
        if kind == "presence":
            return RequestPresence(data=frame.data)
        if kind == "cancel" and frame.id is not None:
            return self._cancel_request(frame.id)
        if kind == "more" and frame.id is not None:
            return self._add_credit(frame.id, frame.data.count)
        if frame.re is None:
            return None
        if kind == "reply":
            invalid = self.pending.resolve(frame.re, frame.message, frame.data)
            message_type = frame.message
            name = None if message_type is None else message_type.name
            return None if invalid is None else self._count_invalid(invalid, None, name)
        if kind == "error":
            self.pending.reject(frame.re, frame.data, is_private=True)
        return None

    def receive_invalid(self, invalid: InvalidFrame) -> tuple[Effect, ...]:
        """Handle an invalid frame: send an error; close after :attr:`.Limits.invalid_messages` consecutive frames."""
        self.pending.reject(invalid.re, invalid.error, is_invalid_reply=True)
        error = self._count_invalid(invalid.error, invalid.id, invalid.message)
        if self.invalid_count < self._limits.invalid_messages:
            return (error,)
        reason = f"{self.invalid_count} invalid messages in a row"
        return (error, Close(code=CloseCode.TOO_MANY_INVALID, reason=reason))

    def not_handled(self, frame: Frame, error: ErrorData) -> None:
        """Note an acknowledged message that the client repeats, so that those after it are not handled before it.

        Args:
            frame: Frame of the message.
            error: Error for those after it.
        """
        message, id = frame.message, frame.id
        if message is None or id is None:
            return
        first = self._unhandled.get(message.name)
        if first is None or id < first[0]:
            self._unhandled[message.name] = (id, error)

    def refuse_early(self, frame: Frame) -> ErrorData | None:
        """Return the error for an acknowledged message if one that must precede it was not handled."""
        message, after = frame.message, frame.after
        first = None if message is None else self._unhandled.get(message.name)
        if message is None or first is None:
            return None
        if after is not None and after >= first[0]:
            return first[1]
        if frame.id is not None and frame.id >= first[0]:
            del self._unhandled[message.name]
        return None

    def request_answered(self, id: int | None) -> None:
        """Remove a request of the client after its reply, its error or the end of its stream."""
        if id is not None:
            self._answering.pop(id, None)
            self.credit.pop(id, None)
            if self.deadlines:
                self.deadlines.pop(id, None)

    def take_expired(self) -> list[int]:
        """Return the ids of the requests whose deadline has passed, each once."""
        now = self._clock()
        expired = [id for id, deadline in self.deadlines.items() if deadline <= now]
        for id in expired:
            del self.deadlines[id]
        return expired

    def withdraw(self, id: int) -> MessageType | None:
        """Remove the frame of request ``id``, which is answered without a call of its method.

        Returns:
            Type of the request; None if its method was called.
        """
        for queue in (self.inbox, self.waiting):
            for frame in queue:
                if frame.id == id and frame.kind == "request":
                    queue.remove(frame)
                    self.request_answered(id)
                    return frame.message
        return None

    def drop_frames(self) -> None:
        """Drop all frames that wait for the handler."""
        self.inbox.clear()
        self.waiting.clear()

    def _check_rate(self, frame: Frame) -> SendError | None:
        wait = 0.0 if frame.message is None else self._acquire_rate(frame.message)
        if not wait:
            return None
        error = ErrorData(
            code="rate_limited", message="too many messages", retryable=True, retry_after_ms=int(wait * 1000) + 1
        )
        if frame.kind == "delivery":
            self.not_handled(frame, error)
        return self._refuse(error, frame.id, None if frame.message is None else frame.message.name)

    def _open_request(self, frame: Frame) -> SendError | None:
        """Add a request of the client, or return an effect with an error."""
        id, message = frame.id, frame.message
        if id is None or message is None:
            return None
        if id in self._answering:
            error = ErrorData(code="invalid_message", message="the id belongs to an open request")
            return self._count_invalid(error, id, message.name)
        if message.stream is not None:
            if len(self.credit) >= self._limits.streams:
                error = ErrorData(
                    code="rate_limited", message="too many streams", expected=self._limits.streams, retryable=True
                )
                return SendError(error=error, re=id, message=message.name)
            self.credit[id] = INITIAL_CREDIT
        if message.timeout is not None:
            self.deadlines[id] = self._clock() + message.timeout
        self._answering[id] = message
        return None

    def _acquire_rate(self, message: MessageType) -> float:
        """Return the seconds until a message is allowed; 0.0 if it is allowed now."""
        now = self._clock()
        if message.rate is not None:
            limiter = self._message_rates.get(message.name)
            if limiter is None:
                count, seconds = message.rate
                limiter = self._message_rates[message.name] = RateLimiter(Rate(count=count, seconds=seconds))
            if wait := limiter.acquire(now):
                return wait
        return self._rate.acquire(now) if self._rate is not None else 0.0

    def _count_invalid(self, error: ErrorData, id: int | None, message: str | None) -> SendError:
        self.invalid_count += 1
        return self._refuse(error, id, message)

    def _refuse(self, error: ErrorData, id: int | None, message: str | None) -> SendError:
        """Return an effect with the error for a frame, without its id if that would answer an open request."""
        re = None if id in self._answering else id
        if re is None:
            error = msgspec.structs.replace(error, type=message)
        return SendError(error=error, re=re, message=message)

    def _add_credit(self, id: int, count: int) -> Effect | None:
        credit = self.credit.get(id)
        if credit is None:
            return None  # already ended
        self.credit[id] = min(credit + count, MAX_CREDIT)
        return ResumeStream(id=id)

    def _cancel_request(self, id: int) -> Effect | None:
        if id not in self._answering:
            return None  # already answered
        if self.withdraw(id) is not None:
            return SendError(error=ErrorData(code="cancelled", message="cancelled before it started"), re=id)
        return CancelTask(id=id)
