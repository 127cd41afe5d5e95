"""A connection, and the answer that has to come each time: the same bytes."""

from __future__ import annotations

from .frames import CLOSE, PING, PONG, TEXT, client_frame, split
from .link import Link, LinkError
from .wires import Wire

__all__ = ["Expected"]


class Expected:
    """Counts answers, and looks at every byte of them."""

    def __init__(self, link: Link, wire: Wire, message: str, most: int) -> None:
        """Read the first answer.

        Args:
            link: A connection on which ``message`` was sent, or will be brought to.
            wire: Its protocol.
            message: What has to come back.
            most: Answers that may arrive together.
        """
        self.answer = link.text().encode()
        if not wire.same(message, self.answer.decode()):
            raise LinkError(f"expected {message!r}, got {self.answer!r}")
        self.link, self.wire = link, wire
        self.receive, self.send = link.socket.recv, link.socket.send
        # With a context that is taken over each frame is another; then none is equal and each is unpacked.
        steady = not link.raw[0] & 0x40 or "server_no_context_takeover" in link.answer
        self.size = len(link.raw)
        self.answers = [link.raw * count if steady else b"" for count in range(most + 1)]
        self.rest = b""

    def arrived(self) -> int:
        """Read, and return how many answers that completes."""
        data = self.receive(1 << 18)
        count = len(data) // self.size
        if not self.rest and count < len(self.answers) and data == self.answers[count]:
            return count
        if not data:
            raise LinkError("expected an answer, got the end of the connection")
        frames, self.rest = split(self.rest + data)
        return sum(map(self._is_answer, frames))

    def _is_answer(self, frame: bytes) -> bool:
        opcode, payload = frame[0] & 15, self.link.payload(frame)
        if opcode == TEXT and payload == self.answer:
            return True
        if opcode == PING:
            self.send(client_frame(payload, PONG))
        elif opcode == CLOSE:
            raise LinkError(f"expected an answer, got close {int.from_bytes(payload[:2], 'big')} {payload[2:]!r}")
        elif opcode == TEXT and (pong := self.wire.ping(payload)) is not None:
            self.send(client_frame(pong.encode()))
        else:
            raise LinkError(f"expected {self.answer[:100]!r}, got {payload[:100]!r}")
        return False
