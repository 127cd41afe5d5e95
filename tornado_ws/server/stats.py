"""Tell what is open, as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from ..validation import decoder
from .context import ServerContext
from .endpoint_server import EndpointServer

__all__ = ["COMPILED", "summary"]


def summary(mounts: Iterable[EndpointServer[Any]], service: ServerContext) -> dict[str, Any]:  # JSON values
    """Return the connections and rooms of this process. Nothing that a client has sent is in it."""
    now = service.clock()
    mounts = tuple(mounts)
    counters = service.counters
    return {
        "compiled": COMPILED,
        "draining": service.draining,
        "backplane": service.backplane.bus.healthy,
        "counters": {
            "dropped": counters.dropped,
            "coalesced": counters.coalesced,
            "too_slow": counters.too_slow,
            "unresponsive": counters.unresponsive,
        },
        "connections": [
            {
                "id": connection.connection_id,
                "endpoint": mount.endpoint.name,
                "address": connection.address,
                "uptime": round(connection.uptime, 3),
                "idle": round(now - connection.last_activity, 3),
            }
            for mount in mounts
            for connection in mount.registry
        ],
        "rooms": {
            mount.endpoint.name: {room: len(mount.members(room)) for room in mount.registry.rooms()} for mount in mounts
        },
    }


COMPILED: Final = not str(decoder.__file__).endswith(".py")
