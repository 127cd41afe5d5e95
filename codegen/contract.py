"""The contract: a short text that changes whenever the messages of an endpoint do."""

from __future__ import annotations

import hashlib
import json

from . import model
from .runtime_schema import judged

__all__ = ["contract"]


def contract(endpoint: model.Endpoint) -> str:
    """Return what client and server compare; descriptions and the like do not count."""
    stated = {
        "name": endpoint.name,
        "kind": endpoint.kind,
        "client": [_stated(message) for message in endpoint.client],
        "server": [_stated(message) for message in endpoint.server],
        "schema": judged(endpoint.bundle),
    }
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()[:16]


def _stated(message: model.Message) -> list[str | None]:
    return [
        message.name,
        *(slot.pointer if slot else None for slot in (message.payload, message.reply, message.stream)),
    ]
