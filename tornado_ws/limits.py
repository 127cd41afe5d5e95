"""Limits of clients: connections, rates, sizes and times."""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass, field, fields, replace
from ipaddress import ip_network
from typing import Self

from .config_checks import require_instance, require_number
from .errors import ConfigurationError

__all__ = ["ConnectionQuota", "KeyedRateLimiter", "Limits", "Rate", "RateLimiter"]


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Maximum rate: ``count`` events per ``seconds``, in bursts of up to ``count``."""

    count: int
    seconds: float = 1.0

    def __post_init__(self) -> None:
        require_number("rate.count", self.count, minimum=1, integer=True)
        require_number("rate.seconds", self.seconds, exclusive=True)


class RateLimiter:
    """Limiter for one rate, by the generic cell rate algorithm. Its state is one number."""

    __slots__ = ("_full_at", "_interval", "_seconds")

    def __init__(self, rate: Rate) -> None:
        self._interval = rate.seconds / rate.count
        self._seconds = rate.seconds
        self._full_at = 0.0

    def acquire(self, now: float) -> float:
        """Admit one event, if the rate allows it.

        Args:
            now: Time of a monotonic clock, in seconds.

        Returns:
            0.0 if the event is admitted. Otherwise the seconds until it would be; the state does not change.
        """
        if wait := self.wait(now):
            return wait
        self._full_at = max(self._full_at, now) + self._interval
        return 0.0

    def wait(self, now: float) -> float:
        """Return the seconds until an event would be admitted; the state does not change."""
        wait = max(self._full_at, now) + self._interval - self._seconds - now
        return wait if wait > 1e-9 else 0.0

    def is_full(self, now: float) -> bool:
        """Return True if a full burst can be admitted, as by a new limiter."""
        return self._full_at <= now


class KeyedRateLimiter:
    """Limiters with the same rate, one for each key, such as the address of a client. Full limiters are dropped."""

    def __init__(self, rate: Rate, *, max_keys: int = 65_536) -> None:
        self._rate = rate
        self._max_keys = max_keys
        self._limiters: OrderedDict[str, RateLimiter] = OrderedDict()

    def __len__(self) -> int:
        return len(self._limiters)

    def acquire(self, key: str, now: float) -> float:
        """Admit one event of ``key``, if the rate allows it; see :meth:`RateLimiter.acquire`."""
        limiter = self._limiters.get(key)
        if limiter is None:
            limiter = self._limiters[key] = RateLimiter(self._rate)
        self._limiters.move_to_end(key)
        self._discard(now)
        return limiter.acquire(now)

    def wait(self, key: str, now: float) -> float:
        """Return the seconds until an event of ``key`` would be admitted; the state does not change."""
        limiter = self._limiters.get(key)
        return 0.0 if limiter is None else limiter.wait(now)

    def _discard(self, now: float) -> None:
        # Up to two per call, least recently used first: no scan, and faster than one new key per call.
        for _ in range(2):
            key, limiter = next(iter(self._limiters.items()))
            if len(self._limiters) <= self._max_keys and not limiter.is_full(now):
                return
            if len(self._limiters) == 1:
                return
            del self._limiters[key]


HANDSHAKES = Rate(count=100)
"""Default rate of handshakes from one address."""
RESUMES = Rate(count=100, seconds=10.0)
"""Default rate at which one connection resumes channels."""
AT_LEAST_ONE = frozenset(
    {
        "concurrent_requests",
        "invalid_messages",
        "ipv6_prefix",
        "message_bytes",
        "receive_queue_messages",
        "write_queue_bytes",
    }
)
"""Limits that cannot be zero."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of a controller, or of one endpoint; None means no limit. Each limit names the code that enforces it.

    Those of an endpoint change the controller's: ``Limits(per_user=3)`` has only one effect.
    """

    connections: int | None = None
    """Open connections, including those that wait for guards.

    Enforced by :class:`.QuotaLease`, with status 503.
    """
    per_address: int | None = None
    """Open connections from one address, or from one IPv6 network; see :attr:`.Limits.ipv6_prefix`.

    Enforced by :class:`.QuotaLease`, with status 429.
    """
    per_user: int | None = None
    """Open connections of one user (Tornado's ``current_user``).

    Enforced by :class:`.QuotaLease`, with status 429.
    """
    handshakes: Rate | None = HANDSHAKES
    """Rate of handshakes from one address or IPv6 network. Clients of a proxy that is not trusted share its address.

    Enforced by :class:`.Handshake`, with status 429.
    """
    ipv6_prefix: int = 64
    """Bits of the networks in which IPv6 clients count as one, because each has at least a /64; 128: single addresses.

    Enforced by :meth:`.Limits.network`, for ``per_address``, ``handshakes`` and ``tickets``.
    """
    messages: Rate | None = None
    """Rate of messages on one connection, in addition to the rates of single messages in the schema.

    Enforced by :meth:`.SessionState.receive`, with the error ``rate_limited``.
    """
    resumes: Rate | None = RESUMES
    """Rate of answers to ``$resume`` on one connection; further ones are delayed.

    Enforced by :meth:`.Resumption.request`, with a delay.
    """
    presence_grace: float = 10.0
    """Seconds for which the device of a client is present after the end of its connection, unless the client returns.

    Enforced by :meth:`.EndpointPresence.connection_lost`. After a close code with which clients do not reconnect, it
    ends at once.
    """
    handshake_timeout: float = 10.0
    """Seconds for the handler's ``prepare`` and all guards together.

    Enforced by :class:`.Handshake`, with :attr:`.CloseCode.TRY_AGAIN_LATER`.
    """
    idle_timeout: float | None = None
    """Seconds without a message in either direction until the connection is closed. Heartbeats do not count.

    Enforced by :class:`.Keepalive` and :class:`.ConnectedClient`, with :attr:`.CloseCode.IDLE`.
    """
    max_lifetime: float | None = None
    """Seconds until a connection is closed, so that the client connects again and the guards check it again.

    Up to a tenth less, at random, so that connections of the same time do not end together. Enforced by
    :class:`.Keepalive` and :class:`.ConnectedClient`, with :attr:`.CloseCode.EXPIRED`.
    """
    request_timeout: float = 30.0
    """Seconds to wait for the reply to a request to the client, if the schema declares no ``timeout`` for it.

    Enforced by :meth:`.SocketHandler.send_request`, with :exc:`.RequestTimeout`.
    """
    closing_timeout: float = 5.0
    """Seconds until running methods are cancelled after the client has closed the connection.

    Enforced by :meth:`.Dispatcher.close`, with a cancellation. A method that suppresses it is abandoned after the same
    time, at least one second: the connection is released, and ``on_disconnect`` runs.
    """
    invalid_messages: int = 20
    """Consecutive invalid messages after which the connection is closed.

    Enforced by :meth:`.SessionState.receive_invalid`, with :attr:`.CloseCode.TOO_MANY_INVALID`.
    """
    receive_queue_messages: int = 64
    """Queued messages for the handler at which reading pauses.

    Enforced by :attr:`.SessionState.full` and :class:`~tornado_ws.websocket.connection.Connection`.
    """
    concurrent_requests: int = 64
    """Methods of one connection that answer requests with ``concurrent``; further requests wait.

    Enforced by :class:`.ConcurrentCalls`, with a delay. Requests that wait count as queued messages.
    """
    streams: int = 16
    """Open streams of one connection, including cancelled ones that still run.

    Enforced by :meth:`.SessionState.receive`, with the error ``rate_limited``.
    """
    requests: int = 256
    """Requests to one client that wait for its reply.

    Enforced by :meth:`.Session.request`, with :exc:`.LimitReached`.
    """
    rooms: int = 256
    """Rooms of one connection.

    Enforced by :meth:`.SocketHandler.join`, with :exc:`.LimitReached`.
    """
    deliveries: int = 100_000
    """Outcomes of acknowledged messages that one process notes for two minutes; above this, the oldest are dropped.

    Enforced by :meth:`.DeliveryStore.finish`. The note of a running method is never dropped.
    """
    message_bytes: int | None = None
    """Bytes of one message from a client; by default the largest valid one, or 1 MiB if the schema has no bound.

    Enforced by :mod:`~tornado_ws.websocket.parser`, with :attr:`.CloseCode.TOO_BIG`.
    """
    write_queue_bytes: int = 1 << 20
    """Bytes of unsent messages to one client; above this, messages are dropped or the connection is closed.

    Enforced by :mod:`~tornado_ws.websocket.write_queue`, with :attr:`.CloseCode.TOO_SLOW`.
    """
    write_queue_age: float = 60.0
    """Seconds that unsent bytes may wait until the connection is closed.

    Enforced by :class:`~tornado_ws.websocket.connection.Connection`, with :attr:`.CloseCode.TOO_SLOW`.
    """
    tickets: int = 32
    """Unused one-time URLs of one user, or of one address or IPv6 network without a user.

    Enforced by :func:`~tornado_ws.server.one_time_url.issue`, with :exc:`.TooManyTickets`.
    """

    given: frozenset[str] = field(init=False, repr=False, compare=False)
    """Names of the limits that were passed. Applied by :meth:`.Limits.with_changes`."""

    def __new__(cls, **given: object) -> Self:
        """Create the instance, and note the names of the given limits."""
        limits = super().__new__(cls)
        object.__setattr__(limits, "given", frozenset(given))
        return limits

    def with_changes(self, changes: Limits | None) -> Limits:
        """Return these limits, changed by those that were passed to another instance."""
        if changes is None:
            return self
        return replace(self, **{name: getattr(changes, name) for name in changes.given})

    def __post_init__(self) -> None:
        limits = [limit for limit in fields(self) if limit.init]
        if len(self.given) == len(limits):  # from dataclasses.replace
            changed = frozenset(limit.name for limit in limits if getattr(self, limit.name) != limit.default)
            object.__setattr__(self, "given", changed)
        for limit in limits:
            setting, value, type_ = f"limits.{limit.name}", getattr(self, limit.name), str(limit.type)
            if value is None and type_.endswith("None"):
                continue
            if type_.startswith("Rate"):
                require_instance(setting, value, Rate, hint="such as Rate(count=10, seconds=1.0)")
            else:
                require_number(setting, value, minimum=limit.name in AT_LEAST_ONE, integer=type_.startswith("int"))
        if self.ipv6_prefix > 128:
            raise ConfigurationError("limits.ipv6_prefix", f"expected at most 128 bits, got {self.ipv6_prefix}")

    def network(self, address: str) -> str:
        """Return the network of an IPv6 address, as these limits count it; any other address unchanged."""
        if ":" not in address:
            return address
        return str(ip_network((address.partition("%")[0], self.ipv6_prefix), strict=False))


class ConnectionQuota:
    """Quota of connections. It is acquired before anything is awaited, so that the limits are exact."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._total = 0
        self._by_address: Counter[str] = Counter()
        self._by_user: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._total

    def acquire(self, address: str, user: str | None) -> str | None:
        """Count a connection, if no limit is reached.

        Args:
            address: IP address of the client.
            user: Key of the user; None without a user.

        Returns:
            None if the connection is counted; then call :meth:`release` once. Otherwise the name of the reached limit.
        """
        limits = self.limits
        if limits.connections is not None and self._total >= limits.connections:
            return "connections"
        network = limits.network(address)
        if limits.per_address is not None and self._by_address[network] >= limits.per_address:
            return "per_address"
        if limits.per_user is not None and user is not None and self._by_user[user] >= limits.per_user:
            return "per_user"
        self._total += 1
        self._by_address[network] += 1
        if user is not None:
            self._by_user[user] += 1
        return None

    def release(self, address: str, user: str | None) -> None:
        """Release a connection, with the arguments of :meth:`acquire`."""
        self._total -= 1
        _decrement(self._by_address, self.limits.network(address))
        if user is not None:
            _decrement(self._by_user, user)


def _decrement(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
