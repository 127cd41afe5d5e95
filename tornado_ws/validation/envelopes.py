"""Frames of the protocol: envelopes of messages, and control frames, as msgspec types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

import msgspec

from ..endpoint import MessageType
from ..errors import ErrorData

__all__ = [
    "Cancel",
    "Check",
    "End",
    "Error",
    "Frame",
    "FrameKind",
    "Hello",
    "HelloData",
    "More",
    "MoreData",
    "Number",
    "Ping",
    "Pong",
    "Predicate",
    "Resume",
    "ResumeData",
    "Resumed",
    "ResumedData",
    "message_frame",
]

FrameKind: TypeAlias = Literal[
    "message", "request", "reply", "end", "error", "cancel", "more", "resume", "resumed", "hello", "ping", "pong"
]

Number: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
"""Request id or sequence number, in the range of exact integers of JavaScript (up to 2^53 - 1)."""

Predicate: TypeAlias = Callable[[Any], bool]
"""Function that returns True for valid values."""
Check: TypeAlias = tuple[Callable[[Any], Any], Predicate]
"""Getter of a part of a decoded value or frame, and the predicate for that part."""


class Frame(msgspec.Struct, tag_field="type", forbid_unknown_fields=True, kw_only=True, gc=False):
    """Decoded frame. Subclasses override the properties for the members of their frames."""

    kind: ClassVar[FrameKind]
    """Kind of the frame; ``type`` does not distinguish a request from its reply."""
    message: ClassVar[MessageType | None] = None
    """Type of the message, or of the request that a reply answers; None in control frames."""
    checks: ClassVar[tuple[Check, ...]] = ()
    """Checks of the decoded data; it is valid if all of them pass."""

    @property
    def id(self) -> int | None:
        """Id of the request that the frame sends or cancels: a number of the sender."""
        return None

    @property
    def re(self) -> int | None:
        """Id of the request that the frame answers: a number of the receiver."""
        return None

    @property
    def seq(self) -> int | None:
        """Sequence number of a kept message."""
        return None

    @property
    def data(self) -> Any:  # the payload's type
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
    """Cancellation of the sender's request :attr:`id`."""

    kind = "cancel"
    id: Number


class MoreData(msgspec.Struct, frozen=True, kw_only=True):
    """Data of :class:`More`."""

    count: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
    """Number of items."""


class More(Frame, tag="$more"):
    """Credit for the stream that answers the sender's request :attr:`id`."""

    kind = "more"
    id: Number
    data: MoreData


class Error(Frame, tag="$error", omit_defaults=True):
    """Rejection of a message, or failure of a request."""

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
    """True if all missed messages follow; False if none follow."""


class Resumed(Frame, tag="$resumed"):
    """Reply to :class:`Resume`."""

    kind = "resumed"
    data: ResumedData


class HelloData(msgspec.Struct, frozen=True, kw_only=True):
    """Data of :class:`Hello`: state of a new connection."""

    connection: str
    """Id of the connection."""
    contract: str
    """Hash of the messages and their schema (:attr:`.Endpoint.contract`)."""
    epoch: str
    """Name of the sequence of kept messages."""
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
    data: Any,  # a type, or None
    *,
    sequenced: bool = False,
    checks: tuple[Check, ...] = (),
) -> type[Frame]:
    """Create the class of the frames of a message, a request or a reply.

    Args:
        message: Type of the message, or of the request that the reply answers.
        kind: Kind of the frame.
        data: Type of the data; None for frames without data.
        sequenced: True if the frame may have a sequence number.
        checks: Checks of the decoded data (:attr:`Frame.checks`).
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
