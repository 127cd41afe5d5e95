"""Two processes that talk over one Redis, and the check that nothing is lost, doubled or reordered in silence."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tests.support.receivers import LOBBY, Receiver, kept, publication
from tornado_ws.channels import Channel, Position
from tornado_ws.channels.redis import RedisBackplane
from tornado_ws.endpoint import Replay
from tornado_ws.errors import BackplaneDown

BOUNDS = Replay(count=100_000)
"""History that keeps all messages of a test."""


class TwoProcesses:
    """Two backplanes that publish numbered messages to one channel until :meth:`finish`."""

    def __init__(
        self, *urls: str, prefix: str, channel: Channel = LOBBY, bounds: Replay = BOUNDS, **settings: Any
    ) -> None:
        self.channel = channel
        self.bounds = bounds
        self.backplanes = [RedisBackplane(url, prefix=prefix, **settings) for url in (urls * 2)[:2]]
        self.receivers = [Receiver() for _ in self.backplanes]
        for backplane, receiver in zip(self.backplanes, self.receivers, strict=True):
            backplane.attach(receiver)
        self.accepted: dict[bytes, Position] = {}
        """Positions of all messages whose publication returned, by text."""
        self.failed: list[bytes] = []
        """Texts of the messages whose publication raised."""
        self.longest = 0.0
        """Longest duration of a publication, in seconds."""
        self._talking: list[asyncio.Task[None]] = []
        self._number = 0

    async def start(self, *, interval: float = 0.005) -> None:
        """Follow the channel, and begin to talk."""
        for backplane in self.backplanes:
            await backplane.follow(self.channel, self.bounds)
        self._talking = [asyncio.ensure_future(self._talk(one, interval)) for one in self.backplanes]

    async def talk_for(self, seconds: float) -> None:
        """Go on for some time."""
        await asyncio.sleep(seconds)

    async def until_talking(self, count: int = 20) -> None:
        """Wait until more messages are accepted."""
        wanted = len(self.accepted) + count
        await until(lambda: len(self.accepted) >= wanted)

    async def publish(self, backplane: RedisBackplane) -> None:
        """Publish the next message."""
        self._number += 1
        text = b'{"n":%d}' % self._number
        began = time.monotonic()
        try:
            position = await backplane.publish(kept(text, channel=self.channel, history=self.bounds))
        except BackplaneDown:
            self.failed.append(text)
            await asyncio.sleep(0.02)
        else:
            if position is not None:
                self.accepted[text] = position
        self.longest = max(self.longest, time.monotonic() - began)

    async def finish(self) -> list[list[bytes]]:
        """Stop talking, wait until both processes are complete, and check; return the texts of each process.

        Raises:
            AssertionError: If a message is missing, doubled or out of order without a reset.
        """
        await until(lambda: all(backplane.healthy for backplane in self.backplanes))
        await self.stop_talking()
        for backplane in self.backplanes:  # after an outage that nobody noticed, this one is
            await self.publish(backplane)
        head, history = await self.backplanes[0].history.read(self.channel, 0)
        await until(
            lambda: all(backplane.position(self.channel) == head for backplane in self.backplanes),
            lambda: f"{head} {self._state()}",
        )
        current = {message.position: message.text for message in history}
        for receiver in self.receivers:
            receiver.check()
            last = receiver.runs[self.channel][-1]
            for message in last:
                if message.position.seq >= history[0].position.seq:
                    assert current.get(message.position) == message.text, f"{message.position} is not in Redis"
            for run in receiver.runs[self.channel]:
                texts = [message.text for message in run]
                assert len(texts) == len(set(texts)), "a message came twice"
            if not receiver.resets:
                missing = self.accepted.keys() - set(receiver.texts)
                assert not missing, f"{len(missing)} messages are missing without a reset: {sorted(missing)[:5]}"
        return [receiver.texts for receiver in self.receivers]

    async def stop_talking(self) -> None:
        """Let the publications in progress end."""
        for task in self._talking:
            task.cancel()
        if self._talking:
            await asyncio.wait(self._talking)
        self._talking = []

    async def stop(self) -> None:
        """Disconnect."""
        await self.stop_talking()
        for backplane in self.backplanes:
            await backplane.stop()

    @property
    def resets(self) -> int:
        """Number of resets in both processes."""
        return sum(len(receiver.resets) for receiver in self.receivers)

    async def _talk(self, backplane: RedisBackplane, interval: float) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                publishing = asyncio.ensure_future(self.publish(backplane))
                try:
                    await asyncio.shield(publishing)
                except asyncio.CancelledError:
                    await publishing
                    raise
                await backplane.publish(publication(channel=self.channel))
                await asyncio.sleep(interval)

    def _state(self) -> str:
        positions = [backplane.position(self.channel) for backplane in self.backplanes]
        return f"{positions} {[dict(backplane.counters()) for backplane in self.backplanes]}"


async def until(condition: Callable[[], object], state: Callable[[], str] = str, *, within: float = 20) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"the condition does not hold after {within:g} s: {state()}")
        await asyncio.sleep(0.01)


async def repeatedly(action: Callable[[], Any], seconds: float, interval: float) -> None:
    """Repeat a blocking action of a few milliseconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        action()
        await asyncio.sleep(interval)


Fault = Callable[[TwoProcesses], Awaitable[None]]
