"""Keys of messages that replace older messages in the write queue of a slow client."""

from __future__ import annotations

from typing import Any

import msgspec

from ..endpoint import MessageType
from ..validation import json_pointer
from ..validation.json_values import encode, read
from ..validation.kept_members import expand_members

__all__ = ["latest_key"]


def latest_key(message_type: MessageType, message: Any) -> str | None:  # Any: an instance of a message class
    """Return the key of a message with the policy ``latest``: its name and the value at the policy's JSON Pointer.

    Returns:
        Key; None for a message type without the policy. A missing value counts as null.
    """
    if message_type.latest is None or message_type.payload is None:
        return None
    data = read(encode(expand_members(message.data if message_type.wraps else message)))
    try:
        value = json_pointer.resolve(data, message_type.latest)
    except LookupError:
        value = None
    return f"{message_type.name} {msgspec.json.encode(value, order='deterministic').decode()}"
