"""Statistics of a controller, as JSON."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable
from typing import Any, Final

from ..loggers import SERVER
from ..validation import decoder
from .context import ServerContext
from .endpoint_server import EndpointServer

__all__ = ["COMPILED", "log_if_not_compiled", "summary"]

COMPILED: Final = not str(decoder.__file__).endswith(".py")
"""True if the modules that handle every message are compiled."""


@functools.cache
def log_if_not_compiled() -> None:
    """Log once if the modules that handle every message are not compiled."""
    if not COMPILED:
        SERVER.info(
            "tornado-ws is not compiled: a message takes up to twice the time; install a wheel, or a C compiler and "
            "the headers of Python before tornado-ws"
        )


def summary(servers: Iterable[EndpointServer[Any]], context: ServerContext) -> dict[str, Any]:  # JSON values
    """Return the connections, rooms and counters of this process, without data from clients."""
    now = context.clock()
    servers = tuple(servers)
    return {
        "compiled": COMPILED,
        "draining": context.draining,
        "backplane": context.backplane.healthy,
        "counters": dataclasses.asdict(context.counters) | {**context.backplane.counters()},
        "endpoints": {server.endpoint.name: _counts(server) for server in servers},
        "connections": [
            {
                "id": handler.connection_id,
                "endpoint": server.endpoint.name,
                "address": handler.address,
                "uptime": round(handler.uptime, 3),
                "idle": round(now - handler.last_activity, 3),
            }
            for server in servers
            for handler in server.members(None)
        ],
        "presence": {server.endpoint.name: found.connected for server in servers if (found := server.presence)},
        "rooms": {
            server.endpoint.name: {room: len(server.members(room)) for room in server.registry.rooms()}
            for server in servers
        },
    }


def _counts(server: EndpointServer[Any]) -> dict[str, dict[str, int]]:
    counts = {"handshakes": dict(server.handshakes), "errors": dict(server.errors)}
    if server.statistics is not None:
        counts["received"] = {name: received.count for name, received in server.statistics.received.items()}
        counts["sent"] = server.sent()
    return counts
