"""RESP2, the protocol of Redis: commands to bytes, and bytes to replies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

__all__ = ["Argument", "Refusal", "Reply", "ReplyParser", "pack"]

Argument: TypeAlias = "bytes | str | int | float"
"""Part of a command."""
Reply: TypeAlias = "bytes | int | list[Reply] | Refusal | None"
"""Reply to a command. A refused command has a :class:`Refusal`; it is not raised."""

_STATUS: Final = ord("+")
_REFUSAL: Final = ord("-")
_INTEGER: Final = ord(":")
_BULK: Final = ord("$")
_ARRAY: Final = ord("*")


class Refusal(Exception):
    """Error reply of Redis. The command was not executed, or a script failed at a command of its own."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    @property
    def code(self) -> str:
        """First word of the text, such as ``MOVED``."""
        return self.text.partition(" ")[0]

    def has(self, *codes: str) -> bool:
        """Return True if the text has one of the codes. Redis 6 quotes the error of a script's command in its own."""
        return self.code in codes or any(f"-{code} " in self.text for code in codes)

    def __str__(self) -> str:
        return self.text


def pack(parts: Iterable[Argument]) -> bytes:
    """Return the bytes of a command."""
    chunks = [b""]
    count = 0
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
        chunks.append(b"$%d\r\n%b\r\n" % (len(data), data))
        count += 1
    chunks[0] = b"*%d\r\n" % count
    return b"".join(chunks)


class ReplyParser:
    """Incremental parser of replies."""

    def __init__(self) -> None:
        self._rest = b""
        self._open: list[tuple[list[Reply], int]] = []
        """Arrays that are not complete yet, with their lengths; the innermost is the last."""

    def feed(self, data: bytes) -> list[Reply]:
        """Parse received bytes and return the replies that are complete.

        Raises:
            ValueError: If the bytes are not RESP2.
        """
        data = self._rest + data if self._rest else data
        at = 0
        replies: list[Reply] = []
        while (end := data.find(b"\r\n", at)) >= 0:
            kind, line = data[at], data[at + 1 : end]
            at_next = end + 2
            reply: Reply
            if kind == _BULK:
                size = int(line)
                if size < 0:
                    reply = None
                else:
                    at_next += size + 2
                    if at_next > len(data):
                        break
                    reply = data[end + 2 : at_next - 2]
            elif kind == _INTEGER:
                reply = int(line)
            elif kind == _ARRAY:
                size = int(line)
                if size > 0:
                    self._open.append(([], size))
                    at = at_next
                    continue
                reply = [] if size == 0 else None
            elif kind == _STATUS:
                reply = line
            elif kind == _REFUSAL:
                reply = Refusal(line.decode("utf-8", "replace"))
            else:
                raise ValueError(f"expected a reply of Redis, got a line that begins with {data[at : at + 1]!r}")
            at = at_next
            while self._open:
                items, size = self._open[-1]
                items.append(reply)
                if len(items) < size:
                    break
                self._open.pop()
                reply = items
            else:
                replies.append(reply)
        self._rest = data[at:]
        return replies
