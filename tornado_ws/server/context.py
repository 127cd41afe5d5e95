"""Settings and state that all endpoints of one controller share."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Protocol

import msgspec

from ..argument_checks import plain_text
from ..channels import Backplane
from ..channels.ticket_store import digest
from ..config_checks import require_function, require_instance
from ..endpoint import Endpoint, MessageType
from ..errors import ConfigurationError
from ..limits import ConnectionQuota, KeyedRateLimiter, Limits
from ..loggers import HANDLER
from ..presence import SharedPresence
from ..rate_limited_log import RateLimitedLog
from ..websocket import Counters
from ..websocket.deadline_scheduler import DeadlineScheduler
from ..websocket.keepalive import Heartbeat
from .client_address import Network
from .disconnections import Disconnections
from .loop_thread import LoopThread
from .origins import Origins
from .pending_handshakes import PendingHandshakes
from .public_path import parse_public_path
from .shutdown import DrainableConnection
from .untrusted_proxies import UntrustedProxies

__all__ = ["HandshakeTrace", "Observer", "Refusal", "ServerContext", "Tracing", "user_key"]


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Refused handshake."""

    endpoint: str
    """Name of the endpoint."""
    address: str
    """Address of the client."""
    cause: str
    """Stable name: ``origin``, ``upgrade``, ``draining``, the name of a limit, ``params``, ``ticket``,
    ``guard``, or ``handler`` if its ``prepare`` answered the request."""
    reason: str
    """Reason, which the client receives."""
    detail: str
    """Cause, the setting that decides, and a hint; not for clients, because it contains settings of the server."""
    status: int | None = None
    """HTTP status of a refusal before the upgrade; else None."""
    code: int | None = None
    """Close code of a refusal after the upgrade; else None."""


class Observer(Protocol):
    """Controller: its hooks. ``connection`` is a handler; its class is in a higher module, thus ``Any``."""

    def close(self) -> None:
        """Abort all connections."""
        ...

    def on_connect(self, connection: Any) -> None:
        """Run after a connection opened."""
        ...

    def on_disconnect(self, connection: Any, code: int | None, reason: str | None) -> None:
        """Run after a connection closed."""
        ...

    def on_error(self, connection: Any, error: Exception) -> None:
        """Run after a method of a handler raised."""
        ...

    def on_refuse(self, refusal: Refusal) -> None:
        """Run after a handshake was refused."""
        ...


class HandshakeTrace(Protocol):
    """Record of one handshake."""

    def active(self) -> AbstractContextManager[object]:
        """Return the context for the checks of the handshake."""
        ...

    def end(self, outcome: Any, status: int | None) -> None:  # an outcome of a higher module
        """Record the outcome, None if ``prepare`` answered or something raised, and the status of the response.

        The status is None if the client disconnected before the response.
        """
        ...


class Tracing(Protocol):
    """Recorder of handshakes and methods. Handlers are in a higher module, thus ``Any``."""

    def handshake(self, handler: Any, route: str) -> HandshakeTrace:
        """Begin the record of a handshake. ``route`` is the template of its path."""
        ...

    def method(
        self,
        endpoint: Endpoint,
        message: MessageType,
        method: Callable[..., Any],
        replace: Callable[[Callable[..., Any]], None],
    ) -> Callable[..., Any]:
        """Return a method that records its calls. ``replace`` sets the method of the message from then on."""
        ...


