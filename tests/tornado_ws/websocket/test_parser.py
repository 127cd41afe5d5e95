from __future__ import annotations

import struct
import zlib

import pytest

from tests.support.peer import BINARY, CLOSE, PING, PONG, TEXT, masked, masked_close
from tornado_ws.websocket.frames import FrameError
from tornado_ws.websocket.parser import FRAMES_PER_BATCH, FrameParser
from tornado_ws.websocket.permessage_deflate import Decompressor, negotiate

LIMIT = 100_000


class Recorder(FrameParser):
    """Parser that keeps the received messages."""

    def __init__(self, decompressor: Decompressor | None = None) -> None:
        super().__init__(LIMIT, decompressor)
        self.received: list[object] = []

    def text_received(self, payload: bytes) -> None:
        self.received.append(payload.decode())

    def binary_received(self, payload: bytes) -> None:
        self.received.append(payload)

    def ping_received(self, payload: bytes) -> None:
        self.received.append(("ping", payload))

    def pong_received(self, payload: bytes) -> None:
        self.received.append(("pong", payload))

    def close_received(self, code: int | None, reason: str | None) -> None:
        self.received.append((code, reason))


def parse(*frames: bytes, decompressor: Decompressor | None = None, step: int | None = None) -> list[object]:
    recorder = Recorder(decompressor)
    data = b"".join(frames)
    step = step or len(data)
    for start in range(0, len(data), step):
        recorder.feed(data[start : start + step])
        while recorder.has_unparsed:
            recorder.resume()
    return recorder.received


def decompressor() -> Decompressor:
    params = negotiate("permessage-deflate", {})
    assert params is not None
    return Decompressor(params)


def compress(payload: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


VALID = {
    "an empty text": ([masked(TEXT)], [""]),
    "a short text": ([masked(TEXT, b"hi")], ["hi"]),
    "125 bytes": ([masked(TEXT, b"x" * 125)], ["x" * 125]),
    "126 bytes": ([masked(TEXT, b"x" * 126)], ["x" * 126]),
    "65535 bytes": ([masked(BINARY, b"x" * 65535)], [b"x" * 65535]),
    "65536 bytes": ([masked(BINARY, b"x" * 65536)], [b"x" * 65536]),
    "a message of the maximum size": ([masked(TEXT, b"x" * LIMIT)], ["x" * LIMIT]),
    "text beyond ASCII": ([masked(TEXT, "κόσμε 🙂".encode())], ["κόσμε 🙂"]),
    "a binary message that is not UTF-8": ([masked(BINARY, b"\xff\xfe\x00")], [b"\xff\xfe\x00"]),
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
    "many messages": ([masked(TEXT, b"%d" % n) for n in range(50)], [str(n) for n in range(50)]),
    "a close frame without a code": ([masked_close()], [(None, None)]),
    "a close frame with a code": ([masked_close(1000)], [(1000, None)]),
    "a close frame with a reason": ([masked_close(4321, "wörtlich".encode())], [(4321, "wörtlich")]),
    "a long reason": ([masked_close(1000, b"r" * 123)], [(1000, "r" * 123)]),
    "nothing after a close frame": ([masked_close(1000), masked(TEXT, b"late"), b"garbage"], [(1000, None)]),
}


@pytest.mark.parametrize(("frames", "expected"), VALID.values(), ids=VALID.keys())
def test_valid_frames_are_received(frames, expected):
    assert expected == parse(*frames)


@pytest.mark.parametrize(("frames", "expected"), VALID.values(), ids=VALID.keys())
@pytest.mark.parametrize("step", [1, 2, 3, 7, 4096])
def test_frames_are_received_in_parts_of_any_size(frames, expected, step):
    if step < 4096 and sum(map(len, frames)) > 20_000:
        step = 4099

    assert expected == parse(*frames, step=step)


INVALID = {
    "an unmasked frame": (1002, [masked(TEXT, b"hi", mask=False)]),
    "an unmasked empty frame": (1002, [masked(PING, mask=False)]),
    **{f"reserved bits {bits}": (1002, [masked(TEXT, b"hi", rsv=bits)]) for bits in range(1, 8)},
    **{f"reserved bits {bits} of a ping": (1002, [masked(PING, rsv=bits)]) for bits in (1, 4)},
    **{f"opcode {opcode}": (1002, [masked(opcode)]) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "a ping of 126 bytes": (1002, [masked(PING, b"p" * 126)]),
    "a fragmented ping": (1002, [masked(PING, b"p", fin=False)]),
    "a fragmented close frame": (1002, [masked(CLOSE, fin=False)]),
    "a continuation without a message": (1002, [masked(0, b"x")]),
    "a continuation of a complete message": (1002, [masked(TEXT, b"x"), masked(0, b"x")]),
    "a message inside a fragmented message": (1002, [masked(TEXT, b"x", fin=False), masked(TEXT, b"x")]),
    "a binary message inside a fragmented text": (
        1002,
        [masked(TEXT, b"x", fin=False), masked(BINARY, b"x", fin=False)],
    ),
    "a negative length": (1002, [struct.pack("!BBQ", 0x82, 0xFF, 1 << 63)]),
    "a message that is too large": (1009, [masked(BINARY, b"x" * (LIMIT + 1))]),
    "a header with a length that is too large": (1009, [struct.pack("!BBQ", 0x82, 0xFF, 1 << 40)]),
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
    "an incomplete frame that is not UTF-8": (1007, [masked(TEXT, b"ok\xff" + b"x" * 100)[:20]]),
    "a close frame with a payload of one byte": (1002, [masked(CLOSE, b"\x03")]),
    "a close reason that is not UTF-8": (1007, [masked_close(1000, b"\xff")]),
    "a close frame with a payload of 126 bytes": (1002, [masked_close(1000, b"r" * 124)]),
    **{
        f"close code {code}": (1002, [masked_close(code)])
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    },
}


@pytest.mark.parametrize(("code", "frames"), INVALID.values(), ids=INVALID.keys())
@pytest.mark.parametrize("step", [None, 1])
def test_invalid_frame_raises_an_error_with_its_code(code, frames, step):
    if step and sum(map(len, frames)) > 20_000:
        step = 4099

    with pytest.raises(FrameError) as caught:
        parse(*frames, step=step)

    assert code == caught.value.code


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999])
def test_valid_close_code_is_received(code):
    assert [(code, None)] == parse(masked_close(code))


