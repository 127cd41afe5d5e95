"""Addresses of clients, with and without proxies."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from ..config_checks import require_instance, require_list
from ..errors import ConfigurationError

__all__ = ["Network", "client_address", "contains", "is_public", "networks", "parse_forwarded", "shown_peer"]

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

UNKNOWN = "unknown"
"""Address of clients whose proxy hides or garbles it (RFC 7239 section 6.2)."""
_UNIX_PEER = "0.0.0.0"  # Tornado's address of all clients of unix sockets
_IPV4_PORT = re.compile(r"([0-9.]+)(?::[0-9]+)?")
_IPV6_PORT = re.compile(r"\[([^\]]*)\](?::[0-9]+)?")


def networks(setting: str, values: Iterable[str]) -> tuple[Network, ...]:
    """Parse addresses (``10.0.0.1``), networks (``10.0.0.0/8``) and ``unix:``.

    Args:
        setting: Name of the setting, for errors.
        values: Addresses and networks as text; ``unix:`` for all clients of unix sockets.

    Raises:
        ConfigurationError: If a value is neither an address nor a network.
    """
    require_list(setting, values)
    parsed: list[Network] = []
    for value in values:
        require_instance(setting, value, str)
        try:
            parsed.append(ipaddress.ip_network(_UNIX_PEER if value == "unix:" else value))
        except ValueError as error:
            raise ConfigurationError(setting, str(error), "such as 10.0.0.1, 10.0.0.0/8 or unix:") from None
    return tuple(parsed)


def contains(networks: Sequence[Network], address: str) -> bool:
    """Return True if an address is in one of the networks; False for text that is not an address."""
    parsed = _parse(address)
    return parsed is not None and any(parsed in network for network in networks)


def is_public(address: str) -> bool:
    """Return True for an address of the internet; False for one of a private network, and for other text."""
    parsed = _parse(address)
    return parsed is not None and parsed.is_global


def shown_peer(address: str) -> str:
    """Return the address of a TCP connection as the setting ``trusted_proxies`` contains it."""
    return "unix:" if address == _UNIX_PEER else address


def parse_forwarded(forwarded: Sequence[str]) -> list[str]:
    """Return the addresses in the values of ``X-Forwarded-For`` headers, in order, without their ports."""
    hops = (_parse_hop(hop.strip()) for value in forwarded for hop in value.split(","))
    return [str(hop) for hop in hops if hop is not None]


def client_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Return the address of a client: the last hop that is not a trusted proxy.

    Args:
        peer: Address of the TCP connection.
        forwarded: Values of all ``X-Forwarded-For`` headers, in order: addresses, with or without a port.
        trusted: Networks of trusted proxies. Each proxy appends the address from which it received the request.

    Returns:
        Address; :data:`UNKNOWN` if a trusted proxy states none.
    """
    hops = [hop for value in forwarded for hop in value.split(",")]
    address = _parse(peer)
    if address is None:
        return peer
    while hops and any(address in network for network in trusted):
        if (hop := _parse_hop(hops.pop().strip())) is None:
            return UNKNOWN  # not the proxy, which may be in a list of allowed addresses
        address = hop
    return str(address)


def _parse(text: str) -> Address | None:
    """Return an address, with an IPv4 address in place of its mapped form; None for any other text."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address if mapped is None else mapped


def _parse_hop(text: str) -> Address | None:
    """Return the address in an item of ``X-Forwarded-For``; some proxies add a port (RFC 7239 section 6)."""
    found = _IPV4_PORT.fullmatch(text) or _IPV6_PORT.fullmatch(text)
    return _parse(found[1] if found else text)
