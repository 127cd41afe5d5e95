"""Methods of clients by the kind of their message."""

from __future__ import annotations

from ..endpoint import Endpoint, MessageType

__all__ = ["require_call"]


def require_call(endpoint: Endpoint, message: MessageType | None, call: str) -> None:
    """Require the method of a client that sends messages of a type.

    Args:
        endpoint: Endpoint of the client.
        message: Type of the message; one that clients do not send is refused when it is encoded.
        call: Name of the called method.

    Raises:
        TypeError: If another method sends the message.
    """
    if message is None or message not in endpoint.client:
        return
    if message.acknowledged:
        expected = "deliver"
    elif message.answer is None:
        expected = "send"
    else:
        expected = "request" if message.stream is None else "stream"
    if call != expected:
        raise TypeError(f"{message.name}: expected a call of {expected}(), got {call}()")
