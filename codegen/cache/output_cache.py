"""Results of earlier runs, by the fingerprint of their inputs."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from ..emit.results import Generated, Unit
from ..settings.project_settings import Settings
from ..source.document import Text
from .fingerprint import fingerprint, unit_fingerprint
from .json_form import decode, encode

__all__ = ["FOLDER", "OutputCache"]

FOLDER: Final = ".codegen_cache"
"""Name of the folder beside pyproject.toml."""
SUFFIX: Final = ".outputs"
TEMPORARY: Final = ".tmp"

MAX_ENTRIES = 16
MAX_BYTES = 1 << 26
"""Limit for all entries together."""
MAX_AGE = 3600
"""Age in seconds after which a temporary file belongs to no running process."""


class OutputCache:
    """Cache of one project.

    Entries are complete or ignored: each one starts with the hash of its content. All errors of the file system are
    ignored, so that a folder that cannot be written is a cache without entries.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.project / FOLDER
        self._key = fingerprint(settings)

    def load(self) -> Generated | None:
        """Return the result of an earlier run with the same inputs; None without any."""
        return None if self._key is None else self._read(self._entry(self._key))

    def units(self) -> dict[str, Unit]:
        """Return the units of the latest run, by their keys."""
        try:
            entries = [path for path in self._folder.iterdir() if path.suffix == SUFFIX]
            latest = max(entries, key=lambda path: path.stat().st_mtime_ns, default=None)
        except OSError:
            return {}
        generated = None if latest is None else self._read(latest)
        return {} if generated is None else {unit.key: unit for unit in generated.units}

    def unit_key(self, texts: Iterable[Text]) -> str:
        """Return the key of the unit for files with these texts."""
        return unit_fingerprint(self._settings, texts)

    def store(self, generated: Generated) -> None:
        """Store the result of a run, unless its inputs changed since the cache was created."""
        if self._key is None or self._key != fingerprint(self._settings):
            return
        text = json.dumps(encode(generated)).encode()
        if len(text) > MAX_BYTES:
            return
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            ignored = self._folder / ".gitignore"
            if not ignored.exists():
                ignored.write_text("*\n", encoding="utf-8")
            temporary = self._folder / f"{self._key}.{os.getpid()}{TEMPORARY}"
            temporary.write_bytes(_digest(text) + b"\n" + text)
            temporary.replace(self._entry(self._key))
            self._prune()

    def _entry(self, key: str) -> Path:
        return self._folder / f"{key}{SUFFIX}"

    def _read(self, entry: Path) -> Generated | None:
        """Return the content of an entry; None if it is damaged."""
        try:
            digest, _, text = entry.read_bytes().partition(b"\n")
            generated = decode(json.loads(text)) if digest == _digest(text) else None
        except (AttributeError, KeyError, OSError, TypeError, ValueError):  # or written by another program
            return None
        return generated if generated is not None and all(map(self._is_ours, generated.files)) else None

    def _is_ours(self, path: Path) -> bool:
        """Return True for a path in a folder of generated files."""
        folders = (self._settings.python, self._settings.client, self._settings.schemas)
        return any(path.is_relative_to(folder) and ".." not in path.relative_to(folder).parts for folder in folders)

    def _prune(self) -> None:
        """Remove the oldest entries beyond the limits, and files of processes that ended early."""
        entries = [(path.stat(), path) for path in self._folder.iterdir() if path.suffix in (SUFFIX, TEMPORARY)]
        total = 0
        finished = [(status, path) for status, path in entries if path.suffix == SUFFIX]
        for position, (status, path) in enumerate(sorted(finished, key=lambda entry: -entry[0].st_mtime_ns)):
            total += status.st_size
            if position >= MAX_ENTRIES or total > MAX_BYTES:
                path.unlink(missing_ok=True)
        for status, path in entries:
            if path.suffix == TEMPORARY and status.st_mtime < time.time() - MAX_AGE:
                path.unlink(missing_ok=True)


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()
