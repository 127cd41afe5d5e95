"""Bound what clients may take: how many connections, how fast, how much."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields

from .arguments import a_number, an_instance
from .rates import Rate

__all__ = ["Limits", "Slots"]

HANDSHAKES = Rate(count=100)

AT_LEAST_ONE = frozenset({"invalid", "inbox", "message_bytes", "outbox_bytes"})


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of a controller, or of one endpoint. None: unbounded."""

    connections: int | None = None
    """Open at a time; those whose guards are still awaited count."""
    per_address: int | None = None
    """Open at a time from one address."""
    per_user: int | None = None
    """Open at a time by one user (Tornado's ``current_user``)."""
    handshakes: Rate | None = HANDSHAKES
    """From one address; behind a proxy that is no trusted one all clients have its address."""
    messages: Rate | None = None
    """From one connection; a rate in the schema is of one kind of message, and both hold."""
    handshake_timeout: float = 10.0
    """Seconds that guards may take altogether."""
    idle_timeout: float | None = None
    """Seconds without a message in either direction, heartbeats aside, until the connection is closed."""
    request_timeout: float = 30.0
    """Seconds to wait for the reply to a request of ours."""
    closing_timeout: float = 5.0
    """Seconds that a running method has to finish after the client has said good-bye; then it is cancelled."""
    invalid: int = 20
    """Refused messages in a row that a connection survives."""
    inbox: int = 64
    """Messages that wait for the handler before nothing more is read."""
    streams: int = 16
    """Streams that a connection may have open at a time."""
    message_bytes: int | None = None
    """Size of one message from a client; by default what its schema allows, or 1 MiB where that does not say."""
    outbox_bytes: int = 1 << 20
    """What may wait for one client to read; beyond it messages are dropped or the connection is closed."""
    outbox_age: float = 60.0
    """Seconds that something may wait for one client to read; then the connection is closed."""
    tickets: int = 32
    """One-time URLs that one client may have open at a time."""

    def __post_init__(self) -> None:
        for field in fields(self):
            setting, value, kind = f"limits.{field.name}", getattr(self, field.name), str(field.type)
            if value is None and kind.endswith("None"):
                continue
            if kind.startswith("Rate"):
                an_instance(setting, value, Rate, hint="such as Rate(count=10, seconds=1.0)")
            else:
                a_number(setting, value, least=field.name in AT_LEAST_ONE, whole=kind.startswith("int"))


class Slots:
    """Counts connections. A slot is taken before anything is awaited, so a limit is exact."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._total = 0
        self._by_address: Counter[str] = Counter()
        self._by_user: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._total

    def take(self, address: str, user: str | None) -> str | None:
        """Take a slot.

        Returns:
            None, and :meth:`give_back` must be called once; or the name of the limit that is reached.

        """
        limits = self._limits
        if limits.connections is not None and self._total >= limits.connections:
            return "connections"
        if limits.per_address is not None and self._by_address[address] >= limits.per_address:
            return "per_address"
        if limits.per_user is not None and user is not None and self._by_user[user] >= limits.per_user:
            return "per_user"
        self._total += 1
        self._by_address[address] += 1
        if user is not None:
            self._by_user[user] += 1
        return None

    def give_back(self, address: str, user: str | None) -> None:
        """Return a slot that was taken for them."""
        self._total -= 1
        _decrement(self._by_address, address)
        if user is not None:
            _decrement(self._by_user, user)


def _decrement(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
