"""Format of a publication in Redis: a line with its properties, then the text of the frame."""

from __future__ import annotations

import time
from typing import TypeAlias

import msgspec

from ..channel import Channel, KeptMessage, Position
from ..publication import Publication

__all__ = ["EpochNote", "KeptPayload", "PlainPayload", "decode", "encode_kept", "encode_plain"]


class PlainPayload(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Properties of a message that is not kept."""

    sender: str
    """Id of the process."""
    name: str
    to: str | None = None
    exclude: frozenset[str] = frozenset()
    volatile: bool = False
    latest: str | None = None


class KeptPayload(msgspec.Struct, frozen=True):
    """Kept message and its sender."""

    message: KeptMessage
    sender: str
    """Id of the process."""


class EpochNote(msgspec.Struct, frozen=True):
    """Note that a new epoch has begun."""

    epoch: str


Payload: TypeAlias = "tuple[PlainPayload, bytes] | KeptPayload | EpochNote"

_plain_decoder = msgspec.json.Decoder(PlainPayload)
_exclude_decoder = msgspec.json.Decoder(frozenset[str])


def encode_plain(publication: Publication, *, sender: str) -> bytes:
    """Encode a message that is not kept."""
    line = PlainPayload(
        sender=sender,
        name=publication.name,
        to=publication.to,
        exclude=publication.exclude,
        volatile=publication.volatile,
        latest=publication.latest,
    )
    return b"p%b\n%b" % (msgspec.json.encode(line), publication.text)


def encode_kept(publication: Publication, *, sender: str, seconds: float) -> bytes:
    """Encode the part of a kept message after its place, which the script adds.

    Args:
        publication: Message.
        sender: Id of the process.
        seconds: Time for which it is kept, in seconds.
    """
    exclude = msgspec.json.encode(publication.exclude) if publication.exclude else b""
    return b"%b %g %b\n%b" % (sender.encode(), seconds, exclude, publication.text)


def decode(data: bytes, channel: Channel, *, age: float = 0.0) -> Payload:
    """Decode a received message.

    Args:
        data: Message.
        channel: Channel that it was received from.
        age: Time since it was published, in seconds.

    Raises:
        ValueError: If it is of another version.
    """
    kind = data[:1]
    if kind == b"e":
        return EpochNote(data[1:].decode())
    line, _, text = data[1:].partition(b"\n")
    if kind == b"p":
        return _plain_decoder.decode(line), text
    if kind != b"k":
        raise ValueError(f"expected a message of this version, got {data!r:.60}")
    epoch, seq, mark, previous, sender, seconds, exclude = line.split(b" ", 6)
    message = KeptMessage(
        channel=channel,
        position=Position(epoch.decode(), int(seq), mark.decode()),
        previous=previous.decode(),
        text=text,
        exclude=_exclude_decoder.decode(exclude) if exclude else frozenset(),
        expires_at=time.monotonic() + float(seconds) - age,
    )
    return KeptPayload(message, sender.decode())
