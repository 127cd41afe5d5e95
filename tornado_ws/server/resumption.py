"""Answers to the ``$resume`` frames of one connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterator, Sequence
from typing import Any, Final

from ..channels import Backplane, KeptMessage, Position, Unknown
from ..limits import Rate, RateLimiter
from ..loggers import BACKPLANE
from ..validation.channel_frames import encode_kept, encode_resumed, encode_skip
from ..websocket import Connection
from .channel_members import ChannelMembers

__all__ = ["Resumption"]

FRAMES_PER_ITERATION: Final = 256
"""Number of frames sent before other work of the event loop continues."""


class Resumption:
    """Missed messages of one connection: at once from the memory of this process, otherwise in a task.

    Each channel has one answer at a time. Of the requests during an answer, only the newest one is answered, next.
    """

    def __init__(
        self,
        connection: Connection,
        connection_id: str,
        backplane: Backplane,
        *,
        rate: Rate | None,
        clock: Callable[[], float],
    ) -> None:
        """Begin without requests.

        Args:
            connection: Connection of the client.
            connection_id: Id of the connection.
            backplane: Backplane of the controller.
            rate: Maximum rate of answers (:attr:`.Limits.resumes`); None for any.
            clock: Current time, in seconds.
        """
        self._connection = connection
        self._connection_id = connection_id
        self._backplane = backplane
        self._limiter = None if rate is None else RateLimiter(rate)
        self._clock = clock
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._waiting: dict[int, Position] = {}
        """Positions of requests that arrived during an answer, by the number of the channel."""

    def request(self, channel: ChannelMembers[Any], position: Position) -> None:  # Any: only its number is used
        """Send the messages of a channel after a position, then ``$resumed``."""
        number = channel.number
        if number in self._tasks:
            self._waiting[number] = position
            return
        delay = self._delay()
        frames = None if delay else self._recent(channel, position)
        writable = None if frames is None else self._send(frames)
        if frames is None or writable is not None:
            answer = self._answer(channel, position, frames, writable, delay)
            self._tasks[number] = asyncio.get_running_loop().create_task(answer)

    def cancel(self, number: int) -> None:
        """Cancel the answer for a channel, if there is one."""
        self._waiting.pop(number, None)
        if (task := self._tasks.pop(number, None)) is not None:
            task.cancel()

    def close(self) -> None:
        """Cancel all answers."""
        for number in tuple(self._tasks):
            self.cancel(number)

    async def _answer(
        self,
        channel: ChannelMembers[Any],
        position: Position,
        frames: Iterator[bytes] | None,
        writable: Awaitable[None] | None,
        delay: float,
    ) -> None:
        """Complete an answer, then those to later requests."""
        number = channel.number
        task = asyncio.current_task()
        while True:
            while delay:
                await asyncio.sleep(delay)
                delay = self._delay()
            if frames is None:
                position = self._waiting.pop(number, position)
                frames = self._recent(channel, position) or self._encode(channel, await self._read(channel, position))
            while writable is not None or (writable := self._send_if_current(number, task, frames)) is not None:
                await writable
                writable = None
            if self._tasks.get(number) is not task:
                return  # cancelled by a reset while the history was read
            if number not in self._waiting:
                del self._tasks[number]
                return
            frames, delay = None, self._delay()

    def _send_if_current(
        self, number: int, task: asyncio.Task[Any] | None, frames: Iterator[bytes]
    ) -> Awaitable[None] | None:
        return self._send(frames) if self._tasks.get(number) is task else None

    async def _read(self, channel: ChannelMembers[Any], position: Position) -> Sequence[KeptMessage] | None:
        try:
            return await self._backplane.missed(channel.channel, position)
        except Exception:
            BACKPLANE.exception("cannot read the history of a channel of %s", channel.channel.endpoint)
            return None

    def _recent(self, channel: ChannelMembers[Any], position: Position) -> Iterator[bytes] | None:
        """Return the frames of an answer; None if the shared history must be read."""
        missed = self._backplane.recent(channel.channel, position)
        return None if isinstance(missed, Unknown) else self._encode(channel, missed)

    def _encode(self, channel: ChannelMembers[Any], missed: Sequence[KeptMessage] | None) -> Iterator[bytes]:
        number, counters = channel.number, self._connection.settings.counters
        if missed is not None:
            counters.recovered += 1
            return self._encode_all(number, missed)
        counters.unrecovered += 1
        position = self._backplane.position(channel.channel)
        return iter(() if position is None else (encode_resumed(number, position),))

    def _encode_all(self, number: int, missed: Sequence[KeptMessage]) -> Iterator[bytes]:
        for message in missed:
            if self._connection_id in message.exclude:
                yield encode_skip(number, message.position)
            else:
                yield encode_kept(number, message.position, message.text)
        yield encode_resumed(number, None)

    def _send(self, frames: Iterator[bytes]) -> Awaitable[None] | None:
        """Send frames; return an awaitable if the rest must wait."""
        connection = self._connection
        connection.last_broadcast_at = self._clock()
        for count, frame in enumerate(frames, start=1):
            if (writable := connection.send_text(frame)) is not None:
                return writable
            if count >= FRAMES_PER_ITERATION:
                return _NextIteration()
        return None

    def _delay(self) -> float:
        """Count an answer, or return the seconds until the rate allows one."""
        return 0.0 if self._limiter is None else self._limiter.acquire(self._clock())


class _NextIteration:
    """Awaitable for the next iteration of the event loop. Unlike a coroutine, it may be dropped."""

    def __await__(self) -> Generator[None, None, None]:
        yield
