"""Warnings about proxies that the setting ``trusted_proxies`` does not contain."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from ..loggers import HANDSHAKE
from ..rate_limited_log import RateLimitedLog
from .client_address import Network, contains, is_public, parse_forwarded, shown_peer

__all__ = ["UntrustedProxies"]

MAX_PROXIES: Final = 64
"""Maximum number of addresses that are logged: any client can send the header."""


class UntrustedProxies:
    """Peers that send ``X-Forwarded-For`` although they are not trusted; each one is logged once."""

    def __init__(self, trusted: Sequence[Network], log: RateLimitedLog) -> None:
        """Create an empty collection.

        Args:
            trusted: Networks of trusted proxies.
            log: Log of the warnings.
        """
        self._trusted = trusted
        self._log = log
        self._found: set[str] = set()

    def check(self, peer: str, forwarded: Sequence[str]) -> None:
        """Log a peer once if it seems to be a proxy: at WARNING, if its address is not a public one.

        Args:
            peer: Address of the TCP connection.
            forwarded: Values of its ``X-Forwarded-For`` headers.
        """
        if not forwarded or peer in self._found or len(self._found) >= MAX_PROXIES or contains(self._trusted, peer):
            return
        if peer in parse_forwarded(forwarded):
            return  # Tornado's setting xheaders has replaced the address of the peer
        self._found.add(peer)
        level = logging.INFO if is_public(peer) else logging.WARNING
        trusted = ", ".join(map(repr, map(str, self._trusted)))
        text = (
            "%s sends X-Forwarded-For, but is not in trusted_proxies=[%s], so that all of its clients share its "
            "address, also in rates and quotas: list it if it is your proxy"
        )
        self._log.log(HANDSHAKE, level, "untrusted proxies", text, shown_peer(peer), trusted, extra={"address": peer})
