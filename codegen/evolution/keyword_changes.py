"""Texts about changed keywords."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ..source.document import Json

__all__ = ["Wording"]

LONGEST = 60
"""Number of characters of a value in a text."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """Texts for one direction."""

    sender_is_old: bool
    """True for values from old clients to a new server; False for values from a new server to old clients."""

    @property
    def rejected(self) -> str:
        """Text about a part that the receiver does not accept."""
        return "no longer accepted" if self.sender_is_old else "new, and not accepted by old clients"

    @property
    def no_alternative(self) -> str:
        """Text about a value that fits no alternative of a union."""
        return "no alternative accepts it" if self.sender_is_old else "no alternative of old clients accepts it"

    def changed(self, keyword: str, sent: Sequence[Json], received: Json) -> str:
        """Return the text about a keyword.

        Args:
            keyword: Keyword of the receiver.
            sent: Values of the same keyword in all schemas of the sender.
            received: Value of the keyword.
        """
        if keyword in ("enum", "required") and all(isinstance(one, list) for one in (*sent, received)):
            return self._members(keyword, [member for one in sent for member in one], received)
        ours = sent[0] if sent else None
        old, new = (ours, received) if self.sender_is_old else (received, ours)
        return f"{keyword} {_text(old)} → {_text(new)}"

    def _members(self, keyword: str, sent: list[Json], received: list[Json]) -> str:
        if keyword == "required":
            names = ", ".join(_text(name) for name in received if name not in sent)
            return f"{names} is required now" if self.sender_is_old else f"{names} is no longer required"
        if not sent:
            return f"enum none → {_text(received)}" if self.sender_is_old else f"enum {_text(received)} → none"
        values = ", ".join(_text(value) for value in sent if value not in received)
        return f"enum without {values}" if self.sender_is_old else f"enum with new {values}"


def _text(value: Json) -> str:
    if value is None:
        return "none"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
