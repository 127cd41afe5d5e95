"""Encoder for the frames of presence."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from .envelopes import Presence, PresenceData, PresenceRequest, PresenceRequestData

__all__ = ["encode_changed", "encode_offer", "encode_present", "encode_request", "encode_row", "with_channel"]

_encode = msgspec.json.Encoder().encode


def encode_offer(ch: int, channel: str) -> bytes:
    """Return the ``$presence`` frame of the server: the client can request the presence of a channel.

    Args:
        ch: Number of the channel.
        channel: Stable identifier of the channel.
    """
    return _encode(Presence(data=PresenceData(ch=ch, channel=channel)))


def encode_request(ch: int, epoch: str | None = None, seq: int | None = None) -> bytes:
    """Return the ``$presence`` frame of the client, which requests the changes after a state, or the whole state.

    Args:
        ch: Number of the channel.
        epoch: Name of the sequence of changes; None to request the state.
        seq: Number of the newest change that the client has.
    """
    return _encode(PresenceRequest(data=PresenceRequestData(ch=ch, epoch=epoch, seq=seq)))


def encode_row(id: str, key: str, metadata: bytes) -> bytes:
    """Return one entry as JSON text."""
    return b"[%b,%b,%b]" % (_encode(id), _encode(key), metadata)


def encode_present(epoch: str, seq: int, rows: Iterable[bytes], *, more: bool) -> bytes:
    """Return the data of a ``$present`` frame, a part of the state, for :func:`with_channel`."""
    end = b',"more":true' if more else b""
    return b'"epoch":%b,"seq":%d,"entries":[%b]%b' % (_encode(epoch), seq, b",".join(rows), end)


def encode_changed(seq: int, rows: Iterable[bytes], left: Iterable[str]) -> bytes:
    """Return the data of a ``$changed`` frame, for :func:`with_channel`."""
    return b'"seq":%d,"entries":[%b],"left":[%b]' % (seq, b",".join(rows), b",".join(map(_encode, left)))


def with_channel(name: str, ch: int, data: bytes) -> bytes:
    """Return the frame of data that lacks the number of its channel."""
    return b'{"type":%b,"data":{"ch":%d,%b}}' % (_encode(name), ch, data)
