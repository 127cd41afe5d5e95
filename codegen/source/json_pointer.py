"""JSON Pointer (RFC 6901): building, parsing and resolving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["escape", "join", "parent", "parse", "prefix", "resolve", "unescape", "with_inner_moves", "with_outer_moves"]


def escape(token: str | int) -> str:
    """Return ``token`` as a reference token: ``~`` becomes ``~0`` and ``/`` becomes ``~1`` (RFC 6901 section 3)."""
    text = str(token)
    return text.replace("~", "~0").replace("/", "~1") if "~" in text or "/" in text else text


def join(pointer: str, *tokens: str | int) -> str:
    """Return ``pointer`` extended by unescaped ``tokens``."""
    for token in tokens:
        pointer = f"{pointer}/{escape(token)}"
    return pointer


def unescape(token: str) -> str:
    """Return the object key or array index of a reference token; the reverse of :func:`escape`."""
    return token.replace("~1", "/").replace("~0", "~")


def parse(pointer: str) -> list[str]:
    """Return the unescaped tokens of ``pointer``; the pointer ``""`` has none."""
    return [unescape(token) for token in pointer.split("/")[1:]]


def resolve(document: Any, pointer: str) -> Any:  # JSON values
    """Return the value at ``pointer`` in ``document``.

    Raises:
        LookupError: If ``document`` has no value there.
    """
    value = document
    for token in parse(pointer):
        try:
            value = value[int(token)] if isinstance(value, list) else value[token]
        except (LookupError, TypeError, ValueError):
            raise LookupError(pointer) from None
    return value


def parent(pointer: str) -> str:
    """Return the pointer to the enclosing value."""
    return pointer.rpartition("/")[0]


def with_outer_moves(pointer: str, moves: Mapping[str, str]) -> str:
    """Return ``pointer`` after moves from keys to values, in which each key is a pointer after all outer moves."""
    found = ""
    for token in pointer.split("/")[1:]:
        found = f"{found}/{token}"
        found = moves.get(found, found)
    return found


def with_inner_moves(pointer: str, moves: Mapping[str, str]) -> str:
    """Return ``pointer`` after moves from keys to values, in which each key is a pointer before all moves."""
    start, rest = pointer, ""
    while start:
        if start in moves:
            start = moves[start]
        start, _, token = start.rpartition("/")
        rest = f"/{token}{rest}"
    return rest


def prefix(pointer: str, length: int) -> str:
    """Return the first ``length`` tokens of ``pointer``."""
    return "/".join(pointer.split("/")[: length + 1])
