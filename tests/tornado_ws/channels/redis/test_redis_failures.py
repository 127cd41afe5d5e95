"""Exceptions of redis-py, as they are raised by it."""

from __future__ import annotations

import pytest
from redis.asyncio.sentinel import MasterNotFoundError
from redis.exceptions import (
    AskError,
    AuthenticationError,
    BusyLoadingError,
    ClusterError,
    ConnectionError,
    MovedError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    ResponseError,
    SlotNotCoveredError,
    TryAgainError,
)
from redis.exceptions import TimeoutError as RedisTimeoutError

from tornado_ws.channels.redis.redis_failures import FAILURES, Effect, NotConnected, effect_of, in_words, is_silence


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "effect"),
    [
        (ResponseError("WRONGTYPE"), Effect.REFUSED),
        (OutOfMemoryError("x"), Effect.REFUSED),
        (ReadOnlyError("x"), Effect.REFUSED),
        (NoScriptError("x"), Effect.UNKNOWN_SCRIPT),
        (MovedError("1 127.0.0.1:2"), Effect.MOVING),
        (AskError("1 127.0.0.1:2"), Effect.MOVING),
        (TryAgainError("x"), Effect.MOVING),
        (ClusterError("TTL exhausted."), Effect.MOVING),
        (BusyLoadingError("x"), Effect.UNAVAILABLE),
        (AuthenticationError("x"), Effect.UNAVAILABLE),
        (SlotNotCoveredError("x"), Effect.UNAVAILABLE),
        (NotConnected(), Effect.UNAVAILABLE),
        (ConnectionError("x"), Effect.LOST),
        (RedisTimeoutError("x"), Effect.LOST),
        (TimeoutError(), Effect.LOST),
        (OSError(), Effect.LOST),
    ],
)
def test_effect_on_the_command(error: Exception, effect: Effect):
    assert effect is effect_of(error)
    assert isinstance(error, FAILURES)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (TimeoutError(), "no answer within 1.5 s"),
        (caused(NotConnected(), RedisTimeoutError("Timeout connecting to server")), "no answer within 1.5 s"),
        (caused(ConnectionError("x"), ConnectionRefusedError(111, "Connect call failed")), "connection refused"),
        (ConnectionError("Connection closed by server."), "Connection closed by server"),
        (AuthenticationError("invalid password"), "the sign-in failed: invalid password"),
        (OutOfMemoryError("OOM"), "Redis has no memory left, its maxmemory is reached (OOM)"),
        (
            MasterNotFoundError("No master found for 'a' : Redis<x> - ConnectionError()"),
            "no sentinel has a master for 'a'",
        ),
        (
            caused(RedisClusterException("x"), caused(ConnectionError("y"), OSError(113, "z"))),
            "no server of the cluster answers: no route to host",
        ),
        (ConnectionError(), "ConnectionError"),
    ],
)
def test_reason_is_short(error: Exception, text: str):
    assert text == in_words(error)
    assert ("no answer" in text) is is_silence(error)
