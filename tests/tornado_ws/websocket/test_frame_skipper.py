from __future__ import annotations

import struct

import pytest

from tests.support.peer import BINARY, PING, TEXT, masked, masked_close
from tornado_ws.websocket.frame_skipper import FrameSkipper

FRAMES = (
    masked(TEXT, b"x" * 100, fin=False)
    + masked(PING, b"p")
    + masked(0, b"y" * 200)
    + masked(BINARY, bytes(70_000))
    + masked(TEXT, b"", mask=False)
    + masked(TEXT, b"unmasked", mask=False)
)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 4096, 1 << 20])
@pytest.mark.parametrize("close", [masked_close(), masked_close(1000, b"bye"), masked_close(1009)[:0] + b"\x88\x00"])
def test_close_frame_is_found_after_other_frames(close, step):
    skipper = FrameSkipper()
    data = FRAMES + close

    found = [skipper.feed(data[at : at + step]) for at in range(0, len(data), step)]

    assert [False] * (len(found) - 1) + [True] == found


def test_close_frame_within_a_payload_is_skipped():
    assert not FrameSkipper().feed(masked(TEXT, masked_close(1000) * 10, key=bytes(4)))


def test_payload_of_any_size_is_not_buffered():
    skipper = FrameSkipper()
    assert not skipper.feed(struct.pack("!BBQ", 0x82, 0xFF, 1 << 62))
    for _ in range(100):
        assert not skipper.feed(bytes(1 << 16))

    assert b"" == skipper._header
