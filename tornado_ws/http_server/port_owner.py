"""Process that listens on a TCP port, for the error of another one that cannot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["port_owner"]

PROC: Final = Path("/proc")
LISTENING: Final = "0A"
"""State of a listening socket in ``/proc/net/tcp``."""


def port_owner(port: int) -> str:
    """Return the number and the name of the process; empty if it belongs to another user, or not on Linux."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    if sockets:
        for process in PROC.glob("[0-9]*"):
            with suppress(OSError):  # of another user, or ended
                if any(os.readlink(file) in sockets for file in (process / "fd").iterdir()):
                    return f"process {process.name} ({(process / 'comm').read_text(encoding='utf-8').strip()})"
    return ""


def _inodes(port: int) -> Iterator[str]:
    """Yield the numbers of the sockets that listen on a port."""
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (PROC / "net" / table).read_text(encoding="ascii").splitlines()[1:]:
                _, local, _, state, *_, inode = line.split()[:10]
                if state == LISTENING and int(local.rpartition(":")[2], 16) == port:
                    yield inode
