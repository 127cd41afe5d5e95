"""Members of frames that are read apart from their data."""

from __future__ import annotations

import msgspec

__all__ = ["KeptHead", "is_hello", "kept_head"]


class KeptHead(msgspec.Struct, frozen=True):
    """Place of a frame in a channel."""

    ch: int
    seq: int
    mark: str


class _Typed(msgspec.Struct, frozen=True):
    type: str


UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)


def kept_head(raw: str | bytes) -> KeptHead | None:
    """Return the place of a frame in its channel; None if it has none."""
    try:
        return msgspec.json.decode(raw, type=KeptHead)
    except UNREADABLE:
        return None


def is_hello(raw: str | bytes) -> bool:
    """Return True for the frame ``$hello``."""
    try:
        return msgspec.json.decode(raw, type=_Typed).type == "$hello"
    except UNREADABLE:
        return False
