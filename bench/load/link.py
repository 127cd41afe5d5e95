"""One connection of a client to a server that is measured."""

from __future__ import annotations

import contextlib
import socket
import zlib
from collections import deque

from .frames import CLOSE, PING, PONG, TEXT, client_frame, payload, split

__all__ = ["Link", "LinkError"]

HOST = "127.0.0.1"
PATIENCE = 20.0
"""Seconds after which a server that says nothing is taken for dead."""
CLOSING = 3.0
"""Seconds in which a close frame has to come, once it should."""
UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{extra}\r\n"
)


class LinkError(Exception):
    """A server did something else than was asked for."""


class Link:
    """A WebSocket whose handshake is done; it blocks until `free` is called."""

    def __init__(self, port: int, path: str, *, headers: str = "", receive_buffer: int | None = None) -> None:
        """Connect.

        Args:
            port: Where the server listens on the loopback interface.
            path: What to ask for, with query.
            headers: More lines of the request, each with its CRLF.
            receive_buffer: Bytes that the kernel keeps for us; a small one shows sooner that we do not read.
        """
        self.socket = socket.socket()
        self.rest = b""
        """What has been received and is not a whole frame yet."""
        self.raw = b""
        """The last frame that `text` read, as it came."""
        self._frames: deque[bytes] = deque()
        self._inflate: zlib._Decompress | None = None
        try:
            self.answer = self._connect(port, path, headers, receive_buffer)
            """The head of the answer to the handshake."""
        except BaseException:
            self.close()
            raise

    def _connect(self, port: int, path: str, headers: str, receive_buffer: int | None) -> str:
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE)
        self.socket.connect((HOST, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(UPGRADE.format(path=path, host=HOST, port=port, extra=headers).encode())
        return self._answer()

    def _answer(self) -> str:
        while b"\r\n\r\n" not in self.rest:
            self._more()
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise LinkError(f"expected the upgrade, got {head[:200]!r}")
        return head.decode()

    def _more(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise LinkError("expected a frame, got the end of the connection")
        self.rest += data

    def send(self, text: str) -> None:
        """Send a text frame."""
        self.socket.sendall(client_frame(text.encode()))

    def frame(self) -> bytes:
        """Return the next frame that is no ping."""
        while True:
            while not self._frames:
                frames, self.rest = split(self.rest)
                self._frames.extend(frames)
                if not frames:
                    self._more()
            frame = self._frames.popleft()
            if frame[0] & 15 != PING:
                return frame
            self.socket.sendall(client_frame(payload(frame), PONG))

    def payload(self, frame: bytes) -> bytes:
        """Return what a frame carries, unpacked; to be called once for each in the order in which they came."""
        if not frame[0] & 0x40:
            return payload(frame)
        if self._inflate is None or "server_no_context_takeover" in self.answer:
            self._inflate = zlib.decompressobj(-15)
        return self._inflate.decompress(payload(frame) + b"\x00\x00\xff\xff")

    def text(self) -> str:
        """Return the next text message."""
        self.raw = self.frame()
        content = self.payload(self.raw)
        if self.raw[0] & 15 == CLOSE:
            raise LinkError(f"expected a text, got close {int.from_bytes(content[:2], 'big')} {content[2:]!r}")
        if self.raw[0] & 15 != TEXT:
            raise LinkError(f"expected a text, got a frame of opcode {self.raw[0] & 15}")
        return content.decode()

    def close_code(self) -> int | None:
        """Read until the connection ends; return the close code, None if there was none."""
        try:
            self.socket.settimeout(CLOSING)
            while (frame := self.frame())[0] & 15 != CLOSE:
                pass
        except (LinkError, OSError):
            return None
        return int.from_bytes(payload(frame)[:2], "big") or None

    def free(self) -> int:
        """Stop blocking; return the descriptor."""
        self.socket.setblocking(False)
        return self.socket.fileno()

    def close(self) -> None:
        """Drop the connection."""
        with contextlib.suppress(OSError):
            self.socket.close()
