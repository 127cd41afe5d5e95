"""Watcher for schema files and settings. It polls, because network drives and containers may send no events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from .source.diagnostics import SchemaProblems
from .source.load import LOCK_FILE, META_SCHEMA, SUFFIXES

__all__ = ["watch"]

INTERVAL = 0.3
"""Polling interval, in seconds. Changes are reported after a poll without further ones, so "save all" counts once."""


def watch(
    schemas: Callable[[], Path],
    settings: Sequence[Path],
    on_change: Callable[[], None],
    *,
    pause: Callable[[], None] = lambda: time.sleep(INTERVAL),
) -> None:
    """Call ``on_change`` now and after each change of the schemas or the settings, until ``pause`` raises.

    Args:
        schemas: Function that reads the path of the schemas folder from the settings.
        settings: Files with settings; they need not exist.
        on_change: Callback; called once for changes at the same time.
        pause: Function that waits between two polls.

    Raises:
        SchemaProblems: If the settings are invalid at the start. Later, the last valid path counts.
    """
    files = _Files(schemas, settings)
    reported = previous = files.snapshot()  # before the call, so that a change during it is not missed
    on_change()
    while True:
        pause()
        now = files.snapshot()
        if now == previous and now != reported:
            reported = now
            on_change()
        previous = now


class _Files:
    """All files to watch."""

    def __init__(self, schemas: Callable[[], Path], settings: Sequence[Path]) -> None:
        self._locate = schemas
        self._settings = settings
        self._seen = dict(_states(settings))
        self._folder = schemas()

    def snapshot(self) -> Mapping[Path, tuple[int, int]]:
        """Return the time of modification, in nanoseconds, and the size, in bytes, of each file."""
        settings = dict(_states(self._settings))
        if settings != self._seen:
            self._seen = settings
            with suppress(SchemaProblems):
                self._folder = self._locate()
        found = (path for path in self._folder.rglob("*") if path.suffix in SUFFIXES and path.name != META_SCHEMA)
        return settings | dict(_states([*found, self._folder / LOCK_FILE]))


def _states(paths: Iterable[Path]) -> Iterator[tuple[Path, tuple[int, int]]]:
    for path in paths:
        try:
            status = path.stat()
        except OSError:  # deleted since the listing
            continue
        yield path, (status.st_mtime_ns, status.st_size)
