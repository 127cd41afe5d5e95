"""Commands to one Redis server: those of one turn of the event loop travel together."""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from .command import DEADLINE, Command
from .redis_connection import ConnectFailed, RedisConnection, connect
from .redis_url import Address, RedisSettings
from .resp import Refusal, Reply, pack

__all__ = ["CommandBatcher"]

logger = logging.getLogger("tornado_ws")

PIPELINE: Final = 500
"""Maximum number of commands of one kind in flight."""
BACKOFF: Final = (0.5, 2.0)
"""Initial and largest delay between probes while the server is unreachable, in seconds."""
SHORT_LIFE: Final = 0.1
"""Life of a connection after which the next one begins with a pause, in seconds."""
PAUSE: Final = 0.05
GRACE: Final = 0.3
"""Time for attempts to replace a lost connection until the breaker opens, in seconds. A refusal may be a short one."""
TICK: Final = 0.25

ELSEWHERE: Final = ("MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN")
"""Codes of a cluster for a command that it did not execute."""
NOT_READY: Final = ("LOADING", "READONLY", "MASTERDOWN", "NOAUTH")
"""Codes of a server that cannot be used, at least for now."""
ASKING: Final = pack(("ASKING",))


class _State(enum.Enum):
    IDLE = enum.auto()
    CONNECTING = enum.auto()
    UP = enum.auto()
    DOWN = enum.auto()


class _Lane:
    """Queue of commands, in order."""

    def __init__(self, *, in_order: bool) -> None:
        self.in_order = in_order
        """True if a pipeline waits for the replies to the one before it, so that commands can be repeated in order."""
        self.queue: deque[Command] = deque()
        self.flying: deque[Command] = deque()
        """Commands without a reply."""
        self.again: list[Command] = []
        """Commands to repeat."""

    def take(self) -> Iterator[Command]:
        """Yield the commands to send now."""
        if self.in_order and self.flying:
            return
        while self.queue and len(self.flying) < PIPELINE:
            command = self.queue.popleft()
            self.flying.append(command)
            yield command

    def requeue(self) -> None:
        """Put commands to repeat before all others."""
        self.queue.extendleft(reversed(self.again))
        self.again.clear()


