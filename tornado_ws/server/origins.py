"""Decide whether a page of some origin may connect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import ConfigurationError

__all__ = ["Origins"]

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True)
class Origins:
    """The pages that may connect: those of the host they connect to, or those listed."""

    listed: frozenset[str] | None = None
    """None: the origin's host must be the request's. That is no defence against DNS rebinding; a list is."""
    everybody: bool = False

    @classmethod
    def parse(cls, origins: Sequence[str] | None, *, behind_proxy: bool) -> Origins:
        """Return the rule that a user's setting stands for.

        Args:
            origins: Such as ``["https://example.org"]``; ``["*"]`` for every page there is; None: same host.
            behind_proxy: Whether the ``Host`` header may be the proxy's.

        Raises:
            ConfigurationError: If an origin is malformed, or the default cannot decide.

        """
        if origins is None:
            if behind_proxy:
                raise ConfigurationError(
                    "origins",
                    "behind a proxy the Host header may not be the one that the browser sees",
                    'list the origins of your pages, such as origins=["https://example.org"]',
                )
            return cls()
        if isinstance(origins, str):
            raise ConfigurationError("origins", "expected a list of origins, got one string", f"origins=[{origins!r}]")
        if list(origins) == ["*"]:
            return cls(everybody=True)
        return cls(listed=frozenset(map(_normal, origins)))

    def allow(self, origin: str | None, host: str | None) -> bool:
        """Tell whether a request may connect.

        Args:
            origin: Its ``Origin`` header. Every browser sends one; who sends none is no browser, and is allowed.
            host: Its ``Host`` header.

        """
        if origin is None or self.everybody:
            return True
        try:
            normal = _normal(origin)
        except ConfigurationError:
            return False
        if self.listed is not None:
            return normal in self.listed
        scheme, _, place = normal.partition("://")
        return host is not None and place == _without_default_port(scheme, host.lower())


def _normal(origin: str) -> str:
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        raise ConfigurationError("origins", f"expected an origin, got {origin!r}") from None
    scheme = parts.scheme.lower()
    bare = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    if scheme not in PORTS or not parts.hostname or not bare or (port is None and parts.netloc.endswith(":")):
        raise ConfigurationError(
            "origins", f"expected scheme, host and port only, got {origin!r}", 'such as "https://example.org"'
        )
    return f"{scheme}://{_without_default_port(scheme, parts.netloc.lower())}"


def _without_default_port(scheme: str, place: str) -> str:
    return place.removesuffix(f":{PORTS[scheme]}")
