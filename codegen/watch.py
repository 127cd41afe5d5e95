"""Watcher for schema files. It polls, because network drives and containers may send no file system events."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from .source.load import META_SCHEMA, SUFFIXES

__all__ = ["snapshot", "watch"]

INTERVAL = 0.3
"""Polling interval, in seconds. Changes are reported after a poll without further ones, so "save all" counts once."""


def watch(
    folder: Path,
    on_change: Callable[[], None],
    *,
    pause: Callable[[], None] = lambda: time.sleep(INTERVAL),
) -> None:
    """Call ``on_change`` now and after each change of the schemas in ``folder``, until ``pause`` raises.

    Args:
        folder: Schemas folder.
        on_change: Callback; called once for changes at the same time.
        pause: Function that waits between two polls.
    """
    reported = previous = snapshot(folder)  # before the call, so that a change during it is not missed
    on_change()
    while True:
        pause()
        now = snapshot(folder)
        if now == previous and now != reported:
            reported = now
            on_change()
        previous = now


def snapshot(folder: Path) -> Mapping[Path, tuple[int, int]]:
    """Return the time of modification, in nanoseconds, and the size, in bytes, of each schema file in ``folder``."""
    found: dict[Path, tuple[int, int]] = {}
    for path in folder.rglob("*"):
        if path.suffix in SUFFIXES and path.name != META_SCHEMA:
            try:
                status = path.stat()
            except OSError:  # deleted since the listing
                continue
            found[path] = status.st_mtime_ns, status.st_size
    return found
