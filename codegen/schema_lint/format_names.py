"""Rules for names of formats."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

from ..keywords.regex_support import FORMATS
from ..model.text_formats import TEXT_FORMATS
from ..schema.near_misses import resembles
from .finding import Finding, Schema

__all__ = ["BINARY", "NUMERIC", "misspelled_format", "unchecked_format"]

BINARY: Final = frozenset({"base64url", "binary", "byte", "password"})
"""Formats of text in OpenAPI, which reject no value."""
NUMERIC: Final = frozenset(
    {"decimal", "double", "float", "int16", "int32", "int64", "int8", "uint16", "uint32", "uint64", "uint8"}
)
"""Formats of numbers in OpenAPI, which reject no value."""
OTHER: Final = frozenset({"date-span", "data", "ipv4-cidr", "ipv6-cidr", "ip", "sint32", "sint64", "url"})
"""Formats of other registries that resemble a known one."""


def misspelled_format(schema: Schema) -> Iterator[Finding]:
    """Yield a finding for a format that resembles a known one."""
    name = schema.get("format")
    intended = _intended(name) if isinstance(name, str) else None
    if intended:
        yield Finding(
            pointer="/format",
            code="misspelled_format",
            message="misspelled format",
            expected="a format of JSON Schema or OpenAPI, or another name",
            got=f'"{name}"',
            hint=f"did you mean {intended}?",
            on_key=False,
        )


def unchecked_format(schema: Schema) -> Iterator[Finding]:
    """Yield a finding for a format without effect, where formats are asserted."""
    name = schema.get("format")
    if not isinstance(name, str) or name in FORMATS | BINARY | NUMERIC or _intended(name):
        return
    yield Finding(
        pointer="/format",
        code="unchecked_format",
        message="format without effect, because codegen has no check for it",
        expected=f"one of {', '.join(sorted(FORMATS))}",
        got=f'"{name}"',
        hint="add a pattern",
        on_key=False,
    )


@cache
def _intended(name: str) -> str | None:
    if name in TEXT_FORMATS | BINARY | NUMERIC | OTHER:
        return None
    return next((known for known in sorted(TEXT_FORMATS | BINARY | NUMERIC) if resembles(name, known)), None)
