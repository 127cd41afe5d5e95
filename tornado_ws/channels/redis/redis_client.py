"""Client of Redis for all parts of the backplane: commands, scripts and names of keys."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any, Final

from ...errors import BackplaneDown
from .command import Command, ScriptCommand, in_words
from .redis_cluster import ClusterServers, hash_slot
from .redis_health import RedisHealth
from .redis_servers import OneServer, RedisServers
from .redis_url import parse_url
from .resp import Argument, Refusal
from .subscriber import OneSubscriber, Subscriber

__all__ = ["RedisClient"]

WRITES: Final = "writes"
WRITE_PROBE_INTERVAL: Final = 1.0
"""Seconds between attempts to write while Redis refuses it."""


class RedisClient:
    """Commands that travel together, over few connections. Every failure is raised as :exc:`.BackplaneDown`.

    Commands are never refused because they are many. Each has an answer within :data:`.DEADLINE`.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str,
        on_up: Callable[[], None] = lambda: None,
        on_down: Callable[[], None] = lambda: None,
    ) -> None:
        """Create a client; its first command connects.

        Args:
            url: URL of the server.
            prefix: Prefix of all keys, one per application.
            on_up: Function that is called when commands can be executed again.
            on_down: Function that is called when something is wrong.

        Raises:
            ConfigurationError: If the URL is invalid.
        """
        self._write_probe: asyncio.Task[None] | None = None
        self.settings = settings = parse_url(url)
        self.prefix = prefix
        place = ", ".join(f"{host}:{port}" if port else host for host, port in settings.addresses)
        self.health = RedisHealth(place, on_down=on_down)
        self.servers: RedisServers
        self.subscriber: Subscriber
        if settings.topology == "cluster":
            cluster = ClusterServers(settings, self.health, on_up)
            self.servers, self.subscriber = cluster, cluster.subscriber
        else:
            server = OneServer(settings, self.health, on_up)
            self.servers, self.subscriber = server, OneSubscriber(server.locate, settings, self.health)

    @property
    def sharded(self) -> bool:
        """True if publications stay in the part of a cluster that has their channel."""
        return isinstance(self.servers, ClusterServers) and self.servers.sharded

    def key(self, category: str, name: str) -> str:
        """Return the Redis key of a value, such as ``tornado-ws:ticket:…``."""
        return f"{self.prefix}:{category}:{name}"

    async def execute(self, *command: Argument) -> Any:  # Any: the type of the result depends on the command
        """Execute a command and return its result. Its first argument is its only key.

        Raises:
            BackplaneDown: If it fails, or has no answer in time; it may have been executed then.
        """
        return await self._execute(Command(command, slot=self.slot(str(command[1])) if len(command) > 1 else 0))

    async def run_script(self, script: str, keys: Sequence[str], *arguments: Argument, repeatable: bool = False) -> Any:
        """Execute a Lua script and return its result.

        Args:
            script: Text of the script.
            keys: Keys; in a cluster, all of one hash slot.
            arguments: Other arguments.
            repeatable: True if the script may be executed twice.

        Raises:
            BackplaneDown: If it fails, or has no answer in time; it may have been executed then.
        """
        slot = self.slot(keys[0]) if keys else 0
        return await self._execute(ScriptCommand(script, keys, arguments, slot=slot, repeatable=repeatable))

    def post(self, *command: Argument) -> None:
        """Send a command without waiting for its result."""
        self.servers.send(Command(command, slot=self.slot(str(command[1])), awaited=False))

    def slot(self, key: str) -> int:
        """Return the hash slot of a key; 0 without a cluster."""
        return hash_slot(key) if self.settings.topology == "cluster" else 0

    def start(self) -> None:
        """Connect, unless that has begun."""
        self.servers.start()
        self.subscriber.start()

    def close(self) -> None:
        """Disconnect."""
        if self._write_probe is not None:
            self._write_probe.cancel()
        self.servers.close()
        self.subscriber.close()

    async def stop(self) -> None:
        """Disconnect, and wait until that is done."""
        self.close()
        await self.servers.stop()
        await self.subscriber.stop()
        await asyncio.sleep(0)  # transports close in the next iteration

    async def reply_to(self, command: Command) -> Any:
        """Return the result of a command that was sent.

        Raises:
            BackplaneDown: If it fails, or has no answer in time; it may have been executed then.
        """
        assert command.future is not None
        reply = await command.future
        if isinstance(reply, Refusal):
            raise BackplaneDown(in_words(reply))
        return reply

    def on_write_refused(self, refusal: Refusal, key: str) -> None:
        """Note that Redis refuses to write, and try from time to time until it does not.

        Args:
            refusal: Reason.
            key: Hash that could not be written.
        """
        self.health.set(WRITES, in_words(refusal))
        if self._write_probe is None:
            self._write_probe = asyncio.get_running_loop().create_task(self._probe_writes(key))

    async def _probe_writes(self, key: str) -> None:
        while True:
            await asyncio.sleep(WRITE_PROBE_INTERVAL)
            with contextlib.suppress(BackplaneDown):
                await self.execute("HSET", key, "probe", "")
                self.health.set(WRITES, None)
                self._write_probe = None
                return

    async def _execute(self, command: Command) -> Any:
        self.servers.send(command)
        return await self.reply_to(command)
