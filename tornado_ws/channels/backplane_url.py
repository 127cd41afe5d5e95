"""Creation of a backplane from a URL."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import ConfigurationError
from .backplane import Backplane

__all__ = ["backplane_at"]


def backplane_at(url: str) -> Backplane:
    """Return the backplane for a URL. Its first operation connects.

    Args:
        url: Address of the server, such as ``redis://localhost:6379/0``.

    Raises:
        ConfigurationError: If the scheme is unknown, or the driver is not installed.
    """
    scheme = url.partition(":")[0]
    if scheme not in SCHEMES:
        raise ConfigurationError("backplane", f"expected a URL with the scheme {' or '.join(SCHEMES)}, got {url!r}")
    return SCHEMES[scheme](url)


def _redis(url: str) -> Backplane:
    try:
        from .redis import RedisBackplane
    except ImportError as error:
        raise ConfigurationError("backplane", str(error), "pip install 'tornado-ws[redis]'") from None
    return RedisBackplane(url)


SCHEMES: dict[str, Callable[[str], Backplane]] = {"redis": _redis, "rediss": _redis, "unix": _redis}
"""Factory by URL scheme. Drivers are optional, so each factory imports its own driver."""
