"""Frames of the protocol: envelopes of messages, and control frames, as msgspec types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

import msgspec

from ..endpoint import MessageType
from ..errors import ErrorData

__all__ = [
    "Cancel",
    "End",
    "Error",
    "Frame",
    "Hello",
    "HelloData",
    "Kind",
    "Number",
    "Ping",
    "Pong",
    "Resume",
    "ResumeData",
    "Resumed",
    "ResumedData",
    "Predicate",
    "Check",
    "message_frame",
]

Kind: TypeAlias = Literal[
    "message", "request", "reply", "end", "error", "cancel", "resume", "resumed", "hello", "ping", "pong"
]

Number: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
"""Request id or sequence number, in the range of exact integers of JavaScript (up to 2^53 - 1)."""

Predicate: TypeAlias = Callable[[Any], bool]
Check: TypeAlias = tuple[Callable[[Any], Any], Predicate]
"""Getter of a part of a decoded value or frame, and the test of that part."""


class Frame(msgspec.Struct, tag_field="type", forbid_unknown_fields=True, kw_only=True, gc=False):
    """Decoded frame. Subclasses have the fields of their frames; the properties below stand for absent ones."""

    kind: ClassVar[Kind]
    message: ClassVar[MessageType | None] = None
    """Message type of the data; in a reply, that of the request; None in control frames."""
    checks: ClassVar[tuple[Check, ...]] = ()
    """Checks that decide, after msgspec has decoded the frame, if its data is valid."""

    @property
    def id(self) -> int | None:
        """Number of a request."""
        return None

    @property
    def re(self) -> int | None:
        """Number of the request that the frame answers or concerns."""
        return None

    @property
    def seq(self) -> int | None:
        """Sequence number of a message that is kept for replay."""
        return None

    @property
    def data(self) -> Any:  # of the type of its payload
        """Payload; :data:`msgspec.UNSET` if the message has none."""
        return msgspec.UNSET


class Ping(Frame, tag="$ping"):
    """Heartbeat: requests a :class:`Pong`."""

    kind = "ping"


class Pong(Frame, tag="$pong"):
    """Reply to :class:`Ping`."""

    kind = "pong"


class End(Frame, tag="$end"):
    """End of the stream that answers request :attr:`re`."""

    kind = "end"
    re: Number


class Cancel(Frame, tag="$cancel"):
    """Cancellation of request :attr:`re`."""

    kind = "cancel"
    re: Number


class Error(Frame, tag="$error", omit_defaults=True):
    """Refusal of a message or a request."""

    kind = "error"
    data: ErrorData
    re: Number | None = None


class ResumeData(msgspec.Struct, frozen=True, kw_only=True):
    """Position of the last message that a client has received."""

    epoch: str
    seq: Number


class Resume(Frame, tag="$resume"):
    """Request of a client for the messages since its position."""

    kind = "resume"
    data: ResumeData


class ResumedData(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a :class:`Resume`."""

    recovered: bool
    """True if all missed messages follow; False if none of them does."""


class Resumed(Frame, tag="$resumed"):
    """Reply to :class:`Resume`."""

    kind = "resumed"
    data: ResumedData


class HelloData(msgspec.Struct, frozen=True, kw_only=True):
    """State of a new connection."""

    connection: str
    contract: str
    epoch: str
    seq: Number
    """Sequence number of the newest kept message. New clients resume from it."""
    heartbeat: float
    """Interval of heartbeats, in seconds."""


class Hello(Frame, tag="$hello"):
    """First frame of a connection."""

    kind = "hello"
    data: HelloData


def message_frame(
    message: MessageType,
    kind: Literal["message", "request", "reply"],
    data: Any,  # a type; None: there is no data
    *,
    sequenced: bool = False,
    checks: tuple[Check, ...] = (),
) -> type[Frame]:
    """Build the type of the frames with a message, a request or a reply.

    Args:
        message: Type of the message; for a reply, that of the request.
        kind: Kind of the frame.
        data: Type of the data; None if there is none.
        sequenced: True if there may be a sequence number.
        checks: See :attr:`Frame.checks`.
    """
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    if kind != "message":
        fields.append(("id" if kind == "request" else "re", Number))
    if sequenced:
        fields.append(("seq", Number | None, None))
    if data is not None:
        fields.append(("data", data))
    frame = msgspec.defstruct(
        "MessageFrame",
        fields,
        bases=(Frame,),
        namespace={"kind": kind, "message": message, "checks": checks},
        module=__name__,
        tag=message.name,
        kw_only=True,
        gc=False,
    )
    assert issubclass(frame, Frame)
    return frame
