"""Contract of an endpoint: a hash of its messages and their schema."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from . import model
from .model import Json
from .runtime_schema import server_schema

__all__ = ["contract"]

POLICIES = ("acknowledged", "rate", "resume", "concurrent", "timeout")
"""Policies whose change :mod:`~codegen.evolution` judges, because clients of another version notice it."""


@model.once_per_endpoint
def contract(endpoint: model.Endpoint) -> str:
    """Return the contract, 16 hexadecimal digits; client and server compare it.

    Annotations, such as descriptions, and policies that clients need not know, such as ``volatile``, do not change it;
    errors of the application and :data:`POLICIES` do.
    """
    document = {
        "name": endpoint.name,
        "kind": endpoint.kind,
        "client": [_signature(message) for message in endpoint.client],
        "server": [_signature(message) for message in endpoint.server],
        "schema": server_schema(endpoint),
        **({} if endpoint.presence is None else {"presence": endpoint.presence.pointer}),
    }
    if endpoint.errors:
        document["errors"] = [_error(error) for error in endpoint.errors]
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


def _signature(message: model.Message) -> list[Any]:  # JSON values
    return [
        message.name,
        *(_pointer(payload) for payload in (message.payload, message.reply, message.stream)),
        *([policy, message.policies[policy]] for policy in POLICIES if policy in message.policies),
        *([[_error(error) for error in message.errors]] if message.errors else []),
    ]


def _error(error: model.ErrorCode) -> list[Json]:
    return [error.code, _pointer(error.data)]


def _pointer(payload: model.Payload | None) -> str | None:
    return None if payload is None else payload.pointer
