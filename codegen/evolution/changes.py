"""Changes between two versions of an endpoint."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

__all__ = ["Change", "Reason", "Verdict"]

Verdict: TypeAlias = Literal["compatible", "unknown", "breaking"]


class Reason(Struct, frozen=True, kw_only=True):
    """Difference between two schemas, for which the receiver may reject a value of the sender."""

    verdict: Literal["unknown", "breaking"]
    place: str
    """Place in the value as a JSON Pointer, in which ``*`` stands for any item or property."""
    text: str
    """Keyword with its old and its new value."""


class Change(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Change of one endpoint."""

    endpoint: str
    verdict: Verdict
    code: str
    """Stable identifier, such as ``payload_changed``."""
    text: str
    """Description for people, without the place."""
    message: str = ""
    """Message with its side, such as ``client message say``; empty for the endpoint itself."""
    place: str = ""
    """Place in the value, as in :attr:`Reason.place`."""
    pointer: str = ""
    """JSON Pointer to the schema in the bundle of the new version, or to a declaration without a schema in its
    document; empty without either."""
