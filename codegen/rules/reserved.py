"""Names that generated code, Tornado or a language has taken."""

from __future__ import annotations

import keyword

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
        *("action", "auto_open", "binary_type", "children", "client", "controller", "data", "init", "keep"),
        *("message", "messages", "params", "protocols", "url"),
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

JAVASCRIPT = frozenset(
    {
        *(
            "arguments",
            "await",
            "break",
            "case",
            "catch",
            "class",
            "const",
            "continue",
            "debugger",
            "default",
            "delete",
        ),
        *("do", "else", "enum", "eval", "export", "extends", "false", "finally", "for", "function", "if"),
        *("implements", "import", "in", "instanceof", "interface", "let", "new", "null", "package", "private"),
        *("protected", "public", "return", "static", "super", "switch", "this", "throw", "true", "try", "typeof"),
        *("undefined", "var", "void", "while", "with", "yield"),
    }
)
"""Words that name no variable in a module of JavaScript, and no snippet."""

ENDPOINTS = frozenset({"runtime", "vite", *keyword.kwlist})
"""Folders of the client, and words that no module of Python can be called."""
