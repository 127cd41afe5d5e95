"""Keys of coalesced messages: a newer message replaces an older one with the same key."""

from __future__ import annotations

from typing import Any

import msgspec

from ..endpoint import MessageType
from ..validation import json_pointer
from ..validation.json_values import encode, read

__all__ = ["latest_key"]


def latest_key(message_type: MessageType, message: Any) -> str | None:  # an instance of a message class
    """Return the key of a message; None if its type has no ``latest``."""
    if message_type.latest is None or message_type.payload is None:
        return None
    data = read(encode(message.data if message_type.wraps else message))
    try:
        value = json_pointer.resolve(data, message_type.latest)
    except LookupError:
        value = None
    return f"{message_type.name} {msgspec.json.encode(value, order='deterministic').decode()}"
