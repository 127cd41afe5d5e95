"""Pipelines of commands to one server, one for each iteration of the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Callable
from typing import Final

from .command import DEADLINE, Command
from .redis_driver import RedisDriver
from .redis_failures import FAILURES, Effect, describe, effect_of, is_timeout, log_unexpected
from .redis_url import Address

__all__ = ["CHECK_INTERVAL", "CLOSED", "GRACE", "PAUSE", "CommandBatcher"]

PIPELINE: Final = 500
"""Maximum number of commands in one pipeline."""
WORKERS: Final = 4
"""Maximum number of pipelines in flight, besides that of the publications."""
BACKOFF: Final = (0.5, 2.0)
"""Initial and largest delay between probes while the server is unreachable, in seconds."""
GRACE: Final = 0.5
"""Time for attempts on new connections until a lost one is a problem, in seconds."""
PAUSE: Final = 0.05
"""Seconds before commands are sent again on a new connection."""
CHECK_INTERVAL: Final = 1.0
"""Seconds between probes while the server answers."""
TICK: Final = 0.1
CLOSED: Final = "the backplane is closed"
"""Problem after the end."""


class _Lane:
    """Queue of commands, in order."""

    def __init__(self) -> None:
        self.queue: deque[Command] = deque()
        self.filled = asyncio.Event()

    def append(self, command: Command) -> None:
        self.queue.append(command)
        self.filled.set()

    async def take(self) -> list[Command]:
        """Wait for commands, and remove those of one pipeline."""
        while not self.queue:
            self.filled.clear()
            await self.filled.wait()
        return [self.queue.popleft() for _ in range(min(len(self.queue), PIPELINE))]


class CommandBatcher:
    """Pipelines of commands, with a breaker.

    Publications are sent in order: one pipeline is in flight while the next one accumulates. Once the server does not
    answer, the breaker opens: commands fail at once until a probe succeeds. Repeatable commands that may have been
    executed wait for the probe until their deadline, and are sent again.
    """

    def __init__(
        self,
        driver: RedisDriver,
        place: Address | None,
        *,
        on_change: Callable[[str | None], None],
        on_probe: Callable[[], None] = lambda: None,
        interval: Callable[[], float] = lambda: CHECK_INTERVAL,
    ) -> None:
        """Create a batcher; :meth:`start` connects.

        Args:
            driver: Servers.
            place: Server of a cluster; None for the only one, or for any.
            on_change: Function that is called with the problem when the breaker opens, and with None when it closes.
            on_probe: Function that is called after each probe.
            interval: Function that returns the seconds between probes while the server answers.
        """
        self._driver = driver
        self._place = place
        self._on_change = on_change
        self._on_probe = on_probe
        self._interval = interval
        self._hurry = asyncio.Event()
        self._publications = _Lane()
        self._others = _Lane()
        self._problem: str | None = None
        """Problem that opened the breaker; None while it is closed."""
        self._closed = asyncio.Event()
        """Event that is set while the breaker is closed."""
        self._failing_since: float | None = None
        self._clock_offset = 0.0
        """Time of the server minus the time of the event loop, in seconds."""
        self._tasks: list[asyncio.Task[None]] = []
        self._hand_over: Callable[[Command], None] | None = None
        self.reconnects = 0
        """Number of lost connections."""

    @property
    def up(self) -> bool:
        """True while commands can be executed."""
        return self._closed.is_set()

    @property
    def backlog(self) -> int:
        """Number of publications that wait to be sent."""
        return len(self._publications.queue)

    def start(self) -> None:
        """Connect."""
        lanes = [self._publications, *[self._others] * WORKERS]
        self._tasks = [asyncio.ensure_future(self._work(lane)) for lane in lanes]
        self._tasks.append(asyncio.ensure_future(self._probe()))

    def send(self, command: Command) -> None:
        """Send a command with the others of this iteration, or fail it at once if the server is unreachable."""
        if self._problem is not None:
            command.fail(self._problem)
        else:
            self._lane(command).append(command)

    def probe_soon(self) -> None:
        """Probe the server without delay."""
        self._hurry.set()

    def close(self, hand_over: Callable[[Command], None] | None = None) -> None:
        """End. Commands that wait fail.

        Args:
            hand_over: Function that sends them elsewhere instead.
        """
        self._hand_over = hand_over
        self._problem = CLOSED
        self._closed.clear()
        for task in self._tasks:
            task.cancel()
        for lane in (self._publications, self._others):
            while lane.queue:
                self._give_back(lane.queue.popleft())

    async def stop(self) -> None:
        """Wait until :meth:`close` is done."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    # Pipelines.

    def _lane(self, command: Command) -> _Lane:
        return self._publications if command.in_order else self._others

    async def _work(self, lane: _Lane) -> None:
        commands: list[Command] = []
        try:
            while True:
                await self._closed.wait()
                commands = await lane.take()
                if self._problem is None:
                    commands = await self._run(commands)
                lane.queue.extendleft(reversed([command for command in commands if self._may_wait(command)]))
                commands = []
        finally:
            for command in commands:
                self._give_back(command)

    def _give_back(self, command: Command) -> None:
        if command.future.done():
            return
        if self._hand_over is not None and (command.repeatable or not command.sent):
            self._hand_over(command)
        else:
            command.fail(CLOSED)

    async def _run(self, commands: list[Command]) -> list[Command]:
        """Run a pipeline; return the commands to send again."""
        now = asyncio.get_running_loop().time()
        sent_before = [command.sent for command in commands]
        for command in commands:
            command.deadline = command.deadline or now + DEADLINE
            command.sent = True
        server_time = now + self._clock_offset
        try:
            results = await self._driver.run([command.arguments(server_time) for command in commands])
            self._driver.latency.observe(asyncio.get_running_loop().time() - now)
        except Exception as error:
            log_unexpected(error)
            results = [error] * len(commands)
        again: list[Command] = []
        moving, failure = False, None  # moving: keys, or the clock
        for command, result, before in zip(commands, results, sent_before, strict=True):
            if not isinstance(result, Exception):
                if not command.accept(result):
                    again.append(command)
                    moving = True
                    self.probe_soon()
                continue
            effect = effect_of(result)
            if effect is Effect.REFUSED or (effect is Effect.UNKNOWN_SCRIPT and not command.send_source()):
                command.refuse(describe(result))
                continue
            if effect is not Effect.LOST:
                command.sent = before
            if effect is Effect.MOVING:
                moving = True
            elif effect is not Effect.UNKNOWN_SCRIPT:
                failure = result
            if command.repeatable or not command.sent:
                again.append(command)
            else:
                command.fail(describe(result))
        if failure is not None:
            await self._handle_failure(failure)
        elif moving:
            await asyncio.sleep(PAUSE)
        else:
            self._failing_since = None
        return again

    async def _handle_failure(self, failure: BaseException) -> None:
        now = asyncio.get_running_loop().time()
        self.reconnects += 1
        if self._failing_since is None:
            self._failing_since = now
        if is_timeout(failure) or now - self._failing_since >= GRACE:
            self._break(describe(failure))
        else:
            await asyncio.sleep(PAUSE)

    # Breaker.

    def _may_wait(self, command: Command) -> bool:
        """Return True if a command stays in its queue; otherwise it fails, or nothing waits for it."""
        if command.future.done():
            return False
        late = 0 < command.deadline <= asyncio.get_running_loop().time()
        if not late and (self._problem is None or (command.sent and command.repeatable)):
            return True
        command.fail(self._problem or "no answer in time")
        return False

    def _break(self, problem: str) -> None:
        """Open the breaker: only commands that may have been executed wait."""
        if self._problem is None:
            self._problem = problem
            self._closed.clear()
            self._discard()
            self._hurry.set()
            self._on_change(problem)

    def _discard(self) -> None:
        """Fail the commands that may not wait, repeatedly while the breaker is open."""
        if self._problem is not None and self._problem != CLOSED:
            for lane in (self._publications, self._others):
                lane.queue = deque(command for command in lane.queue if self._may_wait(command))
            asyncio.get_running_loop().call_later(TICK, self._discard)

    async def _probe(self) -> None:
        """Check the server from time to time; close the breaker when it answers."""
        loop = asyncio.get_running_loop()
        delay = BACKOFF[0]
        while True:
            try:
                self._clock_offset = await self._driver.probe(self._place) - loop.time()
            except Exception as error:
                log_unexpected(error)
                if self.up:
                    await self._handle_failure(error)
                else:
                    self._break(describe(error))
            else:
                delay = BACKOFF[0]
                self._failing_since = None
                if not self.up:
                    self._problem = None
                    self._closed.set()
                    self._on_change(None)
            self._on_probe()
            pause = self._interval()
            if self._problem is not None:
                with contextlib.suppress(*FAILURES):
                    await self._driver.disconnect(self._place)  # other connections may be dead, too
                pause, delay = random.uniform(delay / 2, delay), min(2 * delay, BACKOFF[1])
            elif self._failing_since is not None:
                pause = PAUSE
            await self._wait(pause)

    async def _wait(self, seconds: float) -> None:
        """Wait until the next probe: earlier after a change of the breaker, and after :meth:`probe_soon`."""
        await asyncio.sleep(PAUSE)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        self._hurry.clear()
