"""Names reserved by generated code, Tornado, Python or JavaScript."""

from __future__ import annotations

import keyword

from ..identifiers import JAVASCRIPT

__all__ = ["CLIENT_MESSAGES", "ENDPOINTS", "ERRORS", "JAVASCRIPT", "RESERVED_PARAMETERS", "SERVER_MESSAGES"]

CLIENT_MESSAGES = frozenset(
    {
        *("close", "connect", "connection_close", "disconnect", "error"),
        *("finish", "message", "ping", "pong", "ws_connection_close"),
    }
)
"""Client messages with a method, such as ``on_close``, that exists in our handler or in Tornado's."""

SERVER_MESSAGES = frozenset(
    {
        *(
            "action",
            "auto_open",
            "backoff",
            "base",
            "batch",
            "binary_type",
            "children",
            "client",
            "controller",
            "data",
            "init",
        ),
        *("history", "linger", "message", "messages", "outbox", "params", "protocols", "ticket", "url"),
        *("onclose", "onerror", "onmessage", "onopen", "onstatus", "onunconfirmed"),
    }
)
"""Server messages with a snippet that has the name of a prop of the component."""

ERRORS = frozenset(
    {
        *("cancelled", "internal", "invalid_message", "malformed_json", "rate_limited"),
        *("timeout", "too_big", "too_deep", "unavailable", "unknown_message", "unsupported_frame"),
    }
)
"""Error codes of the protocol."""

RESERVED_PARAMETERS = {"$page": "identifies the page", "$subprotocol": "offers the subprotocol"}
"""Parameters of the query with another use."""

ENDPOINTS = frozenset({"runtime", "shared", "vite", *keyword.kwlist})
"""Endpoints that have the name of another generated module or folder, or of a keyword of Python."""
