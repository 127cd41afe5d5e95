"""Frames of the protocol: envelopes of messages, and control frames, as msgspec types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias

import msgspec

from ..endpoint import MessageType
from ..errors import ErrorData

__all__ = [
    "Ack",
    "Cancel",
    "Changed",
    "ChangedData",
    "Check",
    "End",
    "Error",
    "Frame",
    "FrameKind",
    "Hello",
    "HelloData",
    "Joined",
    "JoinedData",
    "Left",
    "LeftData",
    "More",
    "MoreData",
    "Number",
    "PAGE_PARAMETER",
    "PARAMETERS",
    "Ping",
    "Pong",
    "PongData",
    "PositionData",
    "Predicate",
    "Presence",
    "PresenceData",
    "PresenceRequest",
    "PresenceRequestData",
    "PresenceRow",
    "Present",
    "PresentData",
    "Reset",
    "Resume",
    "ResumeData",
    "Resumed",
    "ResumedData",
    "SUBPROTOCOL",
    "SUBPROTOCOL_PARAMETER",
    "SessionName",
    "Skip",
    "message_frame",
]

SUBPROTOCOL: Final = "tornado-ws.1"
"""Subprotocol of clients that use frames starting with ``$``; other clients receive messages only."""
SUBPROTOCOL_PARAMETER: Final = "$subprotocol"
"""Parameter of the query that offers the subprotocol, for clients whose proxy removes ``Sec-WebSocket-Protocol``."""

PAGE_PARAMETER: Final = "$page"
"""Parameter of the query with the random name of a page: 128 bits in base64url. Presence recognizes pages by it."""
PARAMETERS: Final = frozenset({SUBPROTOCOL_PARAMETER, PAGE_PARAMETER})
"""Parameters of the query that belong to the protocol, and not to ``params``."""

FrameKind: TypeAlias = Literal[
    "message",
    "delivery",
    "request",
    "reply",
    "ack",
    "end",
    "error",
    "cancel",
    "more",
    "joined",
    "left",
    "skip",
    "resume",
    "resumed",
    "reset",
    "presence",
    "present",
    "changed",
    "hello",
    "ping",
    "pong",
]

Number: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
"""Request id or sequence number, in the range of exact integers of JavaScript (up to 2^53 - 1)."""

SessionName: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{22}\Z")]
"""Random name of the session of a page: 128 bits in base64url."""

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
        """Id that the sender of the frame gave to a request or an acknowledged message, or cancels."""
        return None

    @property
    def session(self) -> str | None:
        """Session of the page that sent an acknowledged message; its ids are unique in the session."""
        return None

    @property
    def after(self) -> int | None:
        """Id of an acknowledged message of the same type that must be handled before this one."""
        return None

    @property
    def resume(self) -> Any:  # the type of the position
        """Position after which the requested stream goes on; None from its start."""
        return None

    @property
    def re(self) -> int | None:
        """Id of the request that the frame answers: a number of the receiver."""
        return None

    @property
    def ch(self) -> int | None:
        """Number of the channel of a kept message."""
        return None

    @property
    def seq(self) -> int | None:
        """Sequence number of a kept message in its channel."""
        return None

    @property
    def mark(self) -> str | None:
        """Random name of a kept message."""
        return None

    @property
    def data(self) -> Any:  # the payload's type
        """Payload; :data:`msgspec.UNSET` if the message has none."""
        return msgspec.UNSET


class Ping(Frame, tag="$ping"):
    """Request of a client for a :class:`Pong`."""

    kind = "ping"


class PongData(msgspec.Struct, frozen=True, kw_only=True):
    """Data of :class:`Pong`."""

    received: Number
    """Number of text frames that the server received on this connection, including the :class:`Ping`."""


class Pong(Frame, tag="$pong"):
    """Reply to :class:`Ping`."""

    kind = "pong"
    data: PongData


class Ack(Frame, tag="$ack"):
    """Acknowledgement of message :attr:`re`, after its method has returned."""

    kind = "ack"
    re: Number


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


class PositionData(msgspec.Struct, frozen=True, kw_only=True):
    """Position in the kept messages of a channel."""

    ch: Number
    """Number of the channel, valid for this connection."""
    epoch: str
    """Name of the sequence."""
    seq: Number
    """Number of the newest message that the client has."""
    mark: str
    """Name of that message."""


class JoinedData(PositionData, frozen=True, kw_only=True):
    """Data of :class:`Joined`."""

    channel: str
    """Identifier of the channel, the same on all connections of the endpoint."""


class Joined(Frame, tag="$joined"):
    """Start of a channel: the client receives its messages after the position."""

    kind = "joined"
    data: JoinedData


class LeftData(msgspec.Struct, frozen=True, kw_only=True):
    """Data of :class:`Left`."""

    ch: Number


class Left(Frame, tag="$left"):
    """End of a channel."""

    kind = "left"
    data: LeftData


class Skip(Frame, tag="$skip"):
    """Number of a kept message that is not for the client."""

    kind = "skip"
    ch: Number
    seq: Number
    mark: str


class ResumeData(PositionData, frozen=True, kw_only=True):
    """Data of :class:`Resume`: position of the client."""


class Resume(Frame, tag="$resume"):
    """Request of a client for the messages of a channel after its position."""

    kind = "resume"
    data: ResumeData


class ResumedData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Result of a :class:`Resume`."""

    ch: Number
    recovered: bool = msgspec.field()
    """True if all missed messages were sent before this frame; False if none were."""
    epoch: str | None = None
    """New position of the client, if its messages could not be recovered."""
    seq: Number | None = None
    mark: str | None = None


