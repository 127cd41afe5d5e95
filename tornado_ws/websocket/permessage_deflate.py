"""Compression of messages by permessage-deflate (RFC 7692): negotiation and codec."""

from __future__ import annotations

import dataclasses
import threading
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["COMPRESS_FROM", "Decompressor", "DeflateParams", "TooLarge", "compress", "negotiate"]

COMPRESS_FROM: Final = 256
"""Minimum size of compressed messages, in bytes. The sender may choose for each message (RFC 7692 section 6)."""

_TAIL: Final = b"\x00\x00\xff\xff"
"""End of each compressed message; it is not transmitted (RFC 7692 section 7.2.1)."""
_DEFAULT_WINDOW_BITS: Final = 12
_DEFAULT_LEVEL: Final = 6
_DEFAULT_MEM_LEVEL: Final = 5
_MAX_OFFERS: Final = 16
_MAX_FINAL_BLOCKS: Final = 16
_FLAGS: Final = ("server_no_context_takeover", "client_no_context_takeover")
_WINDOW_BITS: Final = ("server_max_window_bits", "client_max_window_bits")


class TooLarge(Exception):
    """Message that exceeds the maximum size after decompression."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class DeflateParams:
    """Parameters of the extension, as negotiated in the handshake (RFC 7692 section 7.1).

    The server never uses context takeover. Therefore its frames do not depend on earlier frames: one compressed frame
    serves all recipients of a broadcast, a queued frame can be dropped, and an idle connection has no compressor.
    """

    server_window_bits: int
    """Base-2 logarithm of the server's window size."""
    client_window_bits: int
    """Base-2 logarithm of the client's largest window size."""
    client_context_takeover: bool
    """True if messages of the client may refer to earlier ones."""
    header: str
    """Value of ``Sec-WebSocket-Extensions`` in the response."""
    compression_level: int
    """Level of zlib, 0 to 9."""
    mem_level: int
    """Memory level of zlib, 1 to 9."""


def negotiate(offers: str, options: Mapping[str, Any]) -> DeflateParams | None:
    """Return the parameters of the first acceptable offer; None if no offer is acceptable.

    Args:
        offers: Value of ``Sec-WebSocket-Extensions`` in the request.
        options: ``compression_level`` (6) and ``mem_level`` (5) as in Tornado's `get_compression_options`, and
            ``window_bits`` (12), the maximum for both sides.
    """
    max_bits = int(options.get("window_bits", _DEFAULT_WINDOW_BITS))
    for offer in offers.split(",")[:_MAX_OFFERS]:
        name, *params = (part.strip() for part in offer.split(";"))
        if name != "permessage-deflate":
            continue
        offered = _parse_params(params)
        if offered is None:
            continue
        server_window_bits = min(max_bits, offered.get("server_max_window_bits") or 15)
        header = ["permessage-deflate", "server_no_context_takeover"]
        if server_window_bits < 15:
            header.append(f"server_max_window_bits={server_window_bits}")
        client_window_bits = 15
        if "client_max_window_bits" in offered:
            client_window_bits = min(max_bits, offered["client_max_window_bits"] or 15)
            header.append(f"client_max_window_bits={client_window_bits}")
        client_context_takeover = "client_no_context_takeover" not in offered
        if not client_context_takeover:
            header.append("client_no_context_takeover")
        return DeflateParams(
            server_window_bits=server_window_bits,
            client_window_bits=client_window_bits,
            client_context_takeover=client_context_takeover,
            header="; ".join(header),
            compression_level=int(options.get("compression_level", _DEFAULT_LEVEL)),
            mem_level=int(options.get("mem_level", _DEFAULT_MEM_LEVEL)),
        )
    return None


def _parse_params(params: list[str]) -> dict[str, int] | None:
    """Return the parameters of an offer, 0 for those without a value; None if the offer is not acceptable."""
    parsed: dict[str, int] = {}
    for param in params:
        name, equals, value = (part.strip() for part in param.partition("="))
        if name in parsed:
            return None
        if (name in _FLAGS and not equals) or (name == "client_max_window_bits" and not equals):
            parsed[name] = 0
        elif name in _WINDOW_BITS and (bits := _parse_bits(value)) and (bits > 8 or name == "client_max_window_bits"):
            parsed[name] = bits  # zlib decompresses raw deflate with a window of 8 bits, but cannot compress it
        else:
            return None
    return parsed


def _parse_bits(value: str) -> int:
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    return int(value) if value in {"8", "9", "10", "11", "12", "13", "14", "15"} else 0


class _Compressors(threading.local):
    """Compressors of one thread, shared by all of its connections."""

    def __init__(self) -> None:
        self.by_params: dict[tuple[int, int, int], Any] = {}  # typeshed does not export the classes of zlib

    def get(self, bits: int, level: int, mem_level: int) -> Any:
        key = (bits, level, mem_level)
        compressor = self.by_params.get(key)
        if compressor is None:
            compressor = self.by_params[key] = zlib.compressobj(level, zlib.DEFLATED, -bits, mem_level)
        return compressor


_compressors = _Compressors()


def compress(payload: bytes, bits: int, level: int, mem_level: int) -> bytes:
    """Return a payload of at least one byte in compressed form, without references to other messages.

    A full flush resets the state of zlib, so that one compressor serves all messages.
    """
    compressor = _compressors.get(bits, level, mem_level)
    compressed: bytes = compressor.compress(payload) + compressor.flush(zlib.Z_FULL_FLUSH)
    return compressed[: -len(_TAIL)]


class Decompressor:
    """Decompressor for the messages of one client."""

    __slots__ = ("_bits", "_context_takeover", "_inflater")

    def __init__(self, params: DeflateParams) -> None:
        self._bits = max(9, params.client_window_bits)
        self._context_takeover = params.client_context_takeover
        self._inflater: Any = None  # typeshed does not export the classes of zlib

    def decompress(self, compressed: bytes, limit: int) -> bytes:
        """Return the message, of at most ``limit`` bytes.

        Raises:
            TooLarge: If the message is larger. Decompression stops at the limit.
            zlib.error: If the data is not valid deflate data.
        """
        message = b"".join(self._blocks(compressed + _TAIL, limit))
        if len(message) > limit:
            raise TooLarge
        return message

    def _blocks(self, data: bytes, limit: int) -> Iterator[bytes]:
        for _ in range(_MAX_FINAL_BLOCKS):
            inflater = self._inflater or zlib.decompressobj(-self._bits)
            # One byte beyond the limit: at exactly the limit zlib may stop before the end of the data.
            block = inflater.decompress(data, limit + 1)
            limit -= len(block)
            if limit < 0 or inflater.unconsumed_tail:
                raise TooLarge
            self._inflater = inflater if self._context_takeover and not inflater.eof else None
            yield block
            if not (data := inflater.unused_data):  # blocks may follow a final block (RFC 7692 section 7.2.3.4)
                return
        raise zlib.error("too many final blocks")
