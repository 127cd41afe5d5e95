"""The connection under the protocol: strict as RFC 6455 and 7692, bounded, calm under load."""

from __future__ import annotations

from .connection import Connection, ConnectionHandler
from .consumer import Consumer
from .frames import FrameError, PreparedFrame, prepare_frame
from .handler import StrictWebSocketHandler
from .settings import ConnectionSettings, Counters
from .turn import Turn

__all__ = [
    "Connection",
    "ConnectionHandler",
    "ConnectionSettings",
    "Consumer",
    "Counters",
    "FrameError",
    "PreparedFrame",
    "StrictWebSocketHandler",
    "Turn",
    "prepare_frame",
]