@dataclass(kw_only=True, eq=False)
class ServerContext:
    """Settings and state of one controller.

    Raises:
        ConfigurationError: If a setting is invalid.
    """

    observer: Observer
    origins: Origins
    backplane: Backplane
    limits: Limits
    heartbeat: Heartbeat
    clock: Callable[[], float]
    """Current time, in seconds."""
    trusted_proxies: tuple[Network, ...]
    connect_path: str
    """Path of one-time URLs, up to the name of the endpoint."""
    public_path: str | None
    """Path before all routes in the browser, without a slash at its end; None to take it from trusted proxies."""
    compression: bool
    user: Callable[[Any], str | None]
    """Function from Tornado's ``current_user`` to the key of the user; :meth:`key_of` calls it."""
    tracing: Tracing | None = None
    """Recorder of handshakes and methods, if any."""
    measures: bool = False
    """True to count messages and to measure methods, for metrics."""
    draining: bool = False
    """True once the server is shutting down: new handshakes are refused."""
    ending: set[DrainableConnection] = field(default_factory=set)
    """Connections that have ended, and whose running method or ``on_disconnect`` has not."""
    counters: Counters = field(default_factory=Counters)
    thread: LoopThread = field(default_factory=LoopThread)
    """Event loop of all connections, and its thread."""
    pending_handshakes: PendingHandshakes = field(default_factory=PendingHandshakes)
    """Handshakes that are not answered yet."""
    log: RateLimitedLog = field(default_factory=RateLimitedLog)
    """Log of refused clients and closed connections."""
    untrusted_proxies: UntrustedProxies = field(init=False)
    """Peers that seem to be proxies, and are not trusted."""
    disconnections: Disconnections = field(init=False)
    """Disconnections of users."""
    quota: ConnectionQuota = field(init=False)
    """Quota of all connections of the controller."""
    handshakes: KeyedRateLimiter | None = field(init=False)
    """Rate limiter of handshakes, by network."""
    diagnoses: KeyedRateLimiter | None = field(init=False)
    """Rate limiter of requests for the reason of a failed handshake, with the same rate."""
    deadlines: DeadlineScheduler = field(init=False)
    """Scheduler of all keepalives, and of the times of presence."""
    presence: SharedPresence = field(init=False)
    """Presence in the channels of all endpoints."""

    def __post_init__(self) -> None:
        require_instance("limits", self.limits, (Limits, NoneType))
        require_instance("heartbeat", self.heartbeat, (Heartbeat, NoneType))
        require_function("user", self.user)
        if inspect.iscoroutinefunction(self.user):
            raise ConfigurationError("user", "expected a function, got a coroutine function", "await in prepare")
        require_function("clock", self.clock)
        require_instance("compression", self.compression, bool)
        require_instance("connect_path", self.connect_path, str)
        if not self.connect_path.startswith("/") or not self.connect_path.endswith("/"):
            raise ConfigurationError(
                "connect_path", f"expected a path that begins and ends with /, got {self.connect_path!r}"
            )
        require_instance("public_path", self.public_path, (str, NoneType))
        self.public_path = parse_public_path(self.public_path, self.connect_path)
        self.quota = ConnectionQuota(self.limits)
        self.untrusted_proxies = UntrustedProxies(self.trusted_proxies, self.log)
        self.disconnections = Disconnections(self.backplane, self.clock)
        rate = self.limits.handshakes
        self.handshakes, self.diagnoses = (None if rate is None else KeyedRateLimiter(rate) for _ in range(2))
        self.deadlines = DeadlineScheduler(
            self.clock, lambda delay, call: asyncio.get_running_loop().call_later(delay, call)
        )
        self.presence = SharedPresence(self.backplane, self.deadlines, self.clock)

    def key_of(self, user: object) -> str | None:
        """Return the key of a ``current_user``; None for no user, which is any false value, as in Tornado.

        Raises:
            ConfigurationError: If there is no key, or it is not text.
        """
        if inspect.iscoroutine(user):
            user.close()
            raise ConfigurationError("user", "get_current_user cannot be async", "set self.current_user in prepare")
        if not user:
            return None
        key: object = self.user(user)
        if key is not None and not isinstance(key, str):
            problem = f"expected the function to return text or None, got {type(key).__name__}"
            raise ConfigurationError("user", problem, "such as user=lambda user: str(user.id)")
        return plain_text(key) if key else None

    def logged_user(self, user: object) -> str | None:
        """Return the user of a log record: the key of a ``current_user``, or a hash if the key contains other data."""
        key = self.key_of(user)
        if key is None or isinstance(user, str | bytes) or self.user is not user_key:
            return key
        return digest(key)[:12]

    def notify(self, hook: Callable[..., None], *values: object) -> None:
        """Call a hook of the observer. Its exceptions are logged and do not affect the connection."""
        try:
            hook(*values)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            name = getattr(hook, "__qualname__", repr(hook))
            self.log.log(HANDLER, logging.ERROR, f"errors of {name}", "%s raised", name, error=error)


def user_key(user: object) -> str:
    """Return the key of a ``current_user``: text unchanged, any other value as JSON text.

    Raises:
        ConfigurationError: If the value has no JSON representation.
    """
    if isinstance(user, bytes):
        return user.decode(errors="backslashreplace")
    if isinstance(user, str):
        return user
    try:
        return msgspec.json.encode(user, order="deterministic").decode()
    except TypeError:
        raise ConfigurationError(
            "user",
            f"expected a current_user with a JSON representation, got {type(user).__name__}",
            "pass user=lambda user: str(user.id) to the controller",
        ) from None
