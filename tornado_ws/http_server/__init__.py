"""HTTP server with safe settings: it bounds requests in size and time, and outlives a lack of file descriptors.

Imports: ``errors``, ``config_checks``, ``loggers``.

Entry point: :func:`.listen`.
"""

from __future__ import annotations

from .certificate import Certificate
from .listen import Bounds, bind, listen

__all__ = ["Bounds", "Certificate", "bind", "listen"]
