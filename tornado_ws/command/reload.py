"""Restart of the program when a file of its modules changes, for development."""

from __future__ import annotations

import asyncio
import os
import sys
import time
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NoReturn

from ..loggers import SERVER
from ..server.lifecycle import Lifecycle

__all__ = ["reload_after_change", "wait_for_change"]

POLL_SECONDS: Final = 0.25
"""Seconds between two looks at the files."""


def reload_after_change(controllers: Iterable[Lifecycle]) -> asyncio.Future[NoReturn]:
    """Start the program again when a module changes, after closing all connections.

    Returns:
        Task of the running event loop.
    """
    return asyncio.ensure_future(_reload_after_change(controllers, _Files(_modules())))


async def _reload_after_change(controllers: Iterable[Lifecycle], files: _Files) -> NoReturn:
    while True:
        await asyncio.sleep(POLL_SECONDS)
        if (changed := files.changed(_modules())) is not None:
            for controller in controllers:
                controller.close()
            _start_again(changed)


def wait_for_change(error: BaseException) -> NoReturn:
    """Start the program again when a module changes that has led to an error, or that was imported before.

    Args:
        error: Error of a program that could not start. The files of a missing module are awaited.
    """
    paths = {*_modules(), *(frame.filename for frame in traceback.extract_tb(error.__traceback__))}
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, SyntaxError) and chain.filename:
            paths.add(chain.filename)
        if isinstance(chain, ModuleNotFoundError) and chain.name:
            paths.update(_places(chain.name))
        chain = chain.__cause__ or chain.__context__
    files = _Files(paths)
    SERVER.info("waits for a change of the code; Ctrl-C ends")
    while (changed := files.changed(paths)) is None:
        time.sleep(POLL_SECONDS)
    _start_again(changed)


class _Files:
    """Times of the last changes of files."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._times = {path: _time(path) for path in paths}

    def changed(self, paths: Iterable[str]) -> str | None:
        """Return one of the files that has changed or appeared; a file that is away may be about to be replaced."""
        for path in paths:
            time_ = _time(path)
            if time_ is not None and self._times.setdefault(path, time_) != time_:
                return path
        return None


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
