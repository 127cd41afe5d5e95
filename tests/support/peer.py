"""Client that sends raw frames, valid or not, over a real socket."""

from __future__ import annotations

import asyncio
import ssl
import struct
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


@dataclass(frozen=True)
class Received:
    """Frame of the server."""

    opcode: int
    payload: bytes
    compressed: bool = False

    @property
    def code(self) -> int | None:
        """Code of a close frame."""
        return struct.unpack("!H", self.payload[:2])[0] if self.payload else None


def masked(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    rsv: int = 0,
    mask: bool = True,
    key: bytes = b"\x37\xfa\x21\x3d",
) -> bytes:
    """Return a frame of a client; ``rsv`` is 4, 2 or 1 for RSV1, RSV2 or RSV3."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    mask_bit = 0x80 if mask else 0
    size = len(payload)
    if size < 126:
        header = struct.pack("!BB", first, mask_bit | size)
    elif size < 65536:
        header = struct.pack("!BBH", first, mask_bit | 126, size)
    else:
        header = struct.pack("!BBQ", first, mask_bit | 127, size)
    if not mask:
        return header + payload
    return header + key + xor(payload, key)


def xor(payload: bytes, key: bytes) -> bytes:
    repeated = int.from_bytes((key * (len(payload) // 4 + 1))[: len(payload)], "big")
    return (int.from_bytes(payload, "big") ^ repeated).to_bytes(len(payload), "big")


def masked_close(code: int | None = None, reason: bytes = b"") -> bytes:
    """Return a close frame of a client."""
    return masked(CLOSE, b"" if code is None else struct.pack("!H", code) + reason)


def handshake_request(port: int, path: str = "/", headers: str = "") -> bytes:
    """Return the request of an opening handshake."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n"
    ).encode()


class Peer:
    """Client that reads only on request. Its receive buffer is small, so that the server is blocked soon."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.response = ""
        """Headers of the response to the handshake."""

    @classmethod
    async def connect(
        cls, port: int, *, path: str = "/", headers: str = "", early: bytes = b"", tls: ssl.SSLContext | None = None
    ) -> Self:
        """Connect and complete the handshake; ``early`` is sent together with the request."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls, limit=8192)
        self = cls(reader, writer)
        writer.write(handshake_request(port, path, headers) + early)
        self.response = (await reader.readuntil(b"\r\n\r\n")).decode()
        return self

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def text(self, payload: str) -> None:
        await self.send(masked(TEXT, payload.encode()))

    async def receive(self) -> Received:
        async with asyncio.timeout(10):
            first, second = await self.reader.readexactly(2)
            assert not second & 0x80, "frame of a server is masked"
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
            return Received(first & 0x0F, await self.reader.readexactly(size), bool(first & 0x40))

    async def receive_text(self) -> str:
        received = await self.receive()
        assert received.opcode == TEXT, received
        return received.payload.decode()

    async def receive_close_frame(self) -> int | None:
        """Skip messages up to the close frame and return its code."""
        while (received := await self.receive()).opcode != CLOSE:
            pass
        return received.code

    async def receive_close(self) -> int | None:
        """Skip messages up to the close frame and return its code; check that only the end of the stream follows."""
        code = await self.receive_close_frame()
        async with asyncio.timeout(10):
            assert await self.reader.read() == b""
        return code

    def abort(self) -> None:
        """Reset the connection."""
        self.writer.transport.abort()

    async def close(self) -> None:
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, type_: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
