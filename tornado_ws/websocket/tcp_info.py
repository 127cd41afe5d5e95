"""Ask the kernel about a socket that nothing is read from or written to at the moment."""

from __future__ import annotations

import select
import socket
import struct
from typing import Final

try:
    import fcntl
    import termios
except ImportError:  # Windows: it cannot be asked
    _CAN_ASK = False
else:
    _CAN_ASK = hasattr(termios, "TIOCOUTQ")

__all__ = ["acknowledged", "hung_up", "unacknowledged"]

_ACKED: Final = 120
"""Where `tcpi_bytes_acked` is in Linux's `struct tcp_info`."""
_HUNG_UP: Final = getattr(select, "POLLRDHUP", 0) | getattr(select, "POLLHUP", 0) | getattr(select, "POLLERR", 0)


def unacknowledged(fd: int) -> int | None:
    """Return how many bytes were written that the peer has not acknowledged; None if that cannot be known."""
    if not _CAN_ASK:
        return None
    try:
        count: int = struct.unpack("i", fcntl.ioctl(fd, termios.TIOCOUTQ, b"\0\0\0\0"))[0]
    except OSError:
        return None
    return count


def acknowledged(connection: socket.socket) -> int | None:
    """Return how many bytes the peer has acknowledged since it connected; None if that cannot be known."""
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACKED + 8)
    except (AttributeError, OSError):  # not Linux, or not TCP
        return None
    count: int | None = struct.unpack_from("Q", info, _ACKED)[0] if len(info) == _ACKED + 8 else None
    return count


def hung_up(fd: int) -> bool:
    """Tell whether the peer closed or reset the connection, although there may be bytes left to read."""
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(fd, getattr(select, "POLLRDHUP", 0))
    return any(events & _HUNG_UP for _, events in poll.poll(0))
