"""What all connections of one event loop share: the end of the turn, at which they write, and one timer."""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Callable
from typing import Final, Protocol

from ..heartbeat import Heart

__all__ = ["Turn", "Writer"]


class Writer(Protocol):
    """A connection with something to write."""

    def flush(self) -> None:
        """Write it."""
        ...


class Turn:
    """The turn of the event loop that is going on."""

    def __init__(self) -> None:
        self._writers: list[Writer] = []
        self.heart = Heart(time.monotonic, _later)
        """The one timer of all connections."""

    @classmethod
    def current(cls) -> Turn:
        """Return that of the running loop."""
        loop = asyncio.get_running_loop()
        turn = _turns.get(loop)
        if turn is None:
            turn = _turns[loop] = cls()
        return turn

    def add(self, writer: Writer) -> None:
        """Let ``writer`` write when this turn ends; one callback serves all."""
        writers = self._writers
        writers.append(writer)
        if len(writers) == 1:
            asyncio.get_running_loop().call_soon(self._end)

    def _end(self) -> None:
        writers, self._writers = self._writers, []
        for writer in writers:
            writer.flush()


def _later(delay: float, call: Callable[[], None]) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(delay, call)


# A turn must not refer to its loop, or neither would ever be freed.
_turns: Final[weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Turn]] = weakref.WeakKeyDictionary()
