"""TCP state of a socket, as reported by the kernel."""

from __future__ import annotations

import select
import socket
import struct
from typing import Final

try:
    import fcntl
    import termios
except ImportError:  # Windows
    _HAS_TIOCOUTQ = False
else:
    _HAS_TIOCOUTQ = hasattr(termios, "TIOCOUTQ")

__all__ = ["acknowledged_bytes", "peer_closed", "unacknowledged_bytes"]

_BYTES_ACKED: Final = 120
"""Offset of `tcpi_bytes_acked` in Linux's `struct tcp_info`."""
_CLOSED: Final = getattr(select, "POLLRDHUP", 0) | getattr(select, "POLLHUP", 0) | getattr(select, "POLLERR", 0)


def unacknowledged_bytes(fd: int) -> int | None:
    """Return the number of written bytes that the peer has not acknowledged; None if not available."""
    if not _HAS_TIOCOUTQ:
        return None
    try:
        count: int = struct.unpack("i", fcntl.ioctl(fd, termios.TIOCOUTQ, b"\0\0\0\0"))[0]
    except OSError:
        return None
    return count


def acknowledged_bytes(connection: socket.socket) -> int | None:
    """Return the number of bytes that the peer has acknowledged on this connection; None if not available."""
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_ACKED + 8)
    except (AttributeError, OSError):  # not Linux, or not TCP
        return None
    count: int | None = struct.unpack_from("Q", info, _BYTES_ACKED)[0] if len(info) == _BYTES_ACKED + 8 else None
    return count


def peer_closed(fd: int) -> bool:
    """Return True if the peer closed or reset the connection, even while received bytes are unread."""
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(fd, getattr(select, "POLLRDHUP", 0))
    return any(events & _CLOSED for _, events in poll.poll(0))
