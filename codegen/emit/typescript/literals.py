"""Literals of TypeScript, which are those of JavaScript."""

from __future__ import annotations

from ..javascript import comment_lines, key, regular_expression, string, value

__all__ = ["comment_lines", "key", "regular_expression", "string", "value"]
