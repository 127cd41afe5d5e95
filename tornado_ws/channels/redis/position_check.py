"""Periodic comparison of the positions of this process with those in Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from ...errors import BackplaneDown
from ...loggers import BACKPLANE
from ..channel import Channel
from .follower import Follower
from .redis_history import RedisHistory

__all__ = ["PositionCheck"]

INTERVAL: Final = 2.0
"""Seconds in which all channels are compared once, spread over that time."""
BATCH: Final = 200
"""Maximum number of channels in one pipeline."""
PROLONG_INTERVAL: Final = 3600.0
"""Seconds between prolongations of the positions in use."""


class PositionCheck:
    """Periodic check of all followed channels, which detects messages that pub/sub has lost."""

    def __init__(self, history: RedisHistory, followers: Mapping[Channel, Follower]) -> None:
        """Create a check; :meth:`start` begins it.

        Args:
            history: Histories in Redis.
            followers: Followed channels; the mapping changes.
        """
        self._history = history
        self._followers = followers
        self._prolonged_at = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the check, unless it runs already."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def close(self) -> None:
        """End the check."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while True:
            followers = [follower for follower in self._followers.values() if follower.log is not None]
            batches = [followers[at : at + BATCH] for at in range(0, len(followers), BATCH)] or [[]]
            for batch in batches:
                await asyncio.sleep(INTERVAL / len(batches))
                try:
                    await self._compare(batch)
                except Exception:
                    BACKPLANE.exception("cannot compare positions with Redis")
            self._prolong(followers)

    async def _compare(self, followers: list[Follower]) -> None:
        for follower in followers:
            follower.discard_expired()
            if follower.unread:
                follower.read()
        known = [(follower, at) for follower in followers if (at := follower.position) is not None]
        try:
            heads = await self._history.heads([follower.keys for follower, _ in known])
        except BackplaneDown:
            return
        for (follower, at), head in zip(known, heads, strict=True):
            follower.compare(head, at)

    def _prolong(self, followers: list[Follower]) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._prolonged_at >= PROLONG_INTERVAL:
            self._prolonged_at = now
            self._history.prolong([follower.keys for follower in followers])
