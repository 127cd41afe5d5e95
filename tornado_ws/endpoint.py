"""Endpoints: what a generated module states about one protocol."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from .messages import MessageType, Slot

__all__ = ["Endpoint"]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One protocol: its messages in both directions and the schema that judges them."""

    name: str
    kind: Literal["ephemeral", "persistent"]
    client: tuple[MessageType, ...]
    """What the client sends."""
    server: tuple[MessageType, ...]
    """What the server sends."""
    schema: str
    """The JSON Schema (2020-12) document that every :class:`Slot` points into, as JSON text; needs no other one."""
    path: str | None = None
    """The route of a persistent endpoint, such as ``/chat/{room}``."""
    params: Slot | None = None
    ticket: Slot | None = None
    ttl: float = 120.0
    """Seconds a one-time URL is valid."""
    errors: tuple[str, ...] = ()
    """Codes of the application's own errors."""
    formats: bool = False
    """Whether ``format`` is asserted; JSON Schema says that it is an annotation."""
    message_bytes: int = 1 << 20
    """Size of one message from the client: enough for what the schema allows."""
    contract: str = ""
    """Changes whenever the messages do; both sides compare it. Derived from the rest where it is not stated."""

    def __post_init__(self) -> None:
        if not self.contract:
            described = repr((self.name, self.kind, _wire(self.client), _wire(self.server), self.schema))
            object.__setattr__(self, "contract", hashlib.sha256(described.encode()).hexdigest()[:16])


def _wire(messages: tuple[MessageType, ...]) -> list[tuple[str | None, ...]]:
    return [
        (message.name, *(slot.schema if slot else None for slot in (message.payload, message.reply, message.stream)))
        for message in messages
    ]
