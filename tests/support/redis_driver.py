"""Driver without servers, for tests of the parts that use one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from tornado_ws.channels.redis.redis_driver import RedisDriver
from tornado_ws.channels.redis.redis_url import Address


class ScriptedDriver(RedisDriver):
    """Driver that answers each command with its name. A key is at the place of its first character, from ``a`` on."""

    def __init__(self) -> None:
        super().__init__()
        self.pipelines: list[list[str]] = []
        """Names of the commands in each pipeline."""
        self.answers: dict[str, list[Any]] = {}
        """First answers to a command, by name."""
        self.problem: Exception | None = None
        """Problem of all servers."""
        self.problems: dict[Address, Exception] = {}
        """Problems of servers."""
        self.hanging = False
        """True if probes do not return."""
        self.held: set[str] = set()
        """Names of commands whose pipeline does not return, once."""

    async def run(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """Return the answers."""
        await asyncio.sleep(0)
        names = [str(command[0]) for command in commands]
        self.pipelines.append(names)
        if held := self.held.intersection(names):
            self.held -= held
            await asyncio.Event().wait()
        if self.problem is not None:
            raise self.problem
        return [self.answers[name].pop(0) if self.answers.get(name) else name for name in names]

    async def probe(self, place: Address | None) -> float:
        """Return the time."""
        if self.hanging:
            await asyncio.Event().wait()
        problem = self.problem if place is None else self.problems.get(place)
        if problem is not None:
            raise problem
        return time.time()

    def place_of(self, key: str) -> Address | None:
        """Return the place of a key."""
        at = ord(key[0]) - ord("a")
        return self.places[at] if at < len(self.places) else None

    async def disconnect(self, place: Address | None) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""

    def _pool(self, place: Address | None) -> Any:
        raise NotImplementedError
