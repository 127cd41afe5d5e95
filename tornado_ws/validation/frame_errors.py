"""Errors of received frames whose envelope is invalid."""

from __future__ import annotations

from ..errors import ErrorData
from .envelopes import Frame

__all__ = ["OPTIONAL", "invalid", "unsupported", "wrong_members"]

OPTIONAL = ("ch", "seq", "mark", "after", "resume")
"""Members of message frames that are optional; null like absent."""
DESCRIPTIONS = {"session": "session (22 characters of base64url)"}
"""Members whose name does not suffice."""
KINDS = {
    "message": "has no answer",
    "delivery": "is acknowledged",
    "request": "is a request",
    "reply": "is a request with a reply",
}
"""Reason for the members of each kind of frame."""


def unsupported(expected: str) -> ErrorData:
    """Return the error for a frame that is not one of the protocol."""
    return ErrorData(code="unsupported_frame", message=f"expected {expected}")


def wrong_members(frame: type[Frame]) -> ErrorData:
    """Return the error for a frame of a type whose members are missing, invalid or not allowed."""
    names, message = ("type", *frame.__struct_encode_fields__), frame.message
    if message is None:
        return unsupported(f"the members {', '.join(names)}")
    required = ", ".join(DESCRIPTIONS.get(name, name) for name in names if name not in OPTIONAL)
    return ErrorData(
        code="unsupported_frame", message=f"{message.name} {KINDS[frame.kind]}: expected the members {required}"
    )


def invalid(keyword: str, expected: str) -> ErrorData:
    """Return the error for a frame whose data is missing or not allowed."""
    return ErrorData(code="invalid_message", message=f"expected {expected}", pointer="", keyword=keyword)
