"""Find the address of a client that may sit behind proxies."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from ..errors import ConfigurationError

__all__ = ["Network", "client_address", "contains", "networks"]

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(setting: str, values: Iterable[str]) -> tuple[Network, ...]:
    """Return the networks that ``values`` name: addresses (``10.0.0.1``) or networks (``10.0.0.0/8``).

    Raises:
        ConfigurationError: If one is neither.

    """
    found: list[Network] = []
    for value in values:
        try:
            found.append(ipaddress.ip_network(value))
        except ValueError as error:
            raise ConfigurationError(setting, str(error), "such as 10.0.0.1 or 10.0.0.0/8") from None
    return tuple(found)


def contains(nets: Sequence[Network], address: str) -> bool:
    """Tell whether ``address`` is in one of ``nets``; what is no address is in none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return any((mapped or found) in net for net in nets)


def client_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Return the address of the client.

    Args:
        peer: Who the TCP connection is from.
        forwarded: Values of all ``X-Forwarded-For`` headers, in order.
        trusted: The proxies to be believed; each of them adds who it got the request from.

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
