"""Errors: exceptions, the data of ``$error`` frames, and close codes."""

from __future__ import annotations

import enum
from typing import Any, ClassVar, Generic, Self, TypeVar

import msgspec

from .argument_checks import require_seconds, require_text, require_type
from .loggers import quoted

__all__ = [
    "ApplicationError",
    "BackplaneDown",
    "CloseCode",
    "ConfigurationError",
    "ConnectFailed",
    "ConnectionClosed",
    "ErrorData",
    "ErrorWithData",
    "GuardRefused",
    "IncompleteHandler",
    "InvalidFrame",
    "InvalidMessage",
    "LimitReached",
    "RequestFailed",
    "RequestTimeout",
    "TooManyTickets",
    "TornadoWsError",
    "WrongThread",
]

DataT_co = TypeVar("DataT_co", covariant=True)


class CloseCode(enum.IntEnum):
    """Close codes (RFC 6455 section 7.4). Clients reconnect after a code that is not :attr:`final`."""

    NORMAL = 1000
    """Default of :meth:`.SocketHandler.close`."""
    GOING_AWAY = 1001
    """The server is shutting down: sent by :func:`.drain` and :meth:`.Lifecycle.close`."""
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
    an unvalidated handler did (:meth:`.StrictWebSocketHandler.handle_failure`)."""
    TRY_AGAIN_LATER = 1013
    """``prepare`` or the guards took too long, or the backplane is down: sent by :class:`.Handshake`."""
    UNAUTHORIZED = 3000
    """No user is signed in: sent by the guards :func:`.authenticated` and :func:`.bearer`, and by
    :meth:`.WebSocketController.disconnect`. A page asks its functions for credentials once more."""
    FORBIDDEN = 3003
    """A guard refused the client: default of :exc:`.GuardRefused`, raised by :func:`.first_refusal`."""
    TOO_SLOW = 3008
    """The client reads too slowly (:attr:`.Limits.write_queue_bytes`, :attr:`.Limits.write_queue_age`): sent by
    :class:`~tornado_ws.websocket.connection.Connection`."""
    INVALID_PARAMS = 4400
    """Path or query violates the schema of ``params``: sent by :class:`.Handshake`."""
    INVALID_TICKET = 4404
    """The one-time URL is unknown, used, expired, or bound to another request: sent by :class:`.Handshake`."""
    IDLE = 4408
    """No message for :attr:`.Limits.idle_timeout` seconds: detected by :class:`.Keepalive`, sent by
    :class:`.ConnectedClient`."""
    TOO_MANY_INVALID = 4422
    """:attr:`.Limits.invalid_messages` consecutive invalid messages: sent by :meth:`.SessionState.receive_invalid`."""
    EXPIRED = 4501
    """The connection has reached :attr:`.Limits.max_lifetime`: detected by :class:`.Keepalive`, sent by
    :class:`.ConnectedClient`."""
    UNRESPONSIVE = 4508
    """Nothing received for :attr:`.Heartbeat.timeout` seconds after a ping: detected by :class:`.Keepalive`, sent by
    :class:`.ConnectedClient`."""

    @property
    def final(self) -> bool:
        """True if clients must not reconnect by themselves."""
        return is_final(self)


def is_final(code: int) -> bool:
    """Return True if clients must not reconnect by themselves after a close code."""
    return code in (1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003) or 4000 <= code <= 4499


def is_valid_close_code(code: int) -> bool:
    """Return True if a close frame may carry ``code`` (RFC 6455 section 7.4)."""
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def require_close_code(code: int) -> None:
    """Require a code that a close frame may carry.

    Raises:
        TypeError: If the code is not an integer.
        ValueError: If the code is another one.
    """
    if not isinstance(code, int) or isinstance(code, bool):
        raise TypeError(f"expected a close code, got {code!r}")
    if not is_valid_close_code(code):
        raise ValueError(f"expected a close code of RFC 6455 section 7.4, or from 3000 to 4999, got {code}")


class ErrorData(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    rename={"retry_after_ms": "retryAfterMs"},
):
    """Data of an ``$error`` frame. Except for :attr:`data`, it contains no values or property names of the peer."""

    code: str
    message: str
    type: str | None = None
    """Name of the message, in errors that answer no request."""
    pointer: str | None = None
    """JSON Pointer (RFC 6901) into ``data``; ``""`` is the whole value."""
    keyword: str | None = None
    """Keyword of the schema that rejects the value."""
    expected: Any = None
    """Value of that keyword, any JSON value; None if it is not reported."""
    retryable: bool = False
    """True if the same message may succeed later."""
    retry_after_ms: int | None = None
    """Milliseconds to wait before a retry."""
    reference: str | None = None
    """Random name of an ``internal`` error, which is also in the server's log."""
    data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    """Data of an error of the application, as JSON text; see :class:`ErrorWithData`."""

    def __str__(self) -> str:
        """Return a line such as ``invalid_message: expected at least 1 character [minLength] at /text``."""
        keyword = f" [{self.keyword}]" if self.keyword else ""
        place = f" at {self.pointer}" if self.pointer else ""
        reference = f", reference {self.reference}" if self.reference else ""
        return f"{self.code}: {self.message}{keyword}{place}{reference}"


