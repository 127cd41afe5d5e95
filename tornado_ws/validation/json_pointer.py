"""JSON Pointer (RFC 6901): parsing, writing and resolution."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["escape", "join", "parse", "resolve"]


def parse(pointer: str) -> list[str]:
    """Return the unescaped reference tokens of a pointer; an empty list for ``""``."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def escape(token: str) -> str:
    """Return a reference token in escaped form."""
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token


def join(tokens: Iterable[str | int]) -> str:
    """Return the pointer with these reference tokens: property names and array indices."""
    return "".join([f"/{escape(token) if isinstance(token, str) else token}" for token in tokens])


def resolve(document: Any, pointer: str) -> Any:  # JSON values
    """Return the value that a pointer identifies.

    Args:
        document: JSON value.
        pointer: JSON Pointer into the document; ``""`` is the whole document.

    Raises:
        LookupError: If the document has no such value.
    """
    for token in parse(pointer):
        document = _member(document, token)
    return document


def _member(value: Any, token: str) -> Any:
    if isinstance(value, dict):
        return value[token]
    if isinstance(value, list) and token.isascii() and token.isdecimal():
        return value[int(token)]
    raise LookupError(token)
