"""Names of a channel in Redis."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from urllib.parse import quote

from ..channel import Channel

__all__ = ["ChannelKeys", "channel_keys"]


@dataclass(frozen=True, slots=True)
class ChannelKeys:
    """Keys of one channel. The part in braces is the same, so that a cluster keeps them in one place."""

    position: str
    stream: str
    pubsub: str
    """Name of the pub/sub channel. It contains the number of the database, since databases share pub/sub."""


@functools.lru_cache(maxsize=1024)
def channel_keys(channel: Channel, *, prefix: str, database: int) -> ChannelKeys:
    """Return the keys of a channel.

    Args:
        channel: Channel, whose room may contain any character.
        prefix: Prefix of the application.
        database: Number of the database.
    """
    parts = [prefix, str(database), channel.endpoint, *(() if channel.room is None else (channel.room,))]
    tag = ":".join(quote(part, safe="", errors="surrogatepass") for part in parts)
    return ChannelKeys(f"{{{tag}}}:position", f"{{{tag}}}:stream", f"{{{tag}}}:messages")
