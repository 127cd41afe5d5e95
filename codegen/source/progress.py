"""Line on a terminal with the work that takes long."""

from __future__ import annotations

import shutil
from threading import Event, Thread
from types import TracebackType
from typing import TextIO

__all__ = ["Progress"]

INTERVAL = 1.0
"""Seconds until the line appears, and between its changes."""
ERASE = "\r\x1b[K"
"""Return to the start of the line, and erase it (ECMA-48)."""


class Progress:
    """Context manager that shows the latest :attr:`text` each second, and erases it at the end.

    Args:
        stream: Stream of messages; nothing is written unless it is a terminal.
        interval: Seconds between two changes.
    """

    def __init__(self, stream: TextIO, *, interval: float = INTERVAL) -> None:
        self.text = ""
        self._stream = stream
        self._interval = interval
        self._end = Event()
        self._thread = Thread(target=self._show, daemon=True)

    def set(self, text: str) -> None:
        """Set the text."""
        self.text = text

    def __enter__(self) -> Progress:
        if self._stream.isatty():
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end.set()
        if self._thread.is_alive():
            self._thread.join()

    def _show(self) -> None:
        is_shown = False
        while not self._end.wait(self._interval):
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(f"{ERASE}{self.text[:width]}")
            self._stream.flush()
            is_shown = True
        if is_shown:
            self._stream.write(ERASE)
            self._stream.flush()
