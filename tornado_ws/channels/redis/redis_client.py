"""Client of Redis for all parts of the backplane: commands, scripts and names of keys."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any, Final

from ...errors import BackplaneDown
from ...histogram import Histogram
from .command import Argument, Command, Script
from .command_router import CommandRouter
from .redis_driver import make_driver
from .redis_failures import FAILURES
from .redis_health import RedisHealth
from .redis_url import parse_url
from .subscriber import Subscriber

__all__ = ["RedisClient"]

WRITE_PROBE_INTERVAL: Final = 1.0
"""Seconds between attempts to write while Redis refuses it."""


class RedisClient:
    """Client that sends commands together over few connections. Every failure is raised as :exc:`.BackplaneDown`.

    The number of commands is not limited. Each has a result within :data:`.DEADLINE`.
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
            on_down: Function that is called when a problem begins.

        Raises:
            ConfigurationError: If the URL is invalid.
        """
        self.settings = settings = parse_url(url)
        self.prefix = prefix
        self.health = RedisHealth(
            ", ".join(f"{host}:{port}" if port else host for host, port in settings.addresses), on_down=on_down
        )
        self._driver = make_driver(settings)
        self._write_probe: asyncio.Task[None] | None = None
        self._end: asyncio.Task[None] | None = None
        self.subscriber = Subscriber(
            self._driver, self.health, prefix=prefix, on_trouble=lambda moved: self._router.look(moved=moved)
        )
        self._router = CommandRouter(self._driver, self.health, on_up=on_up, on_layout=self.subscriber.assign)

    @property
    def sharded(self) -> bool:
        """True if publications stay at the server of their channel."""
        return self._driver.sharded

    @property
    def publish_command(self) -> str:
        """Name of the command that publishes."""
        return "SPUBLISH" if self.sharded else "PUBLISH"

    @property
    def up(self) -> bool:
        """True while commands can be executed."""
        return self._router.up

    @property
    def backlog(self) -> int:
        """Number of publications that wait to be sent."""
        return self._router.backlog

    @property
    def latency(self) -> Histogram:
        """Times of the pipelines."""
        return self._driver.latency

    @property
    def reconnects(self) -> int:
        """Number of lost connections."""
        return self.subscriber.reconnects + self._router.reconnects

    def key(self, category: str, name: str) -> str:
        """Return the Redis key of a value, such as ``tornado-ws:ticket:…``."""
        return f"{self.prefix}:{category}:{name}"

    async def execute(self, *command: Argument) -> Any:  # Any: the type of the result depends on the command
        """Execute a command and return its result.

        Raises:
            BackplaneDown: If it fails, or has no answer in time; it may have been executed then.
        """
        return await self.send(Command(command))

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
        return await self.send(Script(script, keys, arguments, repeatable=repeatable))

    def post(self, *command: Argument) -> None:
        """Send a command without waiting for its result."""
        self.send(Command(command))

    def send(self, command: Command) -> asyncio.Future[Any]:
        """Send a command with the others of this iteration, and return the future of its result."""
        self._router.send(command)
        return command.future

    def on_write_refused(self, problem: str, key: str) -> None:
        """Report that Redis refuses writes, and try at intervals until it accepts them.

        Args:
            problem: Reason.
            key: Key to write.
        """
        self.health.set("writes", problem)
        if self._write_probe is None:
            self._write_probe = asyncio.get_running_loop().create_task(self._probe_writes(key))

    async def _probe_writes(self, key: str) -> None:
        while True:
            await asyncio.sleep(WRITE_PROBE_INTERVAL)
            with contextlib.suppress(BackplaneDown):
                await self.execute("SET", key, "", "PX", 1000)
                self.health.remove("writes")
                self._write_probe = None
                return

    def start(self) -> None:
        """Connect, unless that has begun."""
        self._router.start()

    def close(self) -> None:
        """Disconnect in the next iterations of the event loop."""
        if self._write_probe is not None:
            self._write_probe.cancel()
        self.subscriber.close()
        self._router.close()
        if self._end is None:
            with contextlib.suppress(RuntimeError):  # the event loop has ended
                loop = asyncio.get_running_loop()
                self._end = loop.create_task(self._disconnect())

    async def stop(self) -> None:
        """Disconnect, and wait until that is done."""
        self.close()
        if self._end is not None:
            await self._end

    async def _disconnect(self) -> None:
        await self.subscriber.stop()
        await self._router.stop()
        with contextlib.suppress(*FAILURES):
            await self._driver.close()
        await asyncio.sleep(0)  # transports close in the next iteration
