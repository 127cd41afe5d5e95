"""Origins of pages that may connect (RFC 6454, RFC 6455 section 10.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import ConfigurationError

__all__ = ["Origins"]

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True)
class Origins:
    """Origins of pages that may connect: the host of the request, or a list of origins."""

    listed: frozenset[str] | None = None
    """Allowed origins. None allows the host of the request, without protection against DNS rebinding."""
    any_origin: bool = False
    """True to allow any origin."""

    @classmethod
    def parse(cls, origins: Sequence[str] | None, *, behind_proxy: bool) -> Origins:
        """Parse the setting ``origins``.

        Args:
            origins: Origins such as ``["https://example.org"]``; ``["*"]`` for any; None for the request's host.
            behind_proxy: True if the ``Host`` header may name a proxy.

        Raises:
            ConfigurationError: If an origin is malformed, or ``origins`` is None behind a proxy.
        """
        if origins is None:
            if behind_proxy:
                raise ConfigurationError(
                    "origins",
                    "expected a list of origins, got None behind a proxy, whose Host header may differ",
                    'list the origins of your pages, such as origins=["https://example.org"]',
                )
            return cls()
        if isinstance(origins, str):
            raise ConfigurationError("origins", "expected a list of origins, got one string", f"origins=[{origins!r}]")
        if list(origins) == ["*"]:
            return cls(any_origin=True)
        return cls(listed=frozenset(map(_normalize, origins)))

    def allow(self, origin: str | None, host: str | None) -> bool:
        """Return True if a request may connect.

        Args:
            origin: ``Origin`` header. Every browser sends one, so a request without it is allowed.
            host: ``Host`` header.
        """
        if origin is None or self.any_origin:
            return True
        try:
            normal = _normalize(origin)
        except ConfigurationError:
            return False
        if self.listed is not None:
            return normal in self.listed
        scheme, _, authority = normal.partition("://")
        return host is not None and authority == _without_default_port(scheme, host.lower())


def _normalize(origin: str) -> str:
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        raise ConfigurationError("origins", f"expected an origin, got {origin!r}") from None
    scheme = parts.scheme.lower()
    bare = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    if scheme not in DEFAULT_PORTS or not parts.hostname or not bare or (port is None and parts.netloc.endswith(":")):
        raise ConfigurationError(
            "origins", f"expected scheme, host and port only, got {origin!r}", 'such as "https://example.org"'
        )
    return f"{scheme}://{_without_default_port(scheme, parts.netloc.lower())}"


def _without_default_port(scheme: str, authority: str) -> str:
    return authority.removesuffix(f":{DEFAULT_PORTS[scheme]}")
