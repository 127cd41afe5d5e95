"""Connection to one Redis server."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .redis_url import Address, RedisSettings
from .resp import Argument, Refusal, Reply, ReplyParser, pack

__all__ = ["ANSWER_TIMEOUT", "ConnectFailed", "RedisConnection", "ServerInfo", "connect"]

ANSWER_TIMEOUT: Final = 1.5
"""Time without an answer after which a connection is dead, in seconds."""
PING_INTERVAL: Final = 1.0
"""Seconds between pings."""
PONG_TIMEOUT: Final = 2.0
"""Time for the answer to a ping while messages arrive, in seconds."""
WATCH_INTERVAL: Final = 0.25
SECOND_LOOK: Final = 0.05
"""Seconds between the end of a time limit and its effect."""
PING: Final = pack(("PING",))

OnReply = Callable[[Reply], None]


class ConnectFailed(Exception):
    """Failure to connect, with the reason in words."""


@dataclass(frozen=True, kw_only=True)
class ServerInfo:
    """Properties of a server, from its answer to ``HELLO``."""

    version: int
    """Major version."""
    role: str
    """``master`` or ``replica``."""
    clock_offset: float
    """Time of the server minus :func:`time.monotonic` of this process, in seconds."""


class RedisConnection(asyncio.Protocol):
    """Connection with answers in the order of its commands, and a watch for links that are dead without an error.

    After :meth:`receive_pushes`, every reply is a message or confirmation of pub/sub.
    """

    def __init__(self, on_lost: Callable[[str, bool], None]) -> None:
        """Create a protocol for :meth:`asyncio.loop.create_connection`.

        Args:
            on_lost: Function that is called once with the reason, and True if the server did not answer in time.
        """
        self._loop = asyncio.get_running_loop()
        self._on_lost: Callable[[str, bool], None] | None = on_lost
        self._transport: asyncio.Transport | None = None
        self._parser = ReplyParser()
        self._expected: deque[OnReply] = deque()
        self._push: OnReply | None = None
        self._last_received = self._loop.time()
        self._waiting_since: float | None = None
        """Time since when an answer is due and no byte was received; None if no answer is due."""
        self._pinged_at: float | None = None
        """Time of a ping without an answer."""
        self._last_ping = self._loop.time()
        self._suspected = False
        self._watch_timer: asyncio.TimerHandle | None = None
        self.info = ServerInfo(version=0, role="", clock_offset=0.0)

    @property
    def open(self) -> bool:
        """True until the connection is lost or closed."""
        return self._on_lost is not None and self._transport is not None

    @property
    def write_buffer_size(self) -> int:
        """Size of the data that the kernel has not accepted yet, in bytes."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def send(self, data: bytes, expected: Sequence[OnReply] = ()) -> None:
        """Send packed commands.

        Args:
            data: Commands, packed by :func:`.pack`.
            expected: One function for the reply to each command; none after :meth:`receive_pushes`.
        """
        if self._transport is None:
            return
        self._expected.extend(expected)
        if self._waiting_since is None:
            self._waiting_since = self._loop.time()
        self._transport.write(data)

    def receive_pushes(self, push: OnReply) -> None:
        """Pass all later replies to a function, for a connection that subscribes."""
        self._push = push

    def close(self) -> None:
        """Close the connection; ``on_lost`` is not called."""
        self._on_lost = None
        self._stop_watch()
        if self._transport is not None:
            self._transport.close()

    # Protocol.

    def connection_made(self, transport: Any) -> None:  # Any: uvloop's transports are of no common class
        """Begin the watch."""
        self._transport = transport
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family != socket.AF_UNIX:
            _keep_alive(sock)
        self._watch_timer = self._loop.call_later(WATCH_INTERVAL, self._watch)

    def data_received(self, data: bytes) -> None:
        """Pass replies to their functions."""
        self._last_received = self._loop.time()
        try:
            replies = self._parser.feed(data)
        except ValueError as error:
            self._lose(str(error), silent=False)
            return
        push = self._push
        for reply in replies:
            if push is not None:
                if self._pinged_at is not None and _is_pong(reply):
                    self._pinged_at = None
                push(reply)
            elif self._expected:
                self._expected.popleft()(reply)
                if self._on_lost is None:  # a reply was the reason to close the connection
                    return
            else:
                self._lose(f"unexpected reply: {reply!r:.80}", silent=False)
                return
        self._waiting_since = self._loop.time() if self._expected else None
        if self._pinged_at is None:
            self._suspected = False

    def connection_lost(self, error: Exception | None) -> None:
        """Report the end."""
        self._transport = None
        self._lose(str(error) if error else "the server closed the connection", silent=False)

    # Watch.

    def _watch(self) -> None:
        now = self._loop.time()
        if self._waiting_since is not None and now - self._waiting_since > ANSWER_TIMEOUT:
            self._suspect(f"no answer within {ANSWER_TIMEOUT:g} s")
            return
        if self._pinged_at is not None and now - self._pinged_at > PONG_TIMEOUT:
            self._suspect(f"no answer to a ping within {PONG_TIMEOUT:g} s")
            return
        if now - self._last_ping >= PING_INTERVAL:
            self._ping(now)
        self._watch_timer = self._loop.call_later(WATCH_INTERVAL, self._watch)

    def _suspect(self, problem: str) -> None:
        """Give the connection up, unless an answer was only not read yet, because the event loop was busy."""
        if self._suspected:
            self._lose(problem, silent=True)
        else:
            self._suspected = True
            self._watch_timer = self._loop.call_later(SECOND_LOOK, self._watch)

    def _ping(self, now: float) -> None:
        if self._push is not None:
            if self._pinged_at is None:
                self._last_ping = self._pinged_at = now
                self.send(PING)
        elif not self._expected and now - self._last_received >= PING_INTERVAL:
            self._last_ping = now
            self.send(PING, (_ignore,))

    def _lose(self, reason: str, *, silent: bool) -> None:
        self._stop_watch()
        on_lost, self._on_lost = self._on_lost, None
        transport, self._transport = self._transport, None
        if transport is not None:
            _discard_unsent(transport)
            transport.abort()
        if on_lost is not None:
            on_lost(reason, silent)

    def _stop_watch(self) -> None:
        if self._watch_timer is not None:
            self._watch_timer.cancel()
            self._watch_timer = None


