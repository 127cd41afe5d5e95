"""Names that generated code, Tornado or a language has taken."""

from __future__ import annotations

import keyword

from ..identifiers import JAVASCRIPT

__all__ = ["CLIENT_MESSAGES", "ENDPOINTS", "ERRORS", "JAVASCRIPT", "SERVER_MESSAGES"]

CLIENT_MESSAGES = frozenset(
    {
        *("close", "connect", "connection_close", "disconnect", "error"),
        *("finish", "message", "ping", "pong", "ws_connection_close"),
    }
)
"""``on_close`` and so on are hooks of the handler, or of Tornado's."""

SERVER_MESSAGES = frozenset(
    {
        *("action", "auto_open", "backoff", "base", "binary_type", "children", "client", "controller", "data", "init"),
        *("keep", "message", "messages", "outbox", "params", "protocols", "url"),
        *("onclose", "onerror", "onmessage", "onopen", "onstatus"),
    }
)
"""The component has such props, and a snippet for each message beside them."""

ERRORS = frozenset(
    {
        *("cancelled", "internal", "invalid_message", "malformed_json", "rate_limited"),
        *("timeout", "too_deep", "unknown_message", "unsupported_frame"),
    }
)
"""Codes of the protocol itself."""

ENDPOINTS = frozenset({"runtime", "vite", *keyword.kwlist})
"""Folders of the client, and words that no module of Python can be called."""
