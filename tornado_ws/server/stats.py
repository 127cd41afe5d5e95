"""Statistics of a controller, as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, Final

from ..validation import decoder
from .context import ServerContext
from .endpoint_server import EndpointServer

__all__ = ["COMPILED", "summary"]

COMPILED: Final = not str(decoder.__file__).endswith(".py")
"""True if the modules that handle every message are compiled."""


def summary(servers: Iterable[EndpointServer[Any]], context: ServerContext) -> dict[str, Any]:  # JSON values
    """Return the connections, rooms and counters of this process, without data from clients."""
    now = context.clock()
    servers = tuple(servers)
    return {
        "compiled": COMPILED,
        "draining": context.draining,
        "backplane": context.backplane.healthy,
        "counters": dataclasses.asdict(context.counters) | {**context.backplane.counters()},
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
        "rooms": {
            server.endpoint.name: {room: len(server.members(room)) for room in server.registry.rooms()}
            for server in servers
        },
    }
