"""Offer of the subprotocol: in the header, and also in the query if a proxy removes the header."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto
from urllib.parse import quote

from ..validation.envelopes import SUBPROTOCOL, SUBPROTOCOL_PARAMETER
from .client_connection import Target

__all__ = ["Answer", "SubprotocolOffer"]


class Answer(Enum):
    """Meaning of a connection without frames."""

    HELLO = auto()
    """The server sends ``$hello`` first."""
    PLAIN = auto()
    """The server sends messages only."""
    UNKNOWN = auto()
    """The first frame decides; none within the time of an attempt means plain messages."""
    LOST = auto()
    """The offer may have got lost: connect again."""


class SubprotocolOffer:
    """Place of the offer in the next attempt. The rule is that of the page, in ``subprotocol.ts``."""

    def __init__(self) -> None:
        self._in_query = False
        self._is_unknown = False
        """True if the server does not know the subprotocol."""
        self._can_repeat = False
        self._offered_in_query = False

    def prepare(self, target: Target) -> Target:
        """Return the target of an attempt, with the offer in its query if needed."""
        self._can_repeat = SUBPROTOCOL in target.subprotocols and not target.is_single_use and not self._is_unknown
        self._offered_in_query = self._in_query and self._can_repeat
        if not self._offered_in_query:
            return target
        joint = "&" if "?" in target.url else "?"
        return replace(target, url=f"{target.url}{joint}{quote(SUBPROTOCOL_PARAMETER)}={SUBPROTOCOL}")

    def answer(self, selected: str | None) -> Answer:
        """Return the meaning of a new connection.

        Args:
            selected: Subprotocol that the server selected.
        """
        if selected == SUBPROTOCOL:
            return Answer.HELLO
        if self._offered_in_query:
            return Answer.UNKNOWN
        if selected is not None or not self._can_repeat:
            return Answer.PLAIN
        self._in_query = True
        return Answer.LOST

    def give_up(self) -> None:
        """Offer no more, because another frame than ``$hello`` came first."""
        self._is_unknown = True