async def connect(
    address: Address, settings: RedisSettings, on_lost: Callable[[str, bool], None], *, sentinel: bool = False
) -> RedisConnection:
    """Connect, sign in and select the database, within :data:`ANSWER_TIMEOUT`.

    Args:
        address: Address of the server.
        settings: Credentials, database and TLS.
        on_lost: See :class:`RedisConnection`.
        sentinel: True if the server is a sentinel.

    Raises:
        ConnectFailed: If the server cannot be reached, or refuses.
    """
    loop = asyncio.get_running_loop()
    failure: list[str] = []
    answers: list[Reply] = []
    done = loop.create_future()

    def lost(reason: str, silent: bool) -> None:
        if not done.done():
            failure.append(reason)
            done.set_result(None)
        else:
            on_lost(reason, silent)

    def answered(reply: Reply) -> None:
        answers.append(reply)
        if len(answers) == len(commands) and not done.done():
            done.set_result(None)

    commands = _sign_in(settings, sentinel=sentinel)
    connection: RedisConnection | None = None
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT):
            host, port = address
            if port == 0:
                _, connection = await loop.create_unix_connection(lambda: RedisConnection(lost), host)
            else:
                tls = settings.tls
                _, connection = await loop.create_connection(
                    lambda: RedisConnection(lost),
                    host,
                    port,
                    ssl=tls,
                    server_hostname=None if tls is None else host,
                )
            connection.send(b"".join(pack(command) for command in commands), [answered] * len(commands))
            await done
            if failure:
                raise ConnectFailed(failure[0])
        connection.info = _check(answers, sentinel=sentinel)
    except (AssertionError, LookupError, ValueError) as error:
        _abandon(connection)
        raise ConnectFailed(f"expected a Redis server, got an unexpected answer ({error!r})") from None
    except TimeoutError:
        _abandon(connection)
        raise ConnectFailed(f"no answer within {ANSWER_TIMEOUT:g} s") from None
    except OSError as error:  # also errors of TLS
        raise ConnectFailed(_in_words(error)) from None
    except BaseException:
        _abandon(connection)
        raise
    return connection


def _sign_in(settings: RedisSettings, *, sentinel: bool) -> list[tuple[Argument, ...]]:
    username, password = (
        (settings.sentinel_username, settings.sentinel_password) if sentinel else (settings.username, settings.password)
    )
    auth = () if password is None else ("AUTH", username or "default", password)
    hello = ("HELLO", "2", *auth, "SETNAME", "tornado-ws")
    if sentinel:
        return [hello]
    return [hello, ("SELECT", settings.database), ("PING",), ("TIME",)]


def _check(answers: list[Reply], *, sentinel: bool) -> ServerInfo:
    """Return the properties of the server.

    Raises:
        ConnectFailed: If it refused a command.
    """
    for answer in answers:
        if isinstance(answer, Refusal):
            raise ConnectFailed(str(answer))
    hello = answers[0]
    assert isinstance(hello, list)
    pairs = dict(zip(map(_text, hello[::2]), hello[1::2], strict=False))
    offset = 0.0
    if not sentinel:
        time = answers[3]
        assert isinstance(time, list)
        seconds, microseconds = (int(_text(part)) for part in time)
        offset = seconds + microseconds / 1e6 - asyncio.get_running_loop().time()
    return ServerInfo(
        version=int(_text(pairs["version"]).partition(".")[0]), role=_text(pairs.get("role", b"")), clock_offset=offset
    )


def _text(reply: Reply) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)


def _abandon(connection: RedisConnection | None) -> None:
    if connection is not None:
        connection.close()


def _in_words(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__


def _is_pong(reply: Reply) -> bool:
    return reply == b"PONG" or (isinstance(reply, list) and reply[0] == b"pong")


def _ignore(reply: Reply) -> None:
    """Ignore the answer to a ping."""


def _keep_alive(sock: socket.socket) -> None:
    """Let the kernel detect a dead peer as well. Not every platform has each option."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
            if (option := getattr(socket, name, None)) is not None:
                sock.setsockopt(socket.IPPROTO_TCP, option, value)


def _discard_unsent(transport: asyncio.Transport) -> None:
    """Let the kernel drop unsent commands: after a long pause of the link, they must not arrive any more."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
