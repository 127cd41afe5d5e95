"""Exception for an error that answers a request or an acknowledged message."""

from __future__ import annotations

from ..endpoint import MessageType
from ..errors import ErrorData, RequestFailed

__all__ = ["failure"]


def failure(message: MessageType, error: ErrorData, *, is_invalid_reply: bool = False) -> RequestFailed:
    """Return the exception that the caller of a request receives.

    Args:
        message: Type of the request.
        error: Data of the error.
        is_invalid_reply: True if the schema rejects the reply.
    """
    return RequestFailed(message.name, error, is_invalid_reply=is_invalid_reply)
