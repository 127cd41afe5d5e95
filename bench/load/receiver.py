"""Receiver that expects the same message repeatedly."""

from __future__ import annotations

from .connection import ClientConnection, LoadError
from .frames import CLOSE, PING, PONG, TEXT, client_frame, split_frames
from .protocols import MessageProtocol

__all__ = ["Receiver"]


class Receiver:
    """Counter of received messages that compares every byte."""

    def __init__(
        self, connection: ClientConnection, protocol: MessageProtocol, message: str, max_messages: int
    ) -> None:
        """Read the first message.

        Args:
            connection: Connection that receives ``message``.
            protocol: Protocol of the server.
            message: Message to expect.
            max_messages: Maximum number of messages that may arrive together.
        """
        self.expected = protocol.content(connection.text().encode())
        if not protocol.is_same(message, self.expected.decode()):
            raise LoadError(f"expected {message!r}, got {self.expected!r}")
        self.connection, self.protocol = connection, protocol
        self.recv, self.send = connection.socket.recv, connection.socket.send
        frame = connection.last_frame
        # With context takeover, every compressed frame differs, so each is decompressed.
        constant = not frame[0] & 0x40 or "server_no_context_takeover" in connection.response
        self.frame_size = len(frame)
        self.expected_data = [frame * count if constant else b"" for count in range(max_messages + 1)]
        self.rest = b""

    def receive(self) -> int:
        """Read, and return the number of messages that are complete."""
        data = self.recv(1 << 18)
        count = len(data) // self.frame_size
        if not self.rest and count < len(self.expected_data) and data == self.expected_data[count]:
            return count
        if not data:
            raise LoadError("expected a message, got the end of the connection")
        frames, self.rest = split_frames(self.rest + data)
        return sum(map(self._is_expected, frames))

    def _is_expected(self, frame: bytes) -> bool:
        opcode, payload = frame[0] & 15, self.connection.payload(frame)
        if opcode == TEXT and self.protocol.content(payload) == self.expected:
            return True
        if opcode == PING:
            self.send(client_frame(payload, PONG))
        elif opcode == CLOSE:
            raise LoadError(f"expected a message, got close {int.from_bytes(payload[:2], 'big')} {payload[2:]!r}")
        elif opcode == TEXT and (pong := self.protocol.pong(payload)) is not None:
            self.send(client_frame(pong.encode()))
        else:
            raise LoadError(f"expected {self.expected[:100]!r}, got {payload[:100]!r}")
        return False
