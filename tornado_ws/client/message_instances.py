"""Instances of message classes from decoded payloads."""

from __future__ import annotations

from typing import Any

import msgspec

from ..endpoint import MessageType

__all__ = ["message_instance"]


def message_instance(message: MessageType, payload: Any) -> Any:  # of the payload's type, and of the message class
    """Return a payload as an instance of the message class that the other side has sent.

    Args:
        message: Type of the message.
        payload: Decoded payload; ignored for a message without one.
    """
    if message.payload is None:
        return message.cls()
    if message.wraps:
        return message.cls(data=payload)
    if isinstance(payload, message.cls):
        return payload
    if isinstance(payload, msgspec.Struct):
        return message.cls(**{name: getattr(payload, name) for name in payload.__struct_fields__})
    return message.cls.of(payload)  # a model of tornado_ws.models
