"""What a message tells the newest of, so that it can take the place of an older one."""

from __future__ import annotations

from typing import Any

import msgspec

from ..endpoint import MessageType
from ..validation.json_values import encode, read

__all__ = ["latest_key"]


def latest_key(kind: MessageType, message: Any) -> str | None:  # an instance of a message class
    """Return what a message tells the newest of; None: nothing in particular."""
    if kind.latest is None or kind.payload is None:
        return None
    value = read(encode(message.data if kind.wraps else message))
    for token in kind.latest.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            value = None
    return f"{kind.name} {msgspec.json.encode(value, order='deterministic').decode()}"
