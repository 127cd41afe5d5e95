"""Rules for names of formats."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

from ..schema.near_misses import resembles
from .finding import Finding, Schema

__all__ = ["NUMERIC", "TEXTUAL", "misspelled_format"]

TEXTUAL: Final = frozenset(
    {
        *("date", "date-time", "duration", "email", "hostname", "idn-email", "idn-hostname", "ipv4", "ipv6", "iri"),
        *("iri-reference", "json-pointer", "regex", "relative-json-pointer", "time", "uri", "uri-reference"),
        *("uri-template", "uuid"),
        *("base64url", "binary", "byte", "password"),  # OpenAPI
    }
)
"""Formats of text (JSON Schema 2020-12, Validation, section 7.3, and OpenAPI)."""
NUMERIC: Final = frozenset(
    {"decimal", "double", "float", "int16", "int32", "int64", "int8", "uint16", "uint32", "uint64", "uint8"}
)
"""Formats of numbers in OpenAPI."""
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


@cache
def _intended(name: str) -> str | None:
    if name in TEXTUAL | NUMERIC | OTHER:
        return None
    return next((known for known in sorted(TEXTUAL | NUMERIC) if resembles(name, known)), None)
