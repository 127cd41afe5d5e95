"""Say what went wrong: exceptions, the error that frames carry, and the codes that connections close with."""

from __future__ import annotations

import enum
from typing import Any

import msgspec

__all__ = [
    "ApplicationError",
    "BackplaneDown",
    "CloseCode",
    "ConfigurationError",
    "ConnectionClosed",
    "ErrorData",
    "GuardRefused",
    "IncompleteHandler",
    "InvalidMessage",
    "InvalidFrame",
    "RequestFailed",
    "RequestTimeout",
    "TooManyTickets",
    "TornadoWsError",
]


class CloseCode(enum.IntEnum):
    """Close codes (RFC 6455 section 7.4). Clients reconnect after a code that is not :attr:`final`."""

    NORMAL = 1000
    """Default of :meth:`.SocketHandler.close`."""
    GOING_AWAY = 1001
    """The server stops: sent by :func:`.drain` and :meth:`.WebSocketController.close`."""
    PROTOCOL_ERROR = 1002
    """The frame violates RFC 6455: detected by :mod:`~tornado_ws.websocket.parser`."""
    UNSUPPORTED = 1003
    """Not sent; clients treat it as final."""
    INVALID_TEXT = 1007
    """The text is not UTF-8, or the message is not deflate: detected by :mod:`~tornado_ws.websocket.parser`."""
    POLICY = 1008
    """Not sent; clients treat it as final."""
    TOO_BIG = 1009
    """The message is larger than :attr:`.Limits.message_bytes`: detected by :mod:`~tornado_ws.websocket.parser`."""
    INTERNAL = 1011
    """``on_connect`` raised (:meth:`.Responder.connect`), ``open`` did (:class:`.StrictProtocol`), or ``on_message`` of
    an unvalidated handler did (:meth:`.StrictWebSocketHandler.on_failure`)."""
    TRY_AGAIN_LATER = 1013
    """The guards took too long, or the backplane is down: sent by :class:`.Handshake`."""
    UNAUTHORIZED = 3000
    """No user is signed in: sent by the guard :func:`.authenticated`."""
    FORBIDDEN = 3003
    """A guard refused the client: default of :exc:`.GuardRefused`, raised by :func:`.first_refusal`."""
    TOO_SLOW = 3008
    """The client reads too slowly (:attr:`.Limits.write_queue_bytes`, :attr:`.Limits.write_queue_age`): sent by
    :class:`~tornado_ws.websocket.connection.Connection`, or on Tornado's loop by :class:`.TornadoSender`."""
    INVALID_PARAMS = 4400
    """Path or query violates the schema of ``params``: sent by :class:`.Handshake`."""
    INVALID_TICKET = 4404
    """The one-time URL is unknown, used, expired, or bound to another request: sent by :class:`.Handshake`."""
    IDLE = 4408
    """No message for :attr:`.Limits.idle_timeout` seconds: detected by :class:`.Keepalive`, sent by
    :class:`.ConnectedClient`."""
    TOO_MANY_INVALID = 4422
    """:attr:`.Limits.invalid` consecutive invalid messages: sent by :meth:`.SessionState.receive_invalid`."""
    UNRESPONSIVE = 4508
    """Nothing received for :attr:`.Heartbeat.timeout` seconds after a ping: detected by :class:`.Keepalive`, sent by
    :class:`.ConnectedClient`."""

    @property
    def final(self) -> bool:
        """Whether a client must not come back by itself."""
        return is_final(self)


def is_final(code: int) -> bool:
    """Tell whether a client must not come back by itself after ``code``."""
    return code in (1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003) or 4000 <= code <= 4499


class ErrorData(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    rename={"retry_after_ms": "retryAfterMs"},
):
    """What an ``$error`` frame carries. It never holds a value, nor a property name, that the peer made up."""

    code: str
    message: str
    pointer: str | None = None
    """JSON Pointer into ``data`` (RFC 6901); ``""`` is the whole of it."""
    keyword: str | None = None
    """The keyword of the schema that was broken."""
    expected: Any = None
    """The value of that keyword where it helps and is short; any JSON value, thus Any."""
    retryable: bool = False
    retry_after_ms: int | None = None

    def __str__(self) -> str:
        """Return one line such as ``invalid_message: shorter than 1 [minLength] at /text``."""
        keyword = f" [{self.keyword}]" if self.keyword else ""
        place = f" at {self.pointer}" if self.pointer else ""
        return f"{self.code}: {self.message}{keyword}{place}"


