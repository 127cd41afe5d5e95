"""Meaning of the exceptions of redis-py: the effect on a command, and a text for the log."""

from __future__ import annotations

import enum
import os
import socket
import ssl
from typing import Final

from redis.asyncio.sentinel import MasterNotFoundError
from redis.exceptions import (
    AskError,
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    ClusterError,
    MasterDownError,
    NoScriptError,
    OutOfMemoryError,
    RedisClusterException,
    RedisError,
    ResponseError,
    SlotNotCoveredError,
    TryAgainError,
)
from redis.exceptions import TimeoutError as RedisTimeoutError

from ...loggers import BACKPLANE

__all__ = [
    "ANSWER_TIMEOUT",
    "FAILURES",
    "Effect",
    "NotConnected",
    "describe",
    "effect_of",
    "is_timeout",
    "log_unexpected",
]

ANSWER_TIMEOUT: Final = 1.5
"""Time without an answer after which a connection is dead, in seconds."""
FAILURES: Final = (RedisError, RedisClusterException, OSError, TimeoutError)
"""Exceptions of a connection that fails, and of a command that Redis refuses."""


class NotConnected(RedisError):
    """Connection that could not be opened. Its cause is the reason."""


class Effect(enum.Enum):
    """Effect of a failure on a command."""

    REFUSED = enum.auto()
    """The command is wrong, and others are not affected."""
    UNKNOWN_SCRIPT = enum.auto()
    """Redis does not have the text of the script."""
    MOVING = enum.auto()
    """Its keys are on the way to another server. It was not executed."""
    UNAVAILABLE = enum.auto()
    """The server cannot execute any command. It was not executed."""
    LOST = enum.auto()
    """The connection failed. It may have been executed."""


_EFFECTS: Final = (
    (NoScriptError, Effect.UNKNOWN_SCRIPT),
    ((AskError, TryAgainError), Effect.MOVING),  # a MovedError is an AskError
    (
        (
            AuthenticationError,
            BusyLoadingError,
            ClusterDownError,
            MasterDownError,
            MasterNotFoundError,
            NotConnected,
            RedisClusterException,
            SlotNotCoveredError,
        ),
        Effect.UNAVAILABLE,
    ),
    (ClusterError, Effect.MOVING),  # too many redirections
    (ResponseError, Effect.REFUSED),
)


def effect_of(error: BaseException) -> Effect:
    """Return the effect of a failure on its command."""
    return next((effect for kinds, effect in _EFFECTS if isinstance(error, kinds)), Effect.LOST)


def log_unexpected(error: BaseException) -> None:
    """Log an exception that neither Redis nor the connection causes."""
    if not isinstance(error, FAILURES):
        BACKPLANE.error("unexpected failure at Redis", exc_info=error)


def is_timeout(error: BaseException) -> bool:
    """Return True if a server did not answer in time."""
    error = _cause(error)
    return isinstance(error, (TimeoutError, RedisTimeoutError))


def describe(error: BaseException) -> str:
    """Return the reason of a failure, without addresses and passwords."""
    error = _cause(error)
    if is_timeout(error):
        return f"no answer within {ANSWER_TIMEOUT:g} s"
    if isinstance(error, OutOfMemoryError):
        return f"Redis has no memory left, its maxmemory is reached ({error})"
    if isinstance(error, AuthenticationError):
        return f"the sign-in failed: {error}"
    if isinstance(error, MasterNotFoundError):
        text, _, _ = str(error).partition(" : ")
        return text.replace("No master found for", "no sentinel has a master for")
    if isinstance(error, RedisClusterException) and error.__cause__ is not None:
        return f"no server of the cluster answers: {describe(error.__cause__)}"
    if (reason := _operating_system(error)) is not None:
        return reason
    text, _, _ = str(error).partition(", with args beginning with")  # the arguments contain messages
    return text.rstrip(".") or type(error).__name__


def _cause(error: BaseException) -> BaseException:
    """Return the reason of a connection that could not be opened."""
    while isinstance(error, NotConnected) and error.__cause__ is not None:
        error = error.__cause__
    return error


def _operating_system(error: BaseException | None) -> str | None:
    """Return the text of the operating system for the first cause that has one."""
    while error is not None:
        if isinstance(error, (socket.gaierror, ssl.SSLError)):
            return error.strerror or str(error)
        if isinstance(error, OSError) and error.errno:
            return os.strerror(error.errno).lower()
        error = error.__cause__ or error.__context__
    return None