class Resumed(Frame, tag="$resumed"):
    """Reply to :class:`Resume`."""

    kind = "resumed"
    data: ResumedData


class Reset(Frame, tag="$reset"):
    """New position of a channel: messages before it are lost."""

    kind = "reset"
    data: PositionData


class PresenceData(msgspec.Struct, frozen=True, kw_only=True):
    """Data of :class:`Presence`."""

    ch: Number
    channel: str
    """Identifier of the channel, the same on all connections of the endpoint."""


class Presence(Frame, tag="$presence"):
    """Offer of the server: the client can request the presence of a channel."""

    kind = "presence"
    data: PresenceData


class PresenceRequestData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Data of :class:`PresenceRequest`."""

    ch: Number
    epoch: str | None = None
    """Name of the sequence of changes; None to request the state."""
    seq: Number | None = None
    """Number of the newest change that the client has."""


class PresenceRequest(Frame, tag="$presence"):
    """Request of a client for the presence of a channel, and for its changes from then on."""

    kind = "presence"
    data: PresenceRequestData


class PresenceRow(msgspec.Struct, array_like=True, frozen=True):
    """Entry of presence."""

    id: str
    """Random name of the device."""
    key: str
    """Key of the user."""
    metadata: msgspec.Raw


class PresentData(msgspec.Struct, frozen=True, kw_only=True):
    """Data of :class:`Present`."""

    ch: Number
    epoch: str
    """Name of the sequence of changes."""
    seq: Number
    """Number of the newest change that the state contains."""
    entries: list[PresenceRow]
    more: bool = False
    """True if further parts follow."""


class Present(Frame, tag="$present"):
    """State of the presence of a channel, or a part of it."""

    kind = "present"
    data: PresentData


class ChangedData(msgspec.Struct, frozen=True, kw_only=True):
    """Data of :class:`Changed`."""

    ch: Number
    seq: Number
    """Number of the change; numbers have no gaps."""
    entries: list[PresenceRow]
    """New and changed entries."""
    left: list[str]
    """Ids of the entries that have ended."""


class Changed(Frame, tag="$changed"):
    """Change of the presence of a channel."""

    kind = "changed"
    data: ChangedData


class HelloData(msgspec.Struct, frozen=True, kw_only=True):
    """Data of :class:`Hello`: state of a new connection."""

    connection: str
    """Id of the connection."""
    contracts: tuple[str, ...]
    """Contract of the server (:attr:`.Endpoint.contract`), and those of other clients that are not outdated
    (:attr:`.Endpoint.compatible`)."""
    heartbeat: float
    """Seconds without a frame of the server after which the client sends :class:`Ping`."""


class Hello(Frame, tag="$hello"):
    """First frame of a connection."""

    kind = "hello"
    data: HelloData


def message_frame(
    message: MessageType,
    kind: Literal["message", "delivery", "request", "reply"],
    data: Any,  # a type, or None
    *,
    sequenced: bool = False,
    resumable: bool = False,
    checks: tuple[Check, ...] = (),
) -> type[Frame]:
    """Create the class of the frames of a message, an acknowledged message (``delivery``), a request or a reply.

    Args:
        message: Type of the message, or of the request that the reply answers.
        kind: Kind of the frame.
        data: Type of the data; None for frames without data.
        sequenced: True if the frame may be that of a kept message, with a channel, a number and a mark.
        resumable: True if the frame may contain the position after which a stream goes on.
        checks: Checks of the decoded data (:attr:`Frame.checks`).
    """
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    if kind != "message":
        fields.append(("re" if kind == "reply" else "id", Number))
    if kind == "delivery":
        fields += [("session", SessionName), ("after", Number | None, None)]
    if sequenced:
        fields += [("ch", Number | None, None), ("seq", Number | None, None), ("mark", str | None, None)]
    if resumable:
        fields.append(("resume", Any, None))
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