class TornadoWsError(Exception):
    """Base class of all exceptions of this package."""


class InvalidFrame(TornadoWsError):
    """Rejection of a received frame. The codec raises it, and an ``$error`` frame is the answer."""

    def __init__(self, error: ErrorData, *, id: int | None = None, re: int | None = None) -> None:
        self.error = error  # without super().__init__(), which takes time: BaseException.__new__ keeps the arguments
        self.id = id
        """Id of the rejected request, if it could be read."""
        self.re = re
        """Id of the request that the rejected frame answers, if it could be read."""
        self.message: str | None = None
        """Name of the message, if the schema declares it."""

    def __str__(self) -> str:
        return str(self.error)


class InvalidMessage(TornadoWsError, ValueError):
    """Rejection of an outgoing message, reply or item by its schema; nothing was sent."""

    def __init__(self, message: str, error: ErrorData, property_name: str | None = None, *, part: str = "") -> None:
        """Create a rejection.

        Args:
            message: Name of the message, or of the request.
            error: Data of the error.
            property_name: Name of the invalid property, if the schema does not contain it.
            part: Beginning of the text, such as "reply to "; empty for a message.
        """
        super().__init__(message, error, property_name)
        self.message = message
        """Name of the message, or of the request."""
        self.part = part
        self.error = error
        self.property_name = property_name
        """Name of the invalid property, if the schema does not contain it. :attr:`pointer` then ends at its object."""

    @property
    def pointer(self) -> str | None:
        """JSON Pointer into the payload."""
        return self.error.pointer

    @property
    def keyword(self) -> str | None:
        """Keyword of the schema that rejects the message."""
        return self.error.keyword

    def __str__(self) -> str:
        name = "" if self.property_name is None else f" (property {quoted(self.property_name)})"
        return f"{self.part}{self.message} was not sent: {self.error}{name}"


class ApplicationError(TornadoWsError):
    """Error of the application. Raise it in a handler method, or return it from one with a reply, to answer with it.

    Generated modules contain a subclass for each code under ``errors`` in the schema. A class that the schema does not
    declare for the message is answered as ``internal``.

    Args:
        message: Text for people; by default the code with spaces instead of underscores.

    Raises:
        TypeError: If the message is not a text, or the class has no :attr:`code`.
    """

    code: ClassVar[str] = ""
    """Code of the error, as in the schema."""
    retryable: bool = False
    """True if the same message may succeed later."""

    def __init__(self, message: str = "", /) -> None:
        name = type(self).__name__
        if not self.code:
            raise TypeError(f"{name}: expected a class of a generated module, which has a code")
        super().__init__(message := require_text(name, "message", message))
        self.message = message or self.code.replace("_", " ")
        """Text for people."""
        self.retry_after_ms: int | None = None
        """Milliseconds to wait before a retry; None if nothing is known."""

    def retry_after(self, seconds: float) -> Self:
        """Set the time to wait before a retry, which makes the error retryable.

        Raises:
            TypeError: If ``seconds`` is not a number.
            ValueError: If ``seconds`` is negative or not finite.
        """
        require_seconds(type(self).__name__, "seconds", seconds)
        self.retry_after_ms, self.retryable = round(seconds * 1000), True
        return self

    def __reduce__(self) -> tuple[Any, ...]:  # the constructors of subclasses have other arguments
        return _restored, (type(self), self.args), self.__dict__

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class ErrorWithData(ApplicationError, Generic[DataT_co]):
    """Error of the application with data, whose schema is ``data`` of the error.

    If the data is an object, the constructors of generated classes have a keyword argument for each property instead of
    ``data``.

    Args:
        message: Text for people; by default the code with spaces instead of underscores.
        data: Value of the type in the generated class. It is validated when the error is sent.
    """

    def __init__(self, message: str = "", /, *, data: DataT_co) -> None:
        super().__init__(message)
        self.data = data
        """Data of the error."""


def _restored(cls: type[ApplicationError], arguments: tuple[Any, ...]) -> ApplicationError:
    """Return a pickled or copied error, whose attributes are set afterwards."""
    error = cls.__new__(cls)
    error.args = arguments
    return error


class RequestFailed(TornadoWsError):
    """Failure of a request: the reply is an error, or its schema rejects it."""

    def __init__(
        self, message: str, error: ErrorData, *, is_private: bool = False, is_invalid_reply: bool = False
    ) -> None:
        """Create a failure.

        Args:
            message: Name of the request.
            error: Data of the error.
            is_private: True if the text of the exception, which a log may contain, is to omit that of the error,
                because a client has chosen it.
            is_invalid_reply: True if the schema rejects the reply.
        """
        super().__init__(message, error)
        self.message = message
        self.error = error
        self._is_private = is_private
        self._is_invalid_reply = is_invalid_reply

    def __str__(self) -> str:
        if self._is_invalid_reply:
            return f"reply to {self.message} is invalid: {self.error}"
        return f"{self.message} failed: {quoted(self.error.code) if self._is_private else self.error}"


