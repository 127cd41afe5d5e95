"""Options of clients."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple, TypedDict

import msgspec

from ..channels import Position
from ..config_checks import require_number
from ..errors import ConfigurationError
from ..validation.envelopes import Number
from .client_connection import ConnectionOptions
from .per_attempt import PerAttempt, value_for
from .reconnect import Backoff

__all__ = ["ClientOptions", "ClientSettings", "read_positions"]


class ClientOptions(TypedDict, total=False):
    """Keyword arguments of clients. Functions for credentials are called before each attempt to connect."""

    token: PerAttempt[str]
    """Token for the guard ``bearer`` of the server, sent as ``Authorization: Bearer``."""
    cookies: PerAttempt[Mapping[str, str]]
    """Cookies by name."""
    headers: PerAttempt[Mapping[str, str]]
    """Other headers of the handshake, and of the POST to an action."""
    ssl_context: ssl.SSLContext
    """Settings of TLS, such as a certificate authority or the client's certificate. Default: the system's."""
    compression: bool
    """True to offer permessage-deflate (RFC 7692). Default False."""
    open_timeout: float | None
    """Seconds in which ``async with`` connects, with repeated attempts; None: without end. Default 10."""
    connect_timeout: float
    """Seconds until an attempt fails. Default 10."""
    close_timeout: float
    """Seconds in which the end of ``async with`` sends what is queued, and again for the closing handshake. Default 5.
    """
    backoff: Backoff
    """Delays between attempts."""
    outbox: int
    """Maximum number of messages queued without a connection, or until their ``rate`` allows them. Then ``send``
    waits. Default 256."""
    unread: int
    """Maximum number of messages that wait for the loop over the client. Default 1024."""
    message_bytes: int
    """Size of the largest message from the server, in bytes. Default 10 MiB."""
    positions: Mapping[str, Position]
    """Attribute ``positions`` of an earlier client, to resume its channels; also as read from JSON."""


DEFAULT_BACKOFF = Backoff()


class _StoredPosition(NamedTuple):
    """Position (:class:`.Position`) that a server accepts."""

    epoch: Annotated[str, msgspec.Meta(max_length=64)]
    seq: Number
    mark: Annotated[str, msgspec.Meta(max_length=64)]


def read_positions(positions: Mapping[str, Any]) -> dict[str, Position]:
    """Return positions of an earlier client, which may have been stored as JSON.

    Raises:
        ConfigurationError: If they are malformed. A server ignores a request to resume from them.
    """
    try:
        stored = msgspec.convert(positions, dict[str, _StoredPosition])
    except msgspec.ValidationError as error:
        problem = str(error).replace("Expected", "expected", 1)
        raise ConfigurationError("positions", problem, "pass the attribute positions of an earlier client") from None
    return {name: Position(*position) for name, position in stored.items()}


@dataclass(frozen=True, kw_only=True)
class ClientSettings:
    """Options with their defaults."""

    token: PerAttempt[str | None] = None
    cookies: PerAttempt[Mapping[str, str]] = field(default_factory=dict)
    headers: PerAttempt[Mapping[str, str]] = field(default_factory=dict)
    ssl_context: ssl.SSLContext | None = None
    compression: bool = False
    open_timeout: float | None = 10.0
    connect_timeout: float = 10.0
    close_timeout: float = 5.0
    backoff: Backoff = DEFAULT_BACKOFF
    outbox: int = 256
    unread: int = 1024
    message_bytes: int = 10 << 20
    positions: Mapping[str, Position] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.open_timeout is not None:
            require_number("open_timeout", self.open_timeout, exclusive=True)
        require_number("connect_timeout", self.connect_timeout, exclusive=True)
        require_number("close_timeout", self.close_timeout, exclusive=True)
        for name, value in (("outbox", self.outbox), ("unread", self.unread), ("message_bytes", self.message_bytes)):
            require_number(name, value, minimum=1, integer=True)

    @property
    def connection(self) -> ConnectionOptions:
        """Settings of all connections."""
        return ConnectionOptions(
            timeout=self.connect_timeout,
            ssl_context=self.ssl_context,
            compression=self.compression,
            message_bytes=self.message_bytes,
        )

    @property
    def can_change(self) -> bool:
        """True if another attempt may have other credentials."""
        options: tuple[Any, ...] = (self.token, self.cookies, self.headers)
        return any(map(callable, options))

    async def request_headers(self) -> dict[str, str]:
        """Return the headers of one attempt."""
        token, cookies = await value_for(self.token), await value_for(self.cookies)
        headers = dict(await value_for(self.headers))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return headers
