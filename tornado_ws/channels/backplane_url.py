"""Creation of a backplane from a URL."""

from __future__ import annotations

from ..errors import ConfigurationError
from .backplane import Backplane

__all__ = ["backplane_at"]


def backplane_at(url: str) -> Backplane:
    """Return the backplane for a URL. Its first operation connects.

    Args:
        url: Address of the server, such as ``redis://localhost:6379/0``.

    Raises:
        ConfigurationError: If the URL is invalid, or the driver is not installed.
    """
    try:
        from .redis import RedisBackplane  # its driver is optional
    except ImportError as error:
        raise ConfigurationError("backplane", str(error), "pip install 'tornado-ws[redis]'") from None
    return RedisBackplane(url)