class RequestTimeout(RequestFailed, TimeoutError):
    """Failure of a request without a reply in time."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message, ErrorData(code="timeout", message=f"no reply within {seconds:g} s"))
        self.seconds = seconds


class ConnectionClosed(TornadoWsError):
    """Failure of a request because its connection is closed, or closed before the reply."""

    def __init__(self, code: int | None, reason: str | None) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        code = "without a code" if self.code is None else f"with code {self.code}"
        return f"the connection closed {code}" + (f" ({self.reason})" if self.reason else "")


class ConnectFailed(ConnectionClosed):
    """Failure of a client to open a connection: without an answer, or with one that refuses the upgrade."""

    def __init__(
        self,
        cause: str,
        message: str,
        *,
        status: int | None = None,
        retryable: bool = True,
        retry_after: float | None = None,
    ) -> None:
        """Create a failure.

        Args:
            cause: Stable name.
            message: Text for people.
            status: HTTP status of the answer, if there is one.
            retryable: True if the same attempt may succeed later.
            retry_after: Seconds that the server requires before the next attempt.
        """
        super().__init__(1006, message)
        self.cause = cause
        """Stable name: ``network``, ``timeout``, ``tls``, ``not_found``, ``redirected``, ``other_page``,
        ``unreachable``, ``internal``, ``refused`` or ``no_ticket``."""
        self.status = status
        self.retryable = retryable
        """True if the same attempt may succeed later."""
        self.retry_after = retry_after
        """Seconds that the server requires before the next attempt."""

    def __str__(self) -> str:
        return f"cannot connect: {self.reason} [{self.cause}]"


class GuardRefused(TornadoWsError):
    """Refusal of a client by a guard, with a reason that the client receives. Other exceptions refuse without one."""

    def __init__(self, reason: str, code: int = CloseCode.FORBIDDEN, *, detail: str = "") -> None:
        """Create a refusal.

        Args:
            reason: Text for the client.
            code: Close code of RFC 6455 section 7.4, or from 3000 to 4999.
            detail: Text for the log, which the client does not receive; by default the reason.

        Raises:
            TypeError: If an argument has another type.
            ValueError: If a close frame must not carry the code.
        """
        require_type("GuardRefused", "reason", reason, str)
        require_close_code(code)
        super().__init__(reason, code)
        self.reason = reason
        """Text of at most 123 bytes in UTF-8 (RFC 6455 section 5.5); longer text is cut."""
        self.code = code
        """Close code."""
        self.detail = detail
        """Text for the log."""

    def __str__(self) -> str:
        return f"{self.reason} [{int(self.code)}]"


class TooManyTickets(TornadoWsError):
    """Refusal to issue a one-time URL, because the client has too many unused URLs."""

    def __init__(self, limit: int, retry_after: float) -> None:
        super().__init__(limit, retry_after)
        self.limit = limit
        self.retry_after = retry_after
        """Seconds until the oldest URL expires."""

    def __str__(self) -> str:
        return f"expected at most {self.limit} unused one-time URLs; try again in {self.retry_after:.0f} s"


class WrongThread(TornadoWsError, RuntimeError):
    """Call of a method from a thread other than that of the event loop; the call has no effect."""

    def __init__(self, call: str) -> None:
        super().__init__(call)
        self.call = call
        """Name of the method."""

    def __str__(self) -> str:
        return (
            f"{self.call}: expected a call from the thread of the event loop; "
            "from other threads, use sockets.call_from_thread(function, *args)"
        )


class LimitReached(TornadoWsError):
    """Refusal of a call because one client has reached a limit. :attr:`error` is the answer to a request."""

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(name, limit)
        self.name = name
        """Field of :class:`.Limits`."""
        self.limit = limit
        self.error = ErrorData(code="rate_limited", message=f"too many {name}", expected=limit, retryable=True)
        """Data of the ``$error`` frame."""

    def __str__(self) -> str:
        return f"expected at most {self.limit} {self.name} of one client (limits.{self.name})"


class BackplaneDown(TornadoWsError):
    """Failure of an operation that needs the backplane, which cannot be reached."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"the backplane cannot be reached: {self.problem}"


class IncompleteHandler(TornadoWsError, TypeError):
    """Handler that lacks methods of its schema, detected when it is mounted."""

    def __init__(self, handler: str, missing: tuple[str, ...], hint: str = "") -> None:
        super().__init__(handler, missing, hint)
        self.handler = handler
        self.missing = missing
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.handler} lacks {', '.join(self.missing)}" + (f"; {self.hint}" if self.hint else "")


class ConfigurationError(TornadoWsError, ValueError):
    """Invalid setting, detected at start-up."""

    def __init__(self, setting: str, problem: str, hint: str = "") -> None:
        super().__init__(setting, problem, hint)
        self.setting = setting
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.setting}: {self.problem}" + (f"; {self.hint}" if self.hint else "")
