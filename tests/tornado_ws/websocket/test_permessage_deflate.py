from __future__ import annotations

import zlib

import pytest

from tornado_ws.websocket.permessage_deflate import Decompressor, TooLarge, compress, negotiate

TAIL = b"\x00\x00\xff\xff"


@pytest.mark.parametrize(
    ("offer", "header"),
    [
        ("permessage-deflate", "server_no_context_takeover; server_max_window_bits=12"),
        (
            "permessage-deflate; client_max_window_bits",
            "server_no_context_takeover; server_max_window_bits=12; client_max_window_bits=12",
        ),
        (
            "permessage-deflate; client_max_window_bits=9; server_max_window_bits=10",
            "server_no_context_takeover; server_max_window_bits=10; client_max_window_bits=9",
        ),
        (
            'permessage-deflate; server_max_window_bits="10"',
            "server_no_context_takeover; server_max_window_bits=10",
        ),
        (
            "permessage-deflate; client_max_window_bits=8",
            "server_no_context_takeover; server_max_window_bits=12; client_max_window_bits=8",
        ),
        (
            "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
            "server_no_context_takeover; server_max_window_bits=12; client_no_context_takeover",
        ),
        ("x-webkit-deflate-frame, permessage-deflate", "server_no_context_takeover; server_max_window_bits=12"),
        (
            "permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=9",
            "server_no_context_takeover; server_max_window_bits=9",
        ),
    ],
)
def test_valid_offer_is_accepted(offer, header):
    params = negotiate(offer, {})

    assert params is not None
    assert f"permessage-deflate; {header}" == params.header


@pytest.mark.parametrize(
    "offer",
    [
        "",
        ",",
        ";",
        "x-webkit-deflate-frame",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=010",
        "permessage-deflate; server_max_window_bits=ten",
        "permessage-deflate; server_max_window_bits=١٢",
        "permessage-deflate; server_max_window_bits=10; server_max_window_bits=11",
        "permessage-deflate; client_max_window_bits=99999999999999999999",
        "permessage-deflate; client_max_window_bits=",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; mode=turbo",
        "permessage-deflate;",
        "permessage-deflate" + "; x" * 10_000,
    ],
)
def test_invalid_offer_is_declined(offer):
    assert negotiate(offer, {}) is None


def test_options_of_the_application_are_used():
    params = negotiate(
        "permessage-deflate; client_max_window_bits", {"window_bits": 15, "compression_level": 9, "mem_level": 8}
    )

    assert params is not None
    assert "permessage-deflate; server_no_context_takeover; client_max_window_bits=15" == params.header
    assert (9, 8) == (params.compression_level, params.mem_level)


@pytest.mark.parametrize("bits", range(9, 16))
def test_compressed_message_does_not_depend_on_others(bits):
    messages = [b"a message " * n for n in range(1, 200, 13)]

    for compressed, message in [(compress(message, bits, 6, 5), message) for message in messages]:
        assert message == zlib.decompressobj(-bits).decompress(compressed + TAIL)


def test_message_may_depend_on_earlier_ones_with_context_takeover():
    params = negotiate("permessage-deflate", {})
    assert params is not None
    decompressor = Decompressor(params)
    compressor = zlib.compressobj(wbits=-15)
    message = b"the same words again and again"

    first, second = [(compressor.compress(message) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4] for _ in range(2)]

    assert len(second) < len(first)
    assert message == decompressor.decompress(first, 100)
    assert message == decompressor.decompress(second, 100)


def test_message_that_depends_on_earlier_ones_is_invalid_without_context_takeover():
    params = negotiate("permessage-deflate; client_no_context_takeover", {})
    assert params is not None
    decompressor = Decompressor(params)
    compressor = zlib.compressobj(wbits=-15)
    first, second = [(compressor.compress(b"words " * 9) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4] for _ in range(2)]
    decompressor.decompress(first, 100)

    with pytest.raises(zlib.error):
        decompressor.decompress(second, 100)


@pytest.mark.parametrize(
    ("compressed", "message"),
    [
        (b"\xf2\x48\xcd\xc9\xc9\x07\x00", b"Hello"),  # RFC 7692 section 7.2.3.1
        (b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", b"Hello"),  # 7.2.3.3: no compression
        (b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00", b"Hello"),  # 7.2.3.4: a final block
        (b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", b"Hello"),  # 7.2.3.5: two blocks
    ],
)
def test_examples_of_the_rfc_are_decompressed(compressed, message):
    params = negotiate("permessage-deflate", {})
    assert params is not None
    decompressor = Decompressor(params)

    assert message == decompressor.decompress(compressed, 5)
    assert message == decompressor.decompress(compressed, 5)
    with pytest.raises(TooLarge):
        decompressor.decompress(compressed, 4)


def test_number_of_final_blocks_is_limited():
    params = negotiate("permessage-deflate", {})
    assert params is not None

    with pytest.raises(zlib.error, match="too many final blocks"):
        Decompressor(params).decompress(b"\x03\x00" * 500_000, 100)