def test_message_before_a_violation_is_received():
    recorder = Recorder()

    with pytest.raises(FrameError, match=r"opcode is reserved \[1002\]"):
        recorder.feed(masked(TEXT, b"hi") + masked(3))

    assert ["hi"] == recorder.received


def test_frame_with_an_invalid_header_is_not_buffered():
    recorder = Recorder()

    with pytest.raises(FrameError):
        recorder.feed(struct.pack("!BBQ", 0x82, 0xFF, 1 << 30))

    assert not recorder._buffer


def test_parsing_stops_after_a_batch_of_frames():
    recorder = Recorder()

    recorder.feed(masked(PING) * (FRAMES_PER_BATCH + 10))

    assert FRAMES_PER_BATCH == len(recorder.received)
    assert recorder.has_unparsed

    recorder.resume()

    assert FRAMES_PER_BATCH + 10 == len(recorder.received)
    assert not recorder.has_unparsed


def test_paused_parser_keeps_unparsed_bytes():
    class Pausing(Recorder):
        def text_received(self, payload: bytes) -> None:
            super().text_received(payload)
            self.paused = True

    recorder = Pausing()
    recorder.feed(masked(TEXT, b"a") + masked(TEXT, b"b") + masked(TEXT, b"c")[:3])
    recorder.feed(masked(TEXT, b"c", key=b"\0\0\0\0")[3:])

    assert ["a"] == recorder.received

    recorder.paused = False
    recorder.resume()

    assert ["a", "b"] == recorder.received


def test_stopped_parser_ignores_bytes():
    recorder = Recorder()
    recorder.stop()

    recorder.feed(b"garbage")

    assert [] == recorder.received


def test_compressed_messages_are_decompressed():
    frames = [masked(TEXT, compress(b"a" * 300), rsv=4), masked(BINARY, compress(b"b"), rsv=4), masked(TEXT, b"c")]

    assert ["a" * 300, b"b", "c"] == parse(*frames, decompressor=decompressor())


def test_only_the_first_fragment_has_the_compression_bit():
    data = compress(b"hello")
    first = masked(TEXT, data[:3], fin=False, rsv=4)

    assert [("ping", b""), "hello"] == parse(first, masked(PING), masked(0, data[3:]), decompressor=decompressor())
    with pytest.raises(FrameError, match="reserved bits"):
        parse(first, masked(0, data[3:], rsv=4), decompressor=decompressor())


def test_compressed_control_frame_is_rejected():
    with pytest.raises(FrameError, match="reserved bits"):
        parse(masked(PING, rsv=4), decompressor=decompressor())


@pytest.mark.parametrize("step", [None, 1])
def test_compressed_text_must_be_utf_8(step):
    with pytest.raises(FrameError) as caught:
        parse(masked(TEXT, compress(b"\xff" * 10), rsv=4), decompressor=decompressor(), step=step)

    assert caught.value.code == 1007


def test_invalid_deflate_data_is_rejected():
    with pytest.raises(FrameError) as caught:
        parse(masked(TEXT, b"\xff\xff\xff\xff", rsv=4), decompressor=decompressor())

    assert caught.value.code == 1007


def test_decompression_bomb_is_rejected():
    with pytest.raises(FrameError) as caught:
        parse(masked(BINARY, compress(bytes(50_000_000)), rsv=4), decompressor=decompressor())

    assert caught.value.code == 1009


def test_compressed_message_of_the_maximum_size_is_received():
    assert [bytes(LIMIT)] == parse(masked(BINARY, compress(bytes(LIMIT)), rsv=4), decompressor=decompressor())
