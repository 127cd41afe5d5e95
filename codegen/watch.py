"""Watcher for schema files. It polls, because network drives and containers may send no file system events."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from .source.load import META_SCHEMA, SUFFIXES

__all__ = ["snapshot", "watch"]

INTERVAL = 0.3
"""Polling interval in seconds. Changes are reported once a poll finds no further ones, so "save all" counts once."""


def watch(
    folder: Path,
    changed: Callable[[], None],
    *,
    pause: Callable[[], None] = lambda: time.sleep(INTERVAL),
) -> None:
    """Call ``changed`` now and after each change of the schemas in ``folder``, until ``pause`` raises.

    Args:
        folder: Schemas folder.
        changed: Callback; called once for changes at the same time.
        pause: Function that waits between two polls.
    """
    reported = last = snapshot(folder)  # before the call, so that a change during it is not missed
    changed()
    while True:
        pause()
        now = snapshot(folder)
        if now == last and now != reported:
            reported = now
            changed()
        last = now


def snapshot(folder: Path) -> Mapping[Path, tuple[int, int]]:
    """Return time of modification (in nanoseconds) and size (in bytes) of each schema file in ``folder``."""
    found: dict[Path, tuple[int, int]] = {}
    for path in folder.rglob("*"):
        if path.suffix in SUFFIXES and path.name != META_SCHEMA:
            try:
                status = path.stat()
            except OSError:  # deleted since the listing
                continue
            found[path] = status.st_mtime_ns, status.st_size
    return found
