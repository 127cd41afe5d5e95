"""What was said in each room, oldest first; kept in memory."""

from __future__ import annotations

from collections import defaultdict, deque

from generated.chat import Said

__all__ = ["Transcripts"]

KEPT = 2_000


class Transcripts:
    """The last lines of every room."""

    def __init__(self) -> None:
        self._lines: defaultdict[str, deque[Said]] = defaultdict(lambda: deque(maxlen=KEPT))

    def add(self, room: str, line: Said) -> None:
        """Keep ``line``; the oldest line of the room makes place for it."""
        self._lines[room].append(line)

    def latest(self, room: str, limit: int) -> tuple[list[Said], bool]:
        """Return the last ``limit`` lines of ``room``, and whether there are older ones."""
        lines = list(self._lines[room])
        return lines[-limit:], len(lines) > limit

    def text(self, room: str) -> str:
        """Return the transcript of ``room`` as plain text, a line each."""
        return "".join(f"{line.at}  {line.nick}: {line.text}\n" for line in self._lines[room])

    def count(self, room: str) -> int:
        """Return how many lines of ``room`` are kept."""
        return len(self._lines[room])
