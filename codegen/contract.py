"""Contract of an endpoint: a hash of its messages and their schema."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from . import model
from .runtime_schema import runtime_schema
from .source.document import Json

__all__ = ["contract"]


def contract(endpoint: model.Endpoint, schema: Mapping[str, Json] | None = None) -> str:
    """Return the contract, 16 hexadecimal digits; client and server compare it.

    Annotations, such as descriptions, and most policies, such as ``volatile``, do not change it; ``acknowledged`` does,
    because it changes the members of frames.

    Args:
        endpoint: Endpoint.
        schema: Result of :func:`.runtime_schema`, if the caller already has it.
    """
    document = {
        "name": endpoint.name,
        "kind": endpoint.kind,
        "client": [_signature(message) for message in endpoint.client],
        "server": [_signature(message) for message in endpoint.server],
        "schema": runtime_schema(endpoint.bundle) if schema is None else schema,
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


def _signature(message: model.Message) -> list[str | None]:
    return [
        message.name,
        *(payload.pointer if payload else None for payload in (message.payload, message.reply, message.stream)),
        *(["acknowledged"] if "acknowledged" in message.policies else []),
    ]