class CommandBatcher:
    """Commands to one server over one connection, with a breaker.

    Publications are sent in order: one pipeline is in flight while the next one accumulates. A lost connection is
    replaced at once. If that fails, or if the server is silent, the breaker opens: commands fail at once until a probe
    succeeds. Publications that may have been executed wait for the probe until their deadline, and are sent again.
    """

    def __init__(
        self,
        locate: Callable[[], Awaitable[Address]],
        settings: RedisSettings,
        *,
        on_change: Callable[[str | None], None],
        on_redirect: Callable[[Command, Refusal, bool], bool] = lambda command, refusal, in_order: False,
    ) -> None:
        """Create a batcher; its first command connects.

        Args:
            locate: Function that returns the address of the server.
            settings: Settings of the connection.
            on_change: Function that is called with None when the server can be used, and with the problem when not.
            on_redirect: Function that sends a command to another server of a cluster.
        """
        self._locate = locate
        self._settings = settings
        self._on_change = on_change
        self._on_redirect = on_redirect
        self._publications = _Lane(in_order=True)
        self._others = _Lane(in_order=False)
        self._state = _State.IDLE
        self._problem = ""
        self._connection: RedisConnection | None = None
        self._flushing = False
        self._task: asyncio.Task[None] | None = None
        self._lost: asyncio.Event = asyncio.Event()
        self._ticking: asyncio.TimerHandle | None = None
        self.reconnects = 0
        """Number of connections after the first one."""

    @property
    def up(self) -> bool:
        """True while the server is connected."""
        return self._state is _State.UP

    @property
    def connection(self) -> RedisConnection | None:
        """Open connection."""
        return self._connection

    @property
    def backlog(self) -> int:
        """Number of publications that wait to be sent."""
        return len(self._publications.queue)

    def start(self) -> None:
        """Connect, unless that has begun."""
        if self._task is None:
            self._state = _State.CONNECTING
            self._task = asyncio.get_running_loop().create_task(self._run())

    def send(self, command: Command, *, in_order: bool = False) -> None:
        """Send a command with the others of this turn, or let it fail at once if the server is unreachable.

        Args:
            command: Command.
            in_order: True for publications.
        """
        self.start()
        if self._state is _State.DOWN:
            command.fail(self._problem)
            return
        (self._publications if in_order else self._others).queue.append(command)
        self._schedule()

    def close(self) -> None:
        """Disconnect. Waiting commands fail."""
        if self._task is not None:
            self._task.cancel()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None
        self._state, self._problem = _State.DOWN, "the backplane is closed"
        for lane in (self._publications, self._others):
            for command in (*lane.again, *lane.flying, *lane.queue):
                command.fail(self._problem)
            lane.again.clear()
            lane.flying.clear()
            lane.queue.clear()

    async def stop(self) -> None:
        """Disconnect, and wait until that is done."""
        self.close()
        if self._task is not None:
            await asyncio.wait((self._task,))

    # Sending.

    def _schedule(self) -> None:
        if self._state is _State.UP:
            if not self._flushing:
                self._flushing = True
                asyncio.get_running_loop().call_soon(self._flush)
        elif self._ticking is None:
            self._ticking = asyncio.get_running_loop().call_later(TICK, self._tick)

    def _flush(self) -> None:
        self._flushing = False
        connection = self._connection
        if connection is None:
            return
        loop = asyncio.get_running_loop()
        server_time = loop.time() + connection.info.clock_offset
        data: list[bytes] = []
        expected: list[Callable[[Reply], None]] = []
        for lane, answered in ((self._publications, self._published), (self._others, self._answered)):
            for command in lane.take():
                if command.asking:
                    command.asking = False
                    data.append(ASKING)
                    expected.append(_ignore)
                if not command.sent:
                    command.sent = True
                    command.deadline = loop.time() + DEADLINE
                data.append(command.pack(server_time))
                expected.append(answered)
        if data:
            connection.send(b"".join(data), expected)

    def _published(self, reply: Reply) -> None:
        self._take_reply(self._publications, reply)

    def _answered(self, reply: Reply) -> None:
        self._take_reply(self._others, reply)

    def _take_reply(self, lane: _Lane, reply: Reply) -> None:
        command = lane.flying.popleft()
        if isinstance(reply, Refusal):
            self._refused(lane, command, reply)
        elif not command.accept(reply):
            command.refused()
            lane.again.append(command)
            self._set_clock(reply)
        if not lane.flying and lane.again:
            lane.requeue()
        if lane.queue and not (lane.in_order and lane.flying):
            self._schedule()

    def _refused(self, lane: _Lane, command: Command, refusal: Refusal) -> None:
        command.refused()
        if refusal.code == "NOSCRIPT" and command.send_source():
            lane.again.append(command)
        elif refusal.code in ELSEWHERE and self._on_redirect(command, refusal, lane.in_order):
            pass
        elif refusal.has(*NOT_READY):
            command.fail(refusal.text)
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()
            self._on_lost(refusal.text, True)
        else:
            command.reject(refusal)

    def _set_clock(self, reply: Reply) -> None:
        """Correct the time of the server, whose clock was set."""
        if self._connection is not None and isinstance(reply, int):
            offset = reply / 1000 - asyncio.get_running_loop().time()
            self._connection.info = dataclasses.replace(self._connection.info, clock_offset=offset)

    def take_commands(self) -> list[tuple[Command, bool]]:
        """Remove the publications that may have been executed, for another server that has their keys now."""
        lane = self._publications
        taken = [(command, True) for command in lane.queue]
        lane.queue.clear()
        return taken

    # Connection.

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        delay = BACKOFF[0]
        grace_until = 0.0
        while True:
            self._lost.clear()
            try:
                address = await self._locate()
                connection = await connect(address, self._settings, self._on_lost)
                if connection.info.role != "master":
                    connection.close()
                    raise ConnectFailed(f"{address[0]}:{address[1]} is a {connection.info.role}")
            except Exception as failure:
                if not isinstance(failure, ConnectFailed):
                    logger.exception("cannot connect to Redis")
                if loop.time() < grace_until and self._state is not _State.DOWN:
                    await asyncio.sleep(PAUSE)
                    continue
                self._break(str(failure))
                await asyncio.sleep(random.uniform(delay / 2, delay))
                delay = min(2 * delay, BACKOFF[1])
                continue
            began = loop.time()
            if not self._lost.is_set():
                self._connection = connection
                self._state = _State.UP
                self._on_change(None)
                self._flush()
                await self._lost.wait()
            self.reconnects += 1
            grace_until = loop.time() + GRACE
            if loop.time() - began < SHORT_LIFE:
                await asyncio.sleep(PAUSE)
            else:
                delay = BACKOFF[0]

    def _on_lost(self, reason: str, silent: bool) -> None:
        """Prepare for another connection: repeat the commands that may be repeated.

        Args:
            reason: Reason, for errors.
            silent: True if the server did not answer, so that the breaker opens at once.
        """
        self._connection = None
        self._state = _State.CONNECTING
        for lane in (self._publications, self._others):
            lost = [*lane.flying]
            lane.flying.clear()
            for command in lost:
                if command.repeatable and not command.done:
                    command.lost()
                    lane.again.append(command)
                else:
                    command.fail(reason)
            lane.requeue()
        if silent:
            self._break(reason)
        self._lost.set()
        self._schedule()

    def _break(self, problem: str) -> None:
        """Open the breaker."""
        self._state = _State.DOWN
        self._problem = problem
        for lane in (self._publications, self._others):
            waiting = [*lane.queue]
            lane.queue.clear()
            for command in waiting:
                if command.sent and command.settles:
                    lane.queue.append(command)
                else:
                    command.fail(problem)
        self._on_change(problem)

    def _tick(self) -> None:
        """Let waiting commands fail whose time is over. While the server answers, the others are not late."""
        self._ticking = None
        if self._state is _State.UP:
            return
        loop = asyncio.get_running_loop()
        lanes = (self._publications, self._others)
        for lane in lanes:
            while lane.queue and lane.queue[0].deadline <= loop.time():
                lane.queue.popleft().fail(self._problem or "no connection in time")
        if any(lane.queue for lane in lanes):
            self._ticking = loop.call_later(TICK, self._tick)


def _ignore(reply: Reply) -> None:
    """Ignore the answer to ``ASKING``."""
