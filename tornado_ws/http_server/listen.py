"""HTTP server that listens with safe settings."""

from __future__ import annotations

import errno
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Final

from tornado.netutil import bind_sockets, bind_unix_socket
from tornado.web import Application

from ..config_checks import require_instance, require_number
from ..errors import ConfigurationError
from .certificate import Certificate
from .listening_socket import ListeningSocket
from .port_owner import port_owner
from .server import Server

__all__ = ["MAX_PORT", "Bounds", "bind", "listen", "place_of"]

BACKLOG: Final = 1024
"""Connections that may wait to be accepted."""
MAX_PORT: Final = 65_535
"""Highest TCP port."""


MAX_MODE: Final = 0o777
HINTS: Final = {
    errno.EADDRINUSE: "stop that program, or choose another port",
    errno.EACCES: "ports below 1024 need CAP_NET_BIND_SERVICE, and a Unix socket a folder in which this user may write",
    errno.EADDRNOTAVAIL: "this machine has no such address",
}
"""Hints for errors of the system."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Bounds of HTTP requests and responses. A client that exceeds one is disconnected."""

    header_timeout: float = 20.0
    """Seconds until the next request of a connection has begun, and its header is complete."""
    body_timeout: float = 60.0
    """Seconds until the body of a request is complete."""
    body_bytes: int = 1 << 20
    """Size of the body of a request."""
    write_timeout: float = 60.0
    """Seconds without progress of a response, while the client does not read; on Linux, and not for Unix sockets."""

    def __post_init__(self) -> None:
        require_number("header_timeout", self.header_timeout, exclusive=True)
        require_number("body_timeout", self.body_timeout, exclusive=True)
        require_number("body_bytes", self.body_bytes, integer=True)
        require_number("write_timeout", self.write_timeout, exclusive=True)


def bind(
    port: int | None,
    address: str,
    unix_socket: str | Path | None,
    *,
    unix_socket_mode: int = 0o600,
    reuse_port: bool = False,
) -> list[socket.socket]:
    """Return listening sockets.

    Args:
        port: TCP port; 0 for any free one.
        address: Address or host name; empty for all addresses.
        unix_socket: Path of a Unix socket instead of a port.
        unix_socket_mode: Permissions of the Unix socket.
        reuse_port: True to share the port with other sockets, among which the kernel distributes the connections.

    Raises:
        ConfigurationError: If both or none of ``port`` and ``unix_socket`` are given, or they cannot be used.
    """
    if (port is None) == (unix_socket is None):
        raise ConfigurationError("port", f"expected a port or a Unix socket, got {port!r} and {unix_socket!r}")
    if port is not None and (not isinstance(port, int) or isinstance(port, bool) or not 0 <= port <= MAX_PORT):
        raise ConfigurationError("port", f"expected a number from 0 to {MAX_PORT}, got {port!r}")
    require_instance("address", address, str)
    require_instance("unix_socket", unix_socket, (str, Path, NoneType))
    require_instance("unix_socket_mode", unix_socket_mode, int)
    if not 0 <= unix_socket_mode <= MAX_MODE:
        raise ConfigurationError("unix_socket_mode", f"expected permissions such as 0o660, got {unix_socket_mode:#o}")
    try:
        if unix_socket is not None:
            _require_unused(unix_socket)
            return [ListeningSocket(bind_unix_socket(str(unix_socket), mode=unix_socket_mode, backlog=BACKLOG))]
        bound = bind_sockets(port or 0, address, backlog=BACKLOG, reuse_port=reuse_port)
        return [ListeningSocket(one) for one in bound]
    except (OSError, ValueError) as error:
        place = str(unix_socket) if unix_socket is not None else f"{address or '*'}:{port}"
        problem = str(getattr(error, "strerror", None) or error)
        if port and getattr(error, "errno", 0) == errno.EADDRINUSE and (owner := port_owner(port)):
            problem += f" by {owner}"
        hint = HINTS.get(getattr(error, "errno", 0), "")
        raise ConfigurationError("port", f"cannot listen on {repr(place)[1:-1]}: {problem}", hint) from None


def place_of(bound: list[socket.socket], address: str, *, tls: bool) -> str:
    """Return the URL of listening sockets, or the path of a Unix socket.

    Args:
        bound: Result of :func:`bind`.
        address: Address or host name that it got.
        tls: True with a certificate.
    """
    name = bound[0].getsockname()
    if isinstance(name, str):
        return name
    host = f"[{address}]" if ":" in address else address or "*"
    return f"{'https' if tls else 'http'}://{host}:{name[1]}"


def _require_unused(path: str | Path) -> None:
    """Check that no process listens on a Unix socket, since binding it would take it away.

    Raises:
        OSError: If a process does.
    """
    with socket.socket(socket.AF_UNIX) as trial:
        if trial.connect_ex(str(path)) == 0:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))


def listen(
    application: Application, sockets: list[socket.socket], *, certificate: Certificate | None, bounds: Bounds
) -> Server:
    """Return a server of an application that accepts connections from listening sockets.

    Args:
        application: Tornado application.
        sockets: Result of :func:`bind`.
        certificate: Certificate for TLS; None without TLS.
        bounds: Bounds of requests and responses.
    """
    server = Server(
        application,
        ssl_options=None if certificate is None else certificate.context,
        idle_connection_timeout=bounds.header_timeout,
        body_timeout=bounds.body_timeout,
        max_body_size=bounds.body_bytes,
        write_timeout=bounds.write_timeout,
    )
    server.add_sockets(sockets)
    if certificate is not None:
        server.reload_periodically(certificate)
    return server
