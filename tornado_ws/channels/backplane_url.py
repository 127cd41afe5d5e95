"""Creation of a backplane from a URL."""

from __future__ import annotations

from .backplane import Backplane
from .redis import RedisBackplane

__all__ = ["backplane_at"]


def backplane_at(url: str) -> Backplane:
    """Return the backplane for a URL. Its first operation connects.

    Args:
        url: Address of the server, such as ``redis://localhost:6379/0``.

    Raises:
        ConfigurationError: If the URL is invalid.
    """
    return RedisBackplane(url)
