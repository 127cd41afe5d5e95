"""Encoder for the frames of channels and their kept messages."""

from __future__ import annotations

import msgspec

from ..channels import Position
from .envelopes import (
    Joined,
    JoinedData,
    Left,
    LeftData,
    PositionData,
    Reset,
    Resume,
    Resumed,
    ResumeData,
    ResumedData,
    Skip,
)

__all__ = [
    "encode_joined",
    "encode_kept",
    "encode_left",
    "encode_reset",
    "encode_resume",
    "encode_resumed",
    "encode_skip",
    "message_name",
]

_encode = msgspec.json.Encoder().encode


def encode_joined(ch: int, channel: str, position: Position) -> bytes:
    """Return the ``$joined`` frame: the client receives the messages of a channel after a position.

    Args:
        ch: Number of the channel.
        channel: Stable identifier of the channel.
        position: Position of the channel.
    """
    epoch, seq, mark = position
    return _encode(Joined(data=JoinedData(ch=ch, channel=channel, epoch=epoch, seq=seq, mark=mark)))


def encode_left(ch: int) -> bytes:
    """Return the ``$left`` frame: the client has left a channel."""
    return _encode(Left(data=LeftData(ch=ch)))


def message_name(text: bytes) -> str:
    """Return the name of the message in a frame from :meth:`.Encoder.encode`."""
    return text[9 : text.index(b'"', 9)].decode()


def encode_kept(ch: int, position: Position, text: bytes) -> bytes:
    """Return the frame of a kept message.

    Args:
        ch: Number of the channel.
        position: Number and mark of the message.
        text: JSON text of the frame without them.
    """
    return b'{"ch":%d,"seq":%d,"mark":"%b",%b' % (ch, position.seq, position.mark.encode(), text[1:])


def encode_skip(ch: int, position: Position) -> bytes:
    """Return the ``$skip`` frame: the message with a number is not for the client."""
    return _encode(Skip(ch=ch, seq=position.seq, mark=position.mark))


def encode_resume(ch: int, position: Position) -> bytes:
    """Return the ``$resume`` frame, which requests the messages after a position."""
    epoch, seq, mark = position
    return _encode(Resume(data=ResumeData(ch=ch, epoch=epoch, seq=seq, mark=mark)))


def encode_resumed(ch: int, position: Position | None) -> bytes:
    """Return the ``$resumed`` frame, which answers ``$resume``.

    Args:
        ch: Number of the channel.
        position: New position, if missed messages are lost; None if all were sent before this frame.
    """
    if position is None:
        return _encode(Resumed(data=ResumedData(ch=ch, recovered=True)))
    epoch, seq, mark = position
    return _encode(Resumed(data=ResumedData(ch=ch, recovered=False, epoch=epoch, seq=seq, mark=mark)))


def encode_reset(ch: int, position: Position) -> bytes:
    """Return the ``$reset`` frame: messages before a position are lost."""
    epoch, seq, mark = position
    return _encode(Reset(data=PositionData(ch=ch, epoch=epoch, seq=seq, mark=mark)))
