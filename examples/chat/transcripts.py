"""What was said in each room, oldest first; kept in files, so that a restart keeps it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path

import msgspec

from generated.chat import Said

__all__ = ["KEPT", "Transcripts"]

KEPT = 2_000


class Transcripts:
    """The last lines of every room, of which one process writes the files.

    Args:
        folder: Of the files, one for each room, with a line of JSON for each line said; made when it is needed.

    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rooms: dict[str, deque[Said]] = {}
        self._added: Counter[str] = Counter()

    def add(self, room: str, line: Said) -> None:
        """Keep ``line``; the oldest line of the room makes place for it."""
        lines = self._lines(room)
        lines.append(line)
        if self._added[room] % KEPT:
            with self._file(room).open("ab") as file:
                file.write(_json(line))
        else:  # so that no file grows beyond twice of what is kept, and what a crash broke off is gone
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = self._file(room).with_suffix(".new")
            fresh.write_bytes(b"".join(map(_json, lines)))
            fresh.replace(self._file(room))
        self._added[room] += 1

    def latest(self, room: str, limit: int) -> tuple[list[Said], bool]:
        """Return the last ``limit`` lines of ``room``, and whether there are older ones."""
        lines = list(self._lines(room))
        return lines[-limit:], len(lines) > limit

    def text(self, room: str) -> str:
        """Return the transcript of ``room`` as plain text, a line each."""
        return "".join(f"{line.at}  {line.nick}: {line.text}\n" for line in self._lines(room))

    def count(self, room: str) -> int:
        """Return how many lines of ``room`` are kept."""
        return len(self._lines(room))

    def _lines(self, room: str) -> deque[Said]:
        if room not in self._rooms:
            self._rooms[room] = deque(_read(self._file(room)), maxlen=KEPT)
        return self._rooms[room]

    def _file(self, room: str) -> Path:
        return self._folder / f"{room}.jsonl"


def _json(line: Said) -> bytes:
    return msgspec.json.encode(line) + b"\n"


def _read(file: Path) -> Iterator[Said]:
    """Yield the lines of a file, but for those that a crash broke off or another version of the schema refuses."""
    for text in file.read_bytes().splitlines() if file.exists() else ():
        try:
            yield msgspec.json.decode(text, type=Said)
        except msgspec.MsgspecError:
            continue
