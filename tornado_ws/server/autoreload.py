"""Closing handshakes before Tornado's autoreload replaces the process."""

from __future__ import annotations

from typing import Protocol
from weakref import WeakSet

import tornado.autoreload

__all__ = ["close_before_reload"]


class Closable(Protocol):
    """Controller."""

    def close(self) -> None:
        """Abort all connections, after a close frame."""
        ...


_closables: WeakSet[Closable] = WeakSet()


def close_before_reload(closable: Closable) -> None:
    """Close a controller before the program starts again, so that its clients reconnect at once."""
    if not _closables:
        tornado.autoreload.add_reload_hook(_close_all)
    _closables.add(closable)


def _close_all() -> None:
    for closable in _closables:
        closable.close()
