"""Restart of the program when one of its modules changes, with Tornado's autoreload."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType

import tornado.autoreload

from ..server.autoreload import close_before_reload
from ..server.lifecycle import Lifecycle

__all__ = ["start_reloading", "wait_for_change"]


def start_reloading(controllers: Iterable[Lifecycle]) -> None:
    """Start the program again when a module changes, after closing all connections; call it in the event loop."""
    tornado.autoreload.start()
    for controller in controllers:
        close_before_reload(controller)


def wait_for_change(error: BaseException) -> None:
    """Start the program again when a module changes that has led to an error, or that was imported before.

    Args:
        error: Error of a program that could not start.
    """
    if isinstance(error, SyntaxError) and error.filename:
        tornado.autoreload.watch(error.filename)
    frame: TracebackType | None = error.__traceback__
    while frame is not None:
        tornado.autoreload.watch(frame.tb_frame.f_code.co_filename)
        frame = frame.tb_next
    tornado.autoreload.wait()
