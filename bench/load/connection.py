"""Client connection to a server under measurement."""

from __future__ import annotations

import contextlib
import socket
import zlib
from collections import deque

from .frames import CLOSE, PING, PONG, TEXT, client_frame, frame_payload, split_frames

__all__ = ["ClientConnection", "LoadError"]

HOST = "127.0.0.1"
TIMEOUT = 20.0
"""Maximum time without a frame from the server, in seconds."""
CLOSE_TIMEOUT = 3.0
"""Maximum time to wait for a close frame, in seconds."""
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{extra}\r\n"
)


class LoadError(Exception):
    """Raised if a server does not respond as expected."""


class ClientConnection:
    """WebSocket connection after its handshake. It blocks until `set_nonblocking` is called."""

    def __init__(self, port: int, path: str, *, headers: str = "", receive_buffer: int | None = None) -> None:
        """Connect.

        Args:
            port: Port of the server on the loopback interface.
            path: Path with query.
            headers: Additional header lines of the request, each with its CRLF.
            receive_buffer: Size of the kernel's receive buffer, in bytes. If it is small, the server detects a stopped
                reader sooner.
        """
        self.socket = socket.socket()
        self.path = path
        """Path with query."""
        self.rest = b""
        """Received bytes of an incomplete frame."""
        self.last_frame = b""
        """Last frame that `text` read, without decompression."""
        self._frames: deque[bytes] = deque()
        self._inflate: zlib._Decompress | None = None
        try:
            self.response = self._connect(port, path, headers, receive_buffer)
            """Status line and headers of the response to the handshake."""
        except BaseException:
            self.close()
            raise

    def _connect(self, port: int, path: str, headers: str, receive_buffer: int | None) -> str:
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect((HOST, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(HANDSHAKE.format(path=path, host=HOST, port=port, extra=headers).encode())
        return self._read_response()

    def _read_response(self) -> str:
        while b"\r\n\r\n" not in self.rest:
            self._receive()
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise LoadError(f"expected the upgrade, got {head[:200]!r}")
        return head.decode()

    def _receive(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise LoadError("expected a frame, got the end of the connection")
        self.rest += data

    def send(self, text: str) -> None:
        """Send a text frame."""
        self.socket.sendall(client_frame(text.encode()))

    def frame(self) -> bytes:
        """Return the next frame, and answer pings before it."""
        while True:
            while not self._frames:
                frames, self.rest = split_frames(self.rest)
                self._frames.extend(frames)
                if not frames:
                    self._receive()
            frame = self._frames.popleft()
            if frame[0] & 15 != PING:
                return frame
            self.socket.sendall(client_frame(frame_payload(frame), PONG))

    def payload(self, frame: bytes) -> bytes:
        """Return the decompressed payload of a frame. Call it once for each frame, in the order of arrival."""
        if not frame[0] & 0x40:
            return frame_payload(frame)
        if self._inflate is None or "server_no_context_takeover" in self.response:
            self._inflate = zlib.decompressobj(-15)
        return self._inflate.decompress(frame_payload(frame) + b"\x00\x00\xff\xff")

    def text(self) -> str:
        """Return the next text message."""
        self.last_frame = self.frame()
        content = self.payload(self.last_frame)
        if self.last_frame[0] & 15 == CLOSE:
            raise LoadError(f"expected a text, got close {int.from_bytes(content[:2], 'big')} {content[2:]!r}")
        if self.last_frame[0] & 15 != TEXT:
            raise LoadError(f"expected a text, got a frame of opcode {self.last_frame[0] & 15}")
        return content.decode()

    def close_code(self) -> int | None:
        """Read until the connection ends, and return the close code; None without a close frame."""
        try:
            self.socket.settimeout(CLOSE_TIMEOUT)
            while (frame := self.frame())[0] & 15 != CLOSE:
                pass
        except (LoadError, OSError):
            return None
        return int.from_bytes(frame_payload(frame)[:2], "big") or None

    def set_nonblocking(self) -> int:
        """Set the socket to non-blocking mode, and return its descriptor."""
        self.socket.setblocking(False)
        return self.socket.fileno()

    def close(self) -> None:
        """Close the TCP connection without a close frame."""
        with contextlib.suppress(OSError):
            self.socket.close()
