"""Message formats of the compared servers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .connection import ClientConnection, LoadError

__all__ = ["CHANNELS", "CHANX", "PLAIN", "SOCKET_IO", "ChannelProtocol", "MessageProtocol"]

SIZE = 80
"""Size of a message in our own protocol, in bytes. Other protocols add their own envelope."""


def _payload(number: int, size: int = SIZE) -> dict[str, Any]:
    payload = {"id": 100000 + number, "user": "ann", "text": ""}
    overhead = len(_compact({"type": "echo", "data": payload}))
    return {**payload, "text": ("typed messages " * (size // 15 + 1))[: size - overhead]}


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


@dataclass(frozen=True, kw_only=True)
class MessageProtocol:
    """Protocol of tornado-ws, which plain JSON servers use as well."""

    path: str = ""
    """Path and query that the protocol requires; empty if the server chooses them."""

    def handshake(self, connection: ClientConnection) -> None:
        """Exchange the frames that precede the first message."""

    def message(self, name: str, number: int, size: int = SIZE) -> str:
        """Return a message; messages of one size differ by ``number``."""
        return _compact({"type": name, "data": _payload(number, size)})

    def is_same(self, sent: str, received: str) -> bool:
        """Return True if a received message has the content of a sent one."""
        return bool(json.loads(sent) == json.loads(received))

    def content(self, text: bytes) -> bytes:
        """Return the part of a received message that does not depend on its number."""
        return text

    def pong(self, text: bytes) -> str | None:
        """Return the answer to a ping of the protocol; None if ``text`` is not a ping."""
        return None


@dataclass(frozen=True, kw_only=True)
class ChannelProtocol(MessageProtocol):
    """Protocol of clients that offer ``tornado-ws.1``. A kept message has a channel, a number and a mark."""

    headers: str = "Sec-WebSocket-Protocol: tornado-ws.1\r\n"
    """Header of the handshake."""

    def joined(self, connection: ClientConnection) -> dict[str, Any]:
        """Return the data of ``$joined``, which follows ``$hello``."""
        connection.text()
        data: dict[str, Any] = json.loads(connection.text())["data"]
        return data

    def handshake(self, connection: ClientConnection) -> None:
        """Read ``$hello`` and, if the endpoint keeps messages, ``$joined``."""
        connection.text()
        if connection.path == "/archive":
            connection.text()

    def is_same(self, sent: str, received: str) -> bool:
        """Return True if a received message has the content of a sent one."""
        return super().is_same(sent, self.content(received.encode()).decode())

    def content(self, text: bytes) -> bytes:
        """Return a message without channel, number and mark."""
        return b"{" + text[text.index(b'"type"') :]


@dataclass(frozen=True, kw_only=True)
class _SocketIo(MessageProtocol):
    path: str = "/socket.io/?EIO=4&transport=websocket"

    def handshake(self, connection: ClientConnection) -> None:
        if not (opened := connection.text()).startswith("0{"):
            raise LoadError(f"expected the handshake of Engine.IO, got {opened!r}")
        connection.send("40")
        if not (connected := connection.text()).startswith("40"):
            raise LoadError(f"expected the handshake of Socket.IO, got {connected!r}")

    def message(self, name: str, number: int, size: int = SIZE) -> str:
        return "42" + _compact([name, _payload(number, size)])

    def is_same(self, sent: str, received: str) -> bool:
        return bool(received[:2] == "42" and json.loads(sent[2:]) == json.loads(received[2:]))

    def pong(self, text: bytes) -> str | None:
        return "3" if text == b"2" else None


@dataclass(frozen=True, kw_only=True)
class _Chanx(MessageProtocol):
    def message(self, name: str, number: int, size: int = SIZE) -> str:
        return _compact({"action": name, "payload": _payload(number, size)})


PLAIN = MessageProtocol()
CHANNELS = ChannelProtocol()
SOCKET_IO = _SocketIo()
CHANX = _Chanx()
