"""Restart of the program when a file of its modules changes, for development."""

from __future__ import annotations

import asyncio
import os
import sys
import time
import traceback
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Final, NoReturn

from ..loggers import SERVER
from ..server.lifecycle import Lifecycle

__all__ = ["ImportedFiles", "reload_after_change", "wait_for_change"]

POLL_SECONDS: Final = 0.25
"""Seconds between two looks at the files."""


class ImportedFiles:
    """Times of the last changes of the files of modules, from before their import.

    A finder of modules: it adds the files to those that Python finds.
    """

    def __init__(self) -> None:
        self._times: dict[str, int | None] = {}

    def watch(self) -> None:
        """Note the files of all imports from now on."""
        sys.meta_path.insert(sys.meta_path.index(PathFinder), self)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        """Return the module that Python finds, and note the time of its file, since it is read later."""
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.origin is not None:
            self.note([spec.origin])
        return spec

    def note(self, paths: Iterable[str]) -> None:
        """Note the times of files that have none yet."""
        for path in paths:
            self._times.setdefault(path, _time(path))

    def changed(self, paths: Iterable[str]) -> str | None:
        """Return one of the files that has changed or appeared; a file that is away may be about to be replaced."""
        for path in paths:
            time_ = _time(path)
            if time_ is not None and self._times.setdefault(path, time_) != time_:
                return path
        return None


def reload_after_change(controllers: Iterable[Lifecycle], files: ImportedFiles) -> asyncio.Future[NoReturn]:
    """Start the program again when a module changes, after closing all connections.

    Returns:
        Task of the running event loop.
    """
    files.note(_modules())
    return asyncio.ensure_future(_reload_after_change(controllers, files))


async def _reload_after_change(controllers: Iterable[Lifecycle], files: ImportedFiles) -> NoReturn:
    while True:
        await asyncio.sleep(POLL_SECONDS)
        if (changed := files.changed(_modules())) is not None:
            for controller in controllers:
                controller.close()
            _start_again(changed)


def wait_for_change(error: BaseException, files: ImportedFiles) -> NoReturn:
    """Start the program again when a module changes that has led to an error, or that was imported before.

    Args:
        error: Error of a program that could not start. The files of a missing module are awaited.
        files: Files that it has imported.
    """
    paths = {*_modules(), *(frame.filename for frame in traceback.extract_tb(error.__traceback__))}
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, SyntaxError) and chain.filename:
            paths.add(chain.filename)
        if isinstance(chain, ModuleNotFoundError) and chain.name:
            paths.update(_places(chain.name))
        chain = chain.__cause__ or chain.__context__
    files.note(paths)
    SERVER.info("waits for a change of the code; Ctrl-C ends")
    while (changed := files.changed(paths)) is None:
        time.sleep(POLL_SECONDS)
    _start_again(changed)


def _time(path: str) -> int | None:
    try:
        return os.stat(path).st_mtime_ns
    except (OSError, ValueError):
        return None


def _modules() -> set[str]:
    """Return the files of the imported modules."""
    found = (getattr(module, "__file__", None) for module in [*sys.modules.values()])
    return {path for path in found if isinstance(path, str)}


def _places(module: str) -> Iterable[str]:
    """Yield the files that a missing module may have."""
    for folder in sys.path:
        place = Path(folder, *module.split("."))
        yield from (str(place.with_name(f"{place.name}.py")), str(place / "__init__.py"))


def _start_again(changed: str) -> NoReturn:
    SERVER.info("%s has changed: starts again", os.path.relpath(changed))
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
