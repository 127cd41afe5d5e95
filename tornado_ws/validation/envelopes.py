"""Frames: what travels as one text message, as msgspec types."""

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
"""An id or a sequence number, in the range in which JavaScript counts exactly."""

Predicate: TypeAlias = Callable[[Any], bool]
Check: TypeAlias = tuple[Callable[[Any], Any], Predicate]
"""What gets a part of something, and the test of that part."""


class Frame(msgspec.Struct, tag_field="type", forbid_unknown_fields=True, kw_only=True, gc=False):
    """One decoded frame. Subclasses have the fields that their frames may have; the rest is absent."""

    kind: ClassVar[Kind]
    message: ClassVar[MessageType | None] = None
    """The message it carries or, in a reply, the request it answers; None in control frames."""
    trials: ClassVar[tuple[Check, ...]] = ()
    """What its data must stand after msgspec has accepted it."""

    @property
    def id(self) -> int | None:
        """The number of a request."""
        return None

    @property
    def re(self) -> int | None:
        """The number of the request it is about."""
        return None

    @property
    def seq(self) -> int | None:
        """The number of a message that can be sent again."""
        return None

    @property
    def data(self) -> Any:  # of the type that the slot states
        """The payload; :data:`msgspec.UNSET` if there is none."""
        return msgspec.UNSET


class Ping(Frame, tag="$ping"):
    """Asks whether the peer is there."""

    kind = "ping"


class Pong(Frame, tag="$pong"):
    """Answers :class:`Ping`."""

    kind = "pong"


class End(Frame, tag="$end"):
    """Says that the stream which answers request :attr:`re` is complete."""

    kind = "end"
    re: Number


class Cancel(Frame, tag="$cancel"):
    """Says that the answer to request :attr:`re` is not wanted any more."""

    kind = "cancel"
    re: Number


class Error(Frame, tag="$error", omit_defaults=True):
    """Says what was refused, and why."""

    kind = "error"
    data: ErrorData
    re: Number | None = None


class ResumeData(msgspec.Struct, frozen=True, kw_only=True):
    """What a client that comes back has seen."""

    epoch: str
    seq: Number


class Resume(Frame, tag="$resume"):
    """Asks for what was missed."""

    kind = "resume"
    data: ResumeData


class ResumedData(msgspec.Struct, frozen=True, kw_only=True):
    """Whether all that was missed follows; else nothing of it does."""

    recovered: bool


class Resumed(Frame, tag="$resumed"):
    """Answers :class:`Resume`."""

    kind = "resumed"
    data: ResumedData


class HelloData(msgspec.Struct, frozen=True, kw_only=True):
    """What a client that speaks the whole protocol is told first."""

    connection: str
    contract: str
    epoch: str
    seq: Number
    """Of the newest message that was kept: whoever has seen nothing yet resumes from there."""
    heartbeat: float
    """Seconds between two pings."""


class Hello(Frame, tag="$hello"):
    """Opens a connection."""

    kind = "hello"
    data: HelloData


def message_frame(
    message: MessageType,
    kind: Literal["message", "request", "reply"],
    data: Any,  # a type; None: there is no data
    *,
    optional: bool = False,
    sequenced: bool = False,
    trials: tuple[Check, ...] = (),
) -> type[Frame]:
    """Build the type of the frames in which ``message`` travels, or is answered.

    Args:
        message: what travels.
        kind: how.
        data: type of the data; None if there is none.
        optional: whether data may be missing.
        sequenced: whether there may be a sequence number.
        trials: what its data must stand, see :attr:`Frame.trials`.
    """
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    if kind != "message":
        fields.append(("id" if kind == "request" else "re", Number))
    if sequenced:
        fields.append(("seq", Number | None, None))
    if data is not None:
        fields.append(("data", data, msgspec.UNSET) if optional else ("data", data))
    frame = msgspec.defstruct(
        "MessageFrame",
        fields,
        bases=(Frame,),
        namespace={"kind": kind, "message": message, "trials": trials},
        module=__name__,
        tag=message.name,
        kw_only=True,
        gc=False,
    )
    assert issubclass(frame, Frame)
    return frame