class TornadoWsError(Exception):
    """Base class of everything this package raises."""


class InvalidFrame(TornadoWsError):
    """A frame of the peer is not what the schema says; raised by the codec, answered by ``$error``."""

    def __init__(self, error: ErrorData, *, id: int | None = None, re: int | None = None) -> None:
        self.error = error  # no super().__init__(): the arguments are kept without it, and it takes time
        self.id = id
        """The id of the refused request, where it could be read."""
        self.re = re
        """The id of the request that the refused frame wanted to answer, where it could be read."""

    def __str__(self) -> str:
        return str(self.error)


class InvalidMessage(TornadoWsError, ValueError):
    """A message of our own is not what the schema says; nothing was sent."""

    def __init__(self, message: str, error: ErrorData) -> None:
        super().__init__(message, error)
        self.message = message
        """Name of the message."""
        self.error = error

    @property
    def pointer(self) -> str | None:
        """JSON Pointer into the payload."""
        return self.error.pointer

    @property
    def keyword(self) -> str | None:
        """The keyword of the schema that was broken."""
        return self.error.keyword

    def __str__(self) -> str:
        return f"{self.message} was not sent: {self.error}"


class ApplicationError(TornadoWsError):
    """Raise it in a handler method to answer with an error that the schema declares under ``errors``."""

    def __init__(
        self, code: str, message: str = "", *, retryable: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(code, message)
        self.error = ErrorData(
            code=code,
            message=message or code.replace("_", " "),
            retryable=retryable,
            retry_after_ms=None if retry_after is None else round(retry_after * 1000),
        )

    def __str__(self) -> str:
        return str(self.error)


class RequestFailed(TornadoWsError):
    """The peer answered a request with an error, or with a reply that is not what the schema says."""

    def __init__(self, message: str, error: ErrorData) -> None:
        super().__init__(message, error)
        self.message = message
        """Name of the request."""
        self.error = error

    def __str__(self) -> str:
        return f"{self.message} failed: {self.error}"


class RequestTimeout(RequestFailed, TimeoutError):
    """The peer did not answer a request in time."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message, ErrorData(code="timeout", message=f"no reply within {seconds:g} s"))
        self.seconds = seconds


class ConnectionClosed(TornadoWsError):
    """The connection closed before the reply to a request came."""

    def __init__(self, code: int | None, reason: str | None) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        code = "without a code" if self.code is None else f"with code {self.code}"
        return f"the connection closed {code}" + (f" ({self.reason})" if self.reason else "")


class GuardRefused(TornadoWsError):
    """Raise it in a guard to say why; anything else that a guard raises refuses with no reason given."""

    def __init__(self, reason: str, code: int = CloseCode.FORBIDDEN) -> None:
        super().__init__(reason, code)
        self.reason = reason
        """At most 123 bytes in UTF-8; the client sees it."""
        self.code = code

    def __str__(self) -> str:
        return f"{self.reason} [{int(self.code)}]"


class TooManyTickets(TornadoWsError):
    """A client asked for more one-time URLs than may be open at a time."""

    def __init__(self, limit: int, retry_after: float) -> None:
        super().__init__(limit, retry_after)
        self.limit = limit
        self.retry_after = retry_after
        """Seconds until the oldest expires."""

    def __str__(self) -> str:
        return f"{self.limit} one-time URLs are open already; the next is free in {self.retry_after:.0f} s"


class BackplaneDown(TornadoWsError):
    """What connects the processes cannot be reached, and this could not be done without it."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"the backplane cannot be reached: {self.problem}"


class IncompleteHandler(TornadoWsError, TypeError):
    """A handler that lacks methods was mounted."""

    def __init__(self, handler: str, missing: tuple[str, ...]) -> None:
        super().__init__(handler, missing)
        self.handler = handler
        self.missing = missing

    def __str__(self) -> str:
        return f"{self.handler} lacks {', '.join(self.missing)}"


class ConfigurationError(TornadoWsError, ValueError):
    """Settings that cannot work, found at start-up."""

    def __init__(self, setting: str, problem: str, hint: str = "") -> None:
        super().__init__(setting, problem, hint)
        self.setting = setting
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.setting}: {self.problem}" + (f"; {self.hint}" if self.hint else "")
