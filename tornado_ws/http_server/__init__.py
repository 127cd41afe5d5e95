"""HTTP server with safe settings: it bounds requests in size and time, lets them finish
before it ends, and outlives a lack of file descriptors.

Imports: ``errors``, ``config_checks``, ``rate_limited_log``, ``loggers``, ``websocket``.

Entry point: :func:`.listen`.
"""

from __future__ import annotations

from .certificate import Certificate
from .listen import MAX_PORT, Bounds, bind, listen, place_of
from .server import Server

__all__ = ["MAX_PORT", "Bounds", "Certificate", "Server", "bind", "listen", "place_of"]
