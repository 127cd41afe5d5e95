"""Addresses of clients, with and without proxies."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from ..config_checks import require_list
from ..errors import ConfigurationError

__all__ = ["Network", "client_address", "contains", "networks"]

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(setting: str, values: Iterable[str]) -> tuple[Network, ...]:
    """Parse addresses (``10.0.0.1``) and networks (``10.0.0.0/8``).

    Args:
        setting: Name of the setting, for errors.
        values: Addresses and networks as text.

    Raises:
        ConfigurationError: If a value is neither an address nor a network.
    """
    require_list(setting, values)
    parsed: list[Network] = []
    for value in values:
        try:
            parsed.append(ipaddress.ip_network(value))
        except ValueError as error:
            raise ConfigurationError(setting, str(error), "such as 10.0.0.1 or 10.0.0.0/8") from None
    return tuple(parsed)


def contains(networks: Sequence[Network], address: str) -> bool:
    """Return True if an address is in one of the networks; False for text that is not an address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return any((mapped or parsed) in network for network in networks)


def client_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Return the address of a client: the last hop that is not a trusted proxy.

    Args:
        peer: Address of the TCP connection.
        forwarded: Values of all ``X-Forwarded-For`` headers, in order.
        trusted: Networks of trusted proxies. Each proxy appends the address from which it received the request.
    """
    hops = [hop.strip() for value in forwarded for hop in value.split(",")]
    address = peer
    while hops and contains(trusted, address):
        hop = hops.pop()
        if not contains(_ALL, hop):
            break
        address = hop
    return address


_ALL: tuple[Network, ...] = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
