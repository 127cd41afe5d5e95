"""permessage-deflate (RFC 7692): what is agreed, and how one message is packed and unpacked."""

from __future__ import annotations

import dataclasses
import threading
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["COMPRESS_FROM", "DeflateParams", "Decompressor", "TooLarge", "compress", "negotiate"]

COMPRESS_FROM: Final = 256
"""Bytes from which a message is worth compressing; RFC 7692 leaves it to the sender, message by message."""

_TAIL: Final = b"\x00\x00\xff\xff"
_DEFAULT_BITS: Final = 12
_DEFAULT_LEVEL: Final = 6
_DEFAULT_MEMORY: Final = 5
_OFFERS: Final = 16
_FINAL_BLOCKS: Final = 16
_FLAGS: Final = ("server_no_context_takeover", "client_no_context_takeover")
_BITS: Final = ("server_max_window_bits", "client_max_window_bits")


class TooLarge(Exception):
    """A message is larger than allowed once it is unpacked; nothing of it was kept."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class DeflateParams:
    """What client and server agreed upon in the handshake.

    The server never takes its context over: a frame then depends on nothing that was sent before, so that one
    compressed frame serves every client of a broadcast, a waiting one may be dropped, and an idle connection holds
    no compressor.
    """

    server_bits: int
    """Our window is ``2**server_bits`` bytes."""
    client_bits: int
    """The client's window is at most ``2**client_bits`` bytes."""
    client_takeover: bool
    """Whether the client's messages may refer to earlier ones."""
    answer: str
    """Value of the header that tells the client."""
    level: int
    memory: int


def negotiate(offers: str, options: Mapping[str, Any]) -> DeflateParams | None:
    """Accept the first offer of ``Sec-WebSocket-Extensions`` that can be kept; None declines them all.

    Args:
        offers: The header's value.
        options: ``compression_level`` (6), ``mem_level`` (5) as in Tornado's `get_compression_options`, and
            ``window_bits`` (12), the largest window of either side in bits.
    """
    most = int(options.get("window_bits", _DEFAULT_BITS))
    for offer in offers.split(",")[:_OFFERS]:
        name, *params = (part.strip() for part in offer.split(";"))
        if name != "permessage-deflate":
            continue
        wanted = _parameters(params)
        if wanted is None:
            continue
        server_bits = min(most, wanted.get("server_max_window_bits") or 15)
        answer = ["permessage-deflate", "server_no_context_takeover"]
        if server_bits < 15:
            answer.append(f"server_max_window_bits={server_bits}")
        client_bits = 15
        if "client_max_window_bits" in wanted:
            client_bits = min(most, wanted["client_max_window_bits"] or 15)
            answer.append(f"client_max_window_bits={client_bits}")
        client_takeover = "client_no_context_takeover" not in wanted
        if not client_takeover:
            answer.append("client_no_context_takeover")
        return DeflateParams(
            server_bits=server_bits,
            client_bits=client_bits,
            client_takeover=client_takeover,
            answer="; ".join(answer),
            level=int(options.get("compression_level", _DEFAULT_LEVEL)),
            memory=int(options.get("mem_level", _DEFAULT_MEMORY)),
        )
    return None


def _parameters(params: list[str]) -> dict[str, int] | None:
    """Read an offer's parameters, 0 for one without a value; None if the offer is malformed or cannot be kept."""
    read: dict[str, int] = {}
    for param in params:
        name, equals, value = (part.strip() for part in param.partition("="))
        if name in read:
            return None
        if (name in _FLAGS and not equals) or (name == "client_max_window_bits" and not equals):
            read[name] = 0
        elif name in _BITS and (bits := _window_bits(value)) and (bits > 8 or name == "client_max_window_bits"):
            read[name] = bits  # zlib cannot write raw deflate with a window of 256 bytes, but reads it
        else:
            return None
    return read


def _window_bits(value: str) -> int:
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    return int(value) if value in {"8", "9", "10", "11", "12", "13", "14", "15"} else 0


class _Compressors(threading.local):
    """The compressors of one thread, shared by all of its connections."""

    def __init__(self) -> None:
        self.made: dict[tuple[int, int, int], Any] = {}  # typeshed does not export zlib's classes

    def get(self, bits: int, level: int, memory: int) -> Any:
        key = (bits, level, memory)
        compressor = self.made.get(key)
        if compressor is None:
            compressor = self.made[key] = zlib.compressobj(level, zlib.DEFLATED, -bits, memory)
        return compressor


_compressors = _Compressors()


def compress(payload: bytes, bits: int, level: int, memory: int) -> bytes:
    """Return ``payload`` (not empty) as the payload of a compressed message that refers to no other.

    A full flush makes zlib forget what it has seen, which is what a new compressor would be made for.
    """
    compressor = _compressors.get(bits, level, memory)
    packed: bytes = compressor.compress(payload) + compressor.flush(zlib.Z_FULL_FLUSH)
    return packed[: -len(_TAIL)]


class Decompressor:
    """Unpacks the messages of one client."""

    __slots__ = ("_bits", "_kept", "_takeover")

    def __init__(self, agreement: DeflateParams) -> None:
        self._bits = max(9, agreement.client_bits)
        self._takeover = agreement.client_takeover
        self._kept: Any = None  # typeshed does not export zlib's classes

    def inflate(self, packed: bytes, limit: int) -> bytes:
        """Return the message, of at most ``limit`` bytes.

        Raises:
            TooLarge: it is larger; no more than the limit was unpacked.
            zlib.error: it is not deflate.
        """
        unpacked = b"".join(self._blocks(packed + _TAIL, limit))
        if len(unpacked) > limit:
            raise TooLarge
        return unpacked

    def _blocks(self, rest: bytes, limit: int) -> Iterator[bytes]:
        for _ in range(_FINAL_BLOCKS):
            inflater = self._kept or zlib.decompressobj(-self._bits)
            # One byte more than allowed: with exactly the limit zlib can stop before it has seen the end.
            block = inflater.decompress(rest, limit + 1)
            limit -= len(block)
            if limit < 0 or inflater.unconsumed_tail:
                raise TooLarge
            self._kept = inflater if self._takeover and not inflater.eof else None
            yield block
            if not (rest := inflater.unused_data):  # a final block may be followed by more (RFC 7692, 7.2.3.4)
                return
        raise zlib.error("too many final blocks")
