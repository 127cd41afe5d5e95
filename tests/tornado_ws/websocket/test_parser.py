from __future__ import annotations

import struct
import zlib

import pytest

from tests.support.peer import BINARY, CLOSE, PING, PONG, TEXT, closing, masked
from tornado_ws.websocket.frames import FrameError
from tornado_ws.websocket.parser import FRAMES_PER_BATCH, FrameParser
from tornado_ws.websocket.permessage_deflate import Decompressor, negotiate

LIMIT = 100_000


class Recorder(FrameParser):
    """Keeps what arrives."""

    def __init__(self, decompressor: Decompressor | None = None) -> None:
        super().__init__(LIMIT, decompressor)
        self.arrived: list[object] = []

    def text_received(self, payload: bytes) -> None:
        self.arrived.append(payload.decode())

    def binary_received(self, payload: bytes) -> None:
        self.arrived.append(payload)

    def ping_received(self, payload: bytes) -> None:
        self.arrived.append(("ping", payload))

    def pong_received(self, payload: bytes) -> None:
        self.arrived.append(("pong", payload))

    def close_received(self, code: int | None, reason: str | None) -> None:
        self.arrived.append((code, reason))


def read(*frames: bytes, decompressor: Decompressor | None = None, step: int | None = None) -> list[object]:
    recorder = Recorder(decompressor)
    data = b"".join(frames)
    step = step or len(data)
    for start in range(0, len(data), step):
        recorder.feed(data[start : start + step])
        while recorder.has_unparsed:
            recorder.resume()
    return recorder.arrived


def deflating(offers: str = "permessage-deflate") -> Decompressor:
    agreement = negotiate(offers, {})
    assert agreement is not None
    return Decompressor(agreement)


