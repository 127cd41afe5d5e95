"""Loggers of the package, and the attributes of their records."""

from __future__ import annotations

import logging
import secrets
from base64 import b32encode
from typing import Final

__all__ = [
    "BACKPLANE",
    "CONNECTION",
    "HANDLER",
    "HANDSHAKE",
    "LOG_ATTRIBUTES",
    "MESSAGE",
    "SERVER",
    "new_reference",
    "quoted",
]

LOG_ATTRIBUTES: Final = (
    "connection",
    "endpoint",
    "user",
    "address",
    "message_type",
    "cause",
    "code",
    "pointer",
    "keyword",
    "reference",
    "suppressed",
)
"""Attributes of every record, beside those of :mod:`logging`; None where they do not apply.

The name of the message is ``message_type``, because :mod:`logging` sets ``message`` to the text of the record.
"""

MAX_QUOTED = 200
"""Maximum number of characters of a text from a client in a record."""


def _set_missing(record: logging.LogRecord) -> bool:
    """Set missing attributes to None, so that a format such as ``%(endpoint)s`` applies to all records."""
    for name in LOG_ATTRIBUTES:
        record.__dict__.setdefault(name, None)
    return True


def _logger(name: str) -> logging.Logger:
    logger = logging.getLogger(f"tornado_ws.{name}")
    logger.addFilter(_set_missing)
    return logger


HANDSHAKE: Final = _logger("handshake")
"""Refused handshakes and one-time URLs, and guards that raise."""
CONNECTION: Final = _logger("connection")
"""Connections that the server closes, because their clients are slow, silent or violate RFC 6455."""
MESSAGE: Final = _logger("message")
"""Refused messages."""
HANDLER: Final = _logger("handler")
"""Exceptions of methods and hooks, and methods that do not end."""
SERVER: Final = _logger("server")
"""Sockets, certificates and processes of the server."""
BACKPLANE: Final = _logger("backplane")
"""Outages and faults of the backplane."""


def new_reference() -> str:
    """Return a random name of an error, for its log record and for the client: 8 characters of base32 (RFC 4648)."""
    return b32encode(secrets.token_bytes(5)).decode().lower()


def quoted(text: str) -> str:
    """Return a text from a client in quotes, shortened, and without characters that could forge a line of the log."""
    short = text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"
    escaped = short.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(one if one.isprintable() else ascii(one)[1:-1] for one in escaped) + '"'
