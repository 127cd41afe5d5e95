"""What each peer's protocol looks like on the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .link import Link, LinkError

__all__ = ["CHANX", "PLAIN", "SOCKET_IO", "Wire"]

SIZE = 80
"""Bytes of the message as we write it; what other protocols put around it is theirs."""


def _line(number: int, size: int = SIZE) -> dict[str, Any]:
    line = {"id": 100000 + number, "user": "ann", "text": ""}
    around = len(_compact({"type": "echo", "data": line}))
    return {**line, "text": ("typed messages " * (size // 15 + 1))[: size - around]}


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


@dataclass(frozen=True, kw_only=True)
class Wire:
    """Messages in the form of our own protocol, which a plain JSON server speaks as well."""

    query: str = ""

    def greet(self, link: Link) -> None:
        """Do what comes before the first message."""

    def message(self, name: str, number: int, size: int = SIZE) -> str:
        """Return a message; ``number`` tells it from others of the same length."""
        return _compact({"type": name, "data": _line(number, size)})

    def same(self, sent: str, got: str) -> bool:
        """Return whether ``got`` carries what was ``sent``."""
        return bool(json.loads(sent) == json.loads(got))

    def ping(self, text: bytes) -> str | None:
        """Return the answer to ``text`` if it is a ping of the protocol."""
        return None


@dataclass(frozen=True, kw_only=True)
class _SocketIo(Wire):
    query: str = "/socket.io/?EIO=4&transport=websocket"

    def greet(self, link: Link) -> None:
        if not (hello := link.text()).startswith("0{"):
            raise LinkError(f"expected the handshake of Engine.IO, got {hello!r}")
        link.send("40")
        if not (welcome := link.text()).startswith("40"):
            raise LinkError(f"expected the handshake of Socket.IO, got {welcome!r}")

    def message(self, name: str, number: int, size: int = SIZE) -> str:
        return "42" + _compact([name, _line(number, size)])

    def same(self, sent: str, got: str) -> bool:
        return bool(got[:2] == "42" and json.loads(sent[2:]) == json.loads(got[2:]))

    def ping(self, text: bytes) -> str | None:
        return "3" if text == b"2" else None


@dataclass(frozen=True, kw_only=True)
class _Chanx(Wire):
    def message(self, name: str, number: int, size: int = SIZE) -> str:
        return _compact({"action": name, "payload": _line(number, size)})


PLAIN = Wire()
SOCKET_IO = _SocketIo()
CHANX = _Chanx()
