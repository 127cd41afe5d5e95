"""What all endpoints of one controller share."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import msgspec

from ..channels import Backplane
from ..errors import ConfigurationError
from ..limits import ConnectionQuota, KeyedRateLimiter, Limits
from ..websocket import Counters
from ..websocket.deadline_scheduler import DeadlineScheduler
from ..websocket.keepalive import Heartbeat
from .client_address import Network
from .origins import Origins

__all__ = ["Observer", "Refusal", "ServerContext", "user_key"]

logger = logging.getLogger("tornado_ws")


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A client that was not let in."""

    endpoint: str
    address: str
    reason: str
    status: int | None = None
    """The HTTP status, if it was refused before the upgrade."""
    code: int | None = None
    """The close code, if it was refused after the upgrade, so that a browser can see it."""


class Observer(Protocol):
    """Who is told about what happens: the controller."""

    def on_connect(self, connection: Any) -> None:  # a handler, which this layer does not know
        """Take note of a connection that opened."""
        ...

    def on_disconnect(self, connection: Any, code: int | None, reason: str | None) -> None:
        """Take note of a connection that closed."""
        ...

    def on_error(self, connection: Any, error: Exception) -> None:
        """Take note of an exception in a handler."""
        ...

    def on_refuse(self, refusal: Refusal) -> None:
        """Take note of a client that was not let in."""
        ...


@dataclass(kw_only=True)
class ServerContext:
    """One controller's settings and shared state."""

    observer: Observer
    origins: Origins
    backplane: Backplane
    limits: Limits
    heartbeat: Heartbeat
    clock: Callable[[], float]
    trusted: tuple[Network, ...]
    connect_path: str
    """Path of one-time URLs, up to the key."""
    connection: Literal["strict", "tornado"]
    compression: bool
    user: Callable[[Any], str | None]
    """Turns Tornado's ``current_user`` into what names the user, None: nobody."""
    draining: bool = False
    counters: Counters = field(default_factory=Counters)
    slots: ConnectionQuota = field(init=False)
    handshakes: KeyedRateLimiter | None = field(init=False)
    deadlines: DeadlineScheduler = field(init=False)

    def __post_init__(self) -> None:
        self.slots = ConnectionQuota(self.limits)
        self.handshakes = None if self.limits.handshakes is None else KeyedRateLimiter(self.limits.handshakes)
        self.deadlines = DeadlineScheduler(
            self.clock, lambda delay, call: asyncio.get_running_loop().call_later(delay, call)
        )

    def tell(self, event: Callable[..., None], *values: object) -> None:
        """Call a method of the observer, whose exceptions must not hurt the connection."""
        try:
            event(*values)
        except Exception:
            logger.exception("%s raised", getattr(event, "__qualname__", event))


def user_key(user: object) -> str | None:
    """Return what names a ``current_user``: text and numbers themselves, else its JSON.

    Raises:
        ConfigurationError: If it has no JSON.
    """
    if user is None:
        return None
    if isinstance(user, bytes):
        return user.decode(errors="backslashreplace")
    if isinstance(user, str):
        return user
    try:
        return msgspec.json.encode(user, order="deterministic").decode()
    except TypeError:
        raise ConfigurationError(
            "user",
            f"a current_user of type {type(user).__name__} has no JSON",
            "pass user=lambda user: user.id to the controller",
        ) from None
