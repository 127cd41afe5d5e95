"""Decide whether a client is let in."""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import dataclass
from typing import Protocol, TypeVar

from ..errors import BackplaneDown, CloseCode, GuardRefused
from ..limits import ConnectionQuota
from .context import ServerContext
from .endpoint_server import EndpointConnection, EndpointServer
from .guards import refusal

__all__ = ["HandshakeRequest", "HttpRefusal", "QuotaLease", "admit", "invalid_ticket", "precheck"]

logger = logging.getLogger("tornado_ws")

TRY_AGAIN = 1013


@dataclass(frozen=True, kw_only=True)
class HttpRefusal:
    """Refuse before the upgrade. A browser sees no more than that it failed."""

    status: int
    reason: str
    retry_after: float | None = None
    """Seconds."""

    @property
    def headers(self) -> dict[str, str]:
        """The header that tells a client when to come back."""
        return {} if self.retry_after is None else {"Retry-After": str(math.ceil(self.retry_after))}


class HandshakeRequest(EndpointConnection, Protocol):
    """Who wants to be let in: a handler whose request is a well-formed handshake."""

    async def _read_url(self) -> None:
        """Find out what the URL asks for; raise :exc:`GuardRefused` if it cannot be served."""
        ...

    async def _redeem(self) -> bool:
        """Use the one-time URL up, if it is one; tell whether it was still good."""
        ...


HandshakeT = TypeVar("HandshakeT", bound=HandshakeRequest)
ConnectionT = TypeVar("ConnectionT", bound=EndpointConnection)


def precheck(service: ServerContext, *, origin: str | None, host: str | None, address: str) -> HttpRefusal | None:
    """Refuse what costs nothing to refuse: foreign pages, floods, and everybody while the server stops."""
    if not service.origins.allow(origin, host):
        return HttpRefusal(status=403, reason="origin not allowed")
    if service.draining:
        return HttpRefusal(status=503, reason="the server stops", retry_after=1.0)
    if service.handshakes is not None and (wait := service.handshakes.acquire(address, service.clock())):
        return HttpRefusal(status=429, reason="too many handshakes", retry_after=wait)
    return None


async def admit(mount: EndpointServer[HandshakeT], candidate: HandshakeT) -> GuardRefused | None:
    """Ask the guards, then use the ticket up. Nothing of the handler has run before."""
    try:
        async with asyncio.timeout(mount.limits.handshake_timeout):
            await candidate._read_url()
            if (refused := await refusal(mount.guards, candidate)) is not None:
                return refused
            if not await candidate._redeem():
                return invalid_ticket()
    except GuardRefused as refused:
        return refused
    except BackplaneDown as down:
        logger.warning("%s was refused: %s", mount.endpoint.name, down)
        return GuardRefused("try again later", TRY_AGAIN)
    except TimeoutError:
        return GuardRefused("the guards took too long", TRY_AGAIN)
    return None


def invalid_ticket() -> GuardRefused:
    """Return the one refusal for every key that is not good: whoever guesses keys learns nothing."""
    return GuardRefused("unknown, used or expired", CloseCode.INVALID_TICKET)


class QuotaLease:
    """A connection's place among those that limits allow. Taken before anything is awaited, so limits are exact."""

    def __init__(self, mount: EndpointServer[ConnectionT], address: str, user: str | None) -> None:
        self._counted = (mount.service.slots, *(() if mount.slots is None else (mount.slots,)))
        self._address = address
        self._user = user
        self._taken: list[ConnectionQuota] = []

    def take(self) -> HttpRefusal | None:
        """Take the place, or say why there is none."""
        for slots in self._counted:
            if (limit := slots.acquire(self._address, self._user)) is not None:
                self.release()
                everybody = limit == "connections"
                return HttpRefusal(
                    status=503 if everybody else 429,
                    reason="too many connections" + ("" if everybody else f" {limit.replace('_', ' ')}"),
                    retry_after=5.0,
                )
            self._taken.append(slots)
        return None

    def release(self) -> None:
        """Free the place; harmless if it is free."""
        taken, self._taken = self._taken, []
        for slots in taken:
            slots.release(self._address, self._user)
