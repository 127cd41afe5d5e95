"""Names of a channel in Redis."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from urllib.parse import quote

from ..channel import Channel

__all__ = ["ChannelKeys", "channel_keys"]


@dataclass(frozen=True, slots=True)
class ChannelKeys:
    """Keys of one channel. The tag in braces is the same, so that a cluster keeps them in one place.

    It contains the number of the database, since databases share pub/sub.
    """

    tag: str
    """Common part of the names."""

    @property
    def position(self) -> str:
        """Hash with epoch, number and mark."""
        return f"{self.tag}:position"

    @property
    def stream(self) -> str:
        """Stream of the kept messages."""
        return f"{self.tag}:stream"

    @property
    def probe(self) -> str:
        """Key to check that Redis can write."""
        return f"{self.tag}:probe"

    def publication(self, id: str) -> str:
        """Return the key of a publication, which shows that it was executed."""
        return f"{self.tag}:publication:{id}"

    @property
    def pubsub(self) -> str:
        """Name of the pub/sub channel."""
        return f"{self.tag}:messages"


@functools.lru_cache(maxsize=4096)
def channel_keys(channel: Channel, *, prefix: str, database: int) -> ChannelKeys:
    """Return the keys of a channel.

    Args:
        channel: Channel, whose room may contain any character.
        prefix: Prefix of the application.
        database: Number of the database.
    """
    parts = [prefix, str(database), channel.endpoint, *(() if channel.room is None else (channel.room,))]
    tag = ":".join(quote(part, safe="", errors="surrogatepass") for part in parts)
    return ChannelKeys(f"{{{tag}}}")
