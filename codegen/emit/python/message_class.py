"""Classes of messages."""

from __future__ import annotations

from dataclasses import dataclass

from ... import model
from ...identifiers import Name
from ..templates import Code
from .literals import literal
from .python_printer import Node, single_line, subscript, without_constraints

__all__ = ["NEVER", "MessageClass", "request_base"]

NEVER = Code("typing.Never")


@dataclass(frozen=True, kw_only=True)
class MessageClass:
    """Class of a message, and the annotations of its payloads."""

    message: model.Message
    cls: Name
    record: model.Record | None
    """Definition of the payload, if it becomes a class."""
    payload: Node | None
    reply: Node | None
    stream: Node | None
    cursor: Node | None = None
    """Position after which a stream goes on."""
    handler: Name | None = None
    """Handler whose instances send the message; None for a message of clients."""

    @property
    def payloads(self) -> tuple[Node, ...]:
        """Annotations of all payloads."""
        return tuple(node for node in (self.payload, self.reply, self.stream, self.cursor) if node is not None)

    @property
    def is_payload_class(self) -> bool:
        """True if the class of the payload is also the class of the message."""
        return self.record is not None and self.payload == self.cls


def request_base(message_class: MessageClass, *, quoted: bool = False) -> Node:
    """Return the base class that declares the type of the reply or of the items."""
    response = without_constraints(message_class.reply or message_class.stream or NEVER)
    if quoted:
        response = literal(single_line(response))
    if message_class.handler is not None:
        return subscript("tornado_ws.ServerRequest", response, literal(message_class.handler))
    return subscript("tornado_ws.Stream" if message_class.reply is None else "tornado_ws.Request", response)