def deflated(payload: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return (packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


VALID = {
    "nothing": ([masked(TEXT)], [""]),
    "a short text": ([masked(TEXT, b"hi")], ["hi"]),
    "125 bytes": ([masked(TEXT, b"x" * 125)], ["x" * 125]),
    "126 bytes": ([masked(TEXT, b"x" * 126)], ["x" * 126]),
    "65535 bytes": ([masked(BINARY, b"x" * 65535)], [b"x" * 65535]),
    "65536 bytes": ([masked(BINARY, b"x" * 65536)], [b"x" * 65536]),
    "as much as is allowed": ([masked(TEXT, b"x" * LIMIT)], ["x" * LIMIT]),
    "text beyond ASCII": ([masked(TEXT, "κόσμε 🙂".encode())], ["κόσμε 🙂"]),
    "no text but bytes": ([masked(BINARY, b"\xff\xfe\x00")], [b"\xff\xfe\x00"]),
    "fragments": (
        [masked(TEXT, b"a", fin=False), masked(0, b"b", fin=False), masked(0, b"c")],
        ["abc"],
    ),
    "empty fragments": ([masked(BINARY, fin=False), masked(0, fin=False), masked(0)], [b""]),
    "a character in two fragments": (
        [masked(TEXT, b"\xce", fin=False), masked(0, b"\xba")],
        ["κ"],
    ),
    "control frames between fragments": (
        [masked(TEXT, b"a", fin=False), masked(PING, b"p"), masked(PONG), masked(0, b"b")],
        [("ping", b"p"), ("pong", b""), "ab"],
    ),
    "a ping of 125 bytes": ([masked(PING, b"p" * 125)], [("ping", b"p" * 125)]),
    "many": ([masked(TEXT, b"%d" % n) for n in range(50)], [str(n) for n in range(50)]),
    "a close frame without a code": ([closing()], [(None, None)]),
    "a close frame with a code": ([closing(1000)], [(1000, None)]),
    "a close frame with a reason": ([closing(4321, "wörtlich".encode())], [(4321, "wörtlich")]),
    "a long reason": ([closing(1000, b"r" * 123)], [(1000, "r" * 123)]),
    "nothing after a close frame": ([closing(1000), masked(TEXT, b"late"), b"garbage"], [(1000, None)]),
}


@pytest.mark.parametrize(("frames", "expected"), VALID.values(), ids=VALID.keys())
def test_what_is_valid_arrives(frames, expected):
    assert expected == read(*frames)


@pytest.mark.parametrize(("frames", "expected"), VALID.values(), ids=VALID.keys())
@pytest.mark.parametrize("step", [1, 2, 3, 7, 4096])
def test_it_does_not_matter_how_the_bytes_are_cut(frames, expected, step):
    if step < 4096 and sum(map(len, frames)) > 20_000:
        step = 4099

    assert expected == read(*frames, step=step)


INVALID = {
    "not masked": (1002, [masked(TEXT, b"hi", mask=False)]),
    "an empty frame, not masked": (1002, [masked(PING, mask=False)]),
    **{f"reserved bits {bits}": (1002, [masked(TEXT, b"hi", rsv=bits)]) for bits in range(1, 8)},
    **{f"reserved bits {bits} of a ping": (1002, [masked(PING, rsv=bits)]) for bits in (1, 4)},
    **{f"opcode {opcode}": (1002, [masked(opcode)]) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "a ping of 126 bytes": (1002, [masked(PING, b"p" * 126)]),
    "a fragmented ping": (1002, [masked(PING, b"p", fin=False)]),
    "a fragmented close frame": (1002, [masked(CLOSE, fin=False)]),
    "a continuation of nothing": (1002, [masked(0, b"x")]),
    "a continuation of what was complete": (1002, [masked(TEXT, b"x"), masked(0, b"x")]),
    "a message inside another": (1002, [masked(TEXT, b"x", fin=False), masked(TEXT, b"x")]),
    "a binary message inside a text": (1002, [masked(TEXT, b"x", fin=False), masked(BINARY, b"x", fin=False)]),
    "a negative length": (1002, [struct.pack("!BBQ", 0x82, 0xFF, 1 << 63)]),
    "a message that is too large": (1009, [masked(BINARY, b"x" * (LIMIT + 1))]),
    "a header that announces too much": (1009, [struct.pack("!BBQ", 0x82, 0xFF, 1 << 40)]),
    "fragments that are too large together": (
        1009,
        [masked(BINARY, b"x" * LIMIT, fin=False), masked(0, b"x")],
    ),
    "text that is not UTF-8": (1007, [masked(TEXT, b"\xff")]),
    "long text that is not UTF-8": (1007, [masked(TEXT, b"x" * 200 + b"\xc0\xaf")]),
    "text that ends inside a character": (1007, [masked(TEXT, "κ".encode()[:1])]),
    "a surrogate": (1007, [masked(TEXT, b"\xed\xa0\x80")]),
    "a character beyond Unicode": (1007, [masked(TEXT, b"\xf4\x90\x80\x80")]),
    "fragments that are not UTF-8 together": (1007, [masked(TEXT, b"\xce", fin=False), masked(0, b"a")]),
    "the first fragment is not UTF-8": (1007, [masked(TEXT, b"\xff", fin=False)]),
    "half a frame that is not UTF-8 already": (1007, [masked(TEXT, b"ok\xff" + b"x" * 100)[:20]]),
    "a close frame of one byte": (1002, [masked(CLOSE, b"\x03")]),
    "a close reason that is not UTF-8": (1007, [closing(1000, b"\xff")]),
    "a close frame of 126 bytes": (1002, [closing(1000, b"r" * 124)]),
    **{
        f"close code {code}": (1002, [closing(code)])
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    },
}


@pytest.mark.parametrize(("code", "frames"), INVALID.values(), ids=INVALID.keys())
@pytest.mark.parametrize("step", [None, 1])
def test_what_is_invalid_is_refused_with_its_code(code, frames, step):
    if step and sum(map(len, frames)) > 20_000:
        step = 4099

    with pytest.raises(FrameError) as caught:
        read(*frames, step=step)

    assert code == caught.value.code


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999])
def test_close_codes_that_are_for_the_wire_arrive(code):
    assert [(code, None)] == read(closing(code))


def test_what_came_before_a_violation_has_arrived():
    recorder = Recorder()

    with pytest.raises(FrameError, match=r"opcode is reserved \[1002\]"):
        recorder.feed(masked(TEXT, b"hi") + masked(3))

    assert ["hi"] == recorder.arrived


def test_nothing_is_kept_of_a_frame_whose_header_is_refused():
    recorder = Recorder()

    with pytest.raises(FrameError):
        recorder.feed(struct.pack("!BBQ", 0x82, 0xFF, 1 << 30))

    assert not recorder._buffer


def test_a_flood_is_read_in_turns():
    recorder = Recorder()

    recorder.feed(masked(PING) * (FRAMES_PER_BATCH + 10))

    assert FRAMES_PER_BATCH == len(recorder.arrived)
    assert recorder.has_unparsed

    recorder.resume()

    assert FRAMES_PER_BATCH + 10 == len(recorder.arrived)
    assert not recorder.has_unparsed


def test_a_halted_reader_keeps_what_it_has():
    class Halting(Recorder):
        def text_received(self, payload: bytes) -> None:
            super().text_received(payload)
            self.paused = True

    recorder = Halting()
    recorder.feed(masked(TEXT, b"a") + masked(TEXT, b"b") + masked(TEXT, b"c")[:3])
    recorder.feed(masked(TEXT, b"c", key=b"\0\0\0\0")[3:])

    assert ["a"] == recorder.arrived

    recorder.paused = False
    recorder.resume()

    assert ["a", "b"] == recorder.arrived


def test_a_stopped_reader_looks_at_nothing():
    recorder = Recorder()
    recorder.stop()

    recorder.feed(b"garbage")

    assert [] == recorder.arrived


def test_compressed_messages_are_unpacked():
    frames = [masked(TEXT, deflated(b"a" * 300), rsv=4), masked(BINARY, deflated(b"b"), rsv=4), masked(TEXT, b"c")]

    assert ["a" * 300, b"b", "c"] == read(*frames, decompressor=deflating())


def test_only_the_first_fragment_says_that_it_is_compressed():
    packed = deflated(b"hello")
    first = masked(TEXT, packed[:3], fin=False, rsv=4)

    assert [("ping", b""), "hello"] == read(first, masked(PING), masked(0, packed[3:]), decompressor=deflating())
    with pytest.raises(FrameError, match="reserved bits"):
        read(first, masked(0, packed[3:], rsv=4), decompressor=deflating())


def test_compressed_control_frames_are_refused():
    with pytest.raises(FrameError, match="reserved bits"):
        read(masked(PING, rsv=4), decompressor=deflating())


@pytest.mark.parametrize("step", [None, 1])
def test_compressed_text_must_be_utf_8(step):
    with pytest.raises(FrameError) as caught:
        read(masked(TEXT, deflated(b"\xff" * 10), rsv=4), decompressor=deflating(), step=step)

    assert caught.value.code == 1007


def test_what_is_not_deflate_is_refused():
    with pytest.raises(FrameError) as caught:
        read(masked(TEXT, b"\xff\xff\xff\xff", rsv=4), decompressor=deflating())

    assert caught.value.code == 1007


def test_a_decompression_bomb_is_too_large():
    with pytest.raises(FrameError) as caught:
        read(masked(BINARY, deflated(bytes(50_000_000)), rsv=4), decompressor=deflating())

    assert caught.value.code == 1009


def test_as_much_as_is_allowed_may_be_compressed():
    assert [bytes(LIMIT)] == read(masked(BINARY, deflated(bytes(LIMIT)), rsv=4), decompressor=deflating())
