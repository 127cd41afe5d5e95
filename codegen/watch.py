"""Notices when a schema changes, by looking: folders on network drives and in containers send no events."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from .source.load import META_SCHEMA, SUFFIXES

__all__ = ["snapshot", "watch"]

INTERVAL = 0.3
"""Seconds between two looks. A change is acted upon when a look sees nothing new, so that saving all files is one."""


def watch(
    folder: Path,
    changed: Callable[[], None],
    *,
    pause: Callable[[], None] = lambda: time.sleep(INTERVAL),
) -> None:
    """Call ``changed`` now, and whenever the schemas in ``folder`` have changed since, until ``pause`` raises.

    Args:
        folder: Where the schemas are.
        changed: Called once for changes that come together.
        pause: Waits between two looks.

    """
    acted_on = last = snapshot(folder)  # before acting, so that no change is missed
    changed()
    while True:
        pause()
        now = snapshot(folder)
        if now == last and now != acted_on:
            acted_on = now
            changed()
        last = now


def snapshot(folder: Path) -> Mapping[Path, tuple[int, int]]:
    """Return when each file of a folder was written, in nanoseconds, and its size."""
    found: dict[Path, tuple[int, int]] = {}
    for path in folder.rglob("*"):
        if path.suffix in SUFFIXES and path.name != META_SCHEMA:
            try:
                status = path.stat()
            except OSError:  # it went away meanwhile
                continue
            found[path] = status.st_mtime_ns, status.st_size
    return found
