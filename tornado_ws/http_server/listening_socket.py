"""Listening socket that outlives a lack of file descriptors."""

from __future__ import annotations

import errno
import socket
from typing import Any, Final

from tornado.ioloop import IOLoop

from ..loggers import SERVER

__all__ = ["ListeningSocket"]

EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""Errors of ``accept`` that last until resources are released, while the socket stays readable (accept(2))."""
PAUSE_SECONDS: Final = 0.5
"""Seconds until ``accept`` is called again; meanwhile, new connections wait in the backlog."""
QUIET_SECONDS: Final = 60.0
"""Seconds between two lines of the log."""


class ListeningSocket(socket.socket):
    """Listening socket that pauses while the process cannot open connections.

    Without the pause, Tornado calls ``accept`` again at once, and logs each failure.
    """

    def __init__(self, bound: socket.socket) -> None:
        """Take the descriptor of a listening socket."""
        super().__init__(fileno=bound.detach())
        self.setblocking(False)
        self._quiet_until = 0.0

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection.

        Raises:
            BlockingIOError: If no connection waits, or none can be accepted for a moment.
            OSError: If accepting fails for another reason.
        """
        try:
            return super().accept()
        except OSError as error:
            if error.errno not in EXHAUSTED:
                raise
            self._pause(error)
            raise BlockingIOError(errno.EAGAIN, "no connection can be accepted now") from None

    def _pause(self, error: OSError) -> None:
        loop = IOLoop.current()
        loop.update_handler(self, 0)
        loop.call_later(PAUSE_SECONDS, self._resume)
        if loop.time() >= self._quiet_until:
            self._quiet_until = loop.time() + QUIET_SECONDS
            text = "new connections wait: %s; raise the limit of open files (ulimit -n, LimitNOFILE=)"
            SERVER.error(text, error.strerror)

    def _resume(self) -> None:
        if self.fileno() != -1:
            IOLoop.current().update_handler(self, IOLoop.READ)
