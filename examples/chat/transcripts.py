"""Transcripts of rooms, stored in files."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from generated.chat import Said

__all__ = ["MAX_LINES", "Transcripts"]

MAX_LINES = 2_000
"""Maximum number of lines per room."""


class Transcripts:
    """Most recent lines of each room. Only one process may write the files.

    Args:
        folder: Folder with one file per room and one JSON text per line. It is created when the first line is added.

    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rooms: dict[str, deque[Said]] = {}
        self._added: Counter[str] = Counter()

    def add(self, room: str, nick: str, text: str) -> Said:
        """Append a line to a room and return it; discard the oldest line beyond :data:`MAX_LINES`."""
        lines = self._lines(room)
        at = datetime.now(UTC)
        if lines:  # the clock may have been set back
            at = max(at, datetime.fromisoformat(lines[-1].at) + timedelta(microseconds=1))
        line = Said(nick=nick, text=text, at=at.isoformat(timespec="microseconds"))
        lines.append(line)
        if self._added[room] % MAX_LINES:
            with self._file(room).open("ab") as file:
                file.write(_json(line))
        else:  # rewrite, to bound the file at twice the lines and to remove a line that a crash truncated
            self._folder.mkdir(parents=True, exist_ok=True)
            rewritten = self._file(room).with_suffix(".new")
            rewritten.write_bytes(b"".join(map(_json, lines)))
            rewritten.replace(self._file(room))
        self._added[room] += 1
        return line

    def latest(self, room: str, limit: int) -> tuple[list[Said], bool]:
        """Return the last lines of a room, at most ``limit``, and True if older lines exist."""
        lines = list(self._lines(room))
        return lines[-limit:], len(lines) > limit

    def last(self, room: str) -> Said | None:
        """Return the last line of a room."""
        lines = self._lines(room)
        return lines[-1] if lines else None

    def containing(self, room: str, text: str, *, before: str | None = None) -> Iterator[Said]:
        """Yield the lines of a room that contain a text in any case, the newest first.

        Args:
            room: Name of the room.
            text: Part of the lines.
            before: Time of a line, to yield only older ones.
        """
        part = text.casefold()
        for line in reversed(tuple(self._lines(room))):
            if part in line.text.casefold() and (before is None or line.at < before):
                yield line

    def text(self, room: str) -> str:
        """Return the transcript of a room as plain text."""
        return "".join(f"{line.at}  {line.nick}: {line.text}\n" for line in self._lines(room))

    def count(self, room: str) -> int:
        """Return the number of lines of a room."""
        return len(self._lines(room))

    def _lines(self, room: str) -> deque[Said]:
        if room not in self._rooms:
            self._rooms[room] = deque(_read(self._file(room)), maxlen=MAX_LINES)
        return self._rooms[room]

    def _file(self, room: str) -> Path:
        return self._folder / f"{room}.jsonl"


def _json(line: Said) -> bytes:
    return msgspec.json.encode(line) + b"\n"


def _read(file: Path) -> Iterator[Said]:
    """Yield the lines of a file, without those that a crash truncated or that do not match the schema."""
    for text in file.read_bytes().splitlines() if file.exists() else ():
        try:
            yield msgspec.json.decode(text, type=Said)
        except msgspec.MsgspecError:
            continue
