"""Rooms, kept messages and one-time tickets, shared by the processes of one application.

Imports: ``errors``.

Entry point: :class:`.Backplane`, with :func:`backplane_at` for a URL.
"""

from ..errors import ConfigurationError
from .base import Backplane, Publication
from .memory import MemoryBackplane

__all__ = ["Backplane", "MemoryBackplane", "Publication", "backplane_at"]


def backplane_at(url: str) -> Backplane:
    """Return the backplane that a URL names.

    Raises:
        ConfigurationError: If it names none, or what it needs is not installed.
    """
    if url.partition(":")[0] not in ("redis", "rediss", "unix"):
        raise ConfigurationError("backplane", f"expected a URL that begins with redis:, got {url!r}")
    try:
        from .redis import RedisBackplane
    except ImportError as error:
        raise ConfigurationError("backplane", str(error), "pip install 'tornado-ws[redis]'") from None
    return RedisBackplane(url)
