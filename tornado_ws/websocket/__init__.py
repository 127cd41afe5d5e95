"""WebSocket connections (RFC 6455 and RFC 7692) on Tornado's socket, after the handshake.

Imports: ``errors``, ``config_checks``, ``loggers``, ``rate_limited_log``.

Entry point: :class:`.StrictWebSocketHandler`.
"""

from __future__ import annotations

from .connection import Connection
from .coroutine_runner import CoroutineRunner
from .frames import FrameError, PreparedFrame, cut_reason, prepare_frame
from .message_delivery import ConnectionHandler
from .settings import ConnectionSettings, Counters
from .tornado_handler import StrictWebSocketHandler
from .tornado_private import require_supported_tornado
from .write_batch import WriteBatch

__all__ = [
    "Connection",
    "ConnectionHandler",
    "ConnectionSettings",
    "CoroutineRunner",
    "Counters",
    "FrameError",
    "PreparedFrame",
    "StrictWebSocketHandler",
    "WriteBatch",
    "cut_reason",
    "prepare_frame",
    "require_supported_tornado",
]
