"""Delivery store in Redis."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import secrets
import time
from collections.abc import Awaitable, Callable

import msgspec

from ...errors import BackplaneDown, ErrorData
from ...loggers import BACKPLANE
from ..delivery_store import NOTE_SECONDS, DeliveryOutcome, DeliveryState, DeliveryStore
from ..memory_deliveries import MemoryDeliveryStore
from .redis_client import RedisClient

__all__ = ["RedisDeliveryStore"]

LEASE = 15.0
"""Seconds without a renewal after which other processes regard a process as dead."""
RENEWAL = 4.0
"""Seconds between two renewals, and between two attempts to write."""
RUNNING_SECONDS = 86400
"""Seconds until the note of a running method expires, so that dead processes leave nothing behind."""
POLL = (0.05, 1.0)
"""Shortest and longest pause between two readings of the note of another process, in seconds."""

RUNNING = "running:"

CLAIM = """
local note = redis.call('GET', KEYS[1])
if note and note ~= ARGV[1] then
  return note
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return false
"""
"""Script that notes a running method, if there is no note or the note of a dead process. It returns any other note."""
RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
"""
"""Script that deletes the note of a method that has not run."""

_decoder = msgspec.json.Decoder(ErrorData | None)


class RedisDeliveryStore(DeliveryStore):
    """Notes that all processes share.

    The note of a running method contains the name of its process. Each process with running methods has a key with an
    expiry of :data:`LEASE`, and renews it, so that one command per process shows which notes are still valid.

    Notes of this process are also in its memory. They answer without Redis, and outlast a short failure of it.
    """

    def __init__(self, client: RedisClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Create a store; its first operation connects.

        Args:
            client: Client of the server.
            clock: Current time, in seconds; it never decreases.
        """
        self._client = client
        self._clock = clock
        self._process = secrets.token_hex(8)
        self._local = MemoryDeliveryStore(clock=clock)
        self._running: set[str] = set()
        """Keys of messages noted in Redis as running in this process."""
        self._writes: dict[str, tuple[Callable[[], Awaitable[object]], float]] = {}
        """Commands to execute, and the time at which they are given up, by the key of their message."""
        self._renewed_at = -LEASE
        self._claims = 0
        self._wake = asyncio.Event()
        self._stopping = False
        self._maintenance: asyncio.Task[None] | None = None

    async def begin(self, key: str) -> DeliveryOutcome | DeliveryState:
        """Note that the method for a message begins, unless the message is noted already."""
        found = await self._local.begin(key)
        if found is not DeliveryState.NEW:
            return found
        self._claims += 1
        token = f"{RUNNING}{self._process}:{self._claims}"
        try:
            found = await self._claim(key, token)
        except BaseException:
            # The command may have been executed, although there is no answer.
            self._write(key, lambda: self._client.run_script(RELEASE, (self._note_key(key),), token))
            self._local.abandon(key)
            raise
        if found is DeliveryState.NEW:
            self._running.add(key)
            self._maintain_in_background()
        else:
            self._local.abandon(key)
        return found

    def finish(self, key: str, outcome: DeliveryOutcome, *, limit: int) -> None:
        """Note the outcome of a message, in this process at once, and in Redis as soon as possible."""
        for dropped in self._local.note(key, outcome, limit=limit):
            self._write_command(dropped, "DEL", self._note_key(dropped))
        note = msgspec.json.encode(outcome.error).decode()
        self._write_command(key, "SET", self._note_key(key), note, "PX", round(NOTE_SECONDS * 1000))
        self._running.discard(key)

    async def wait(self, key: str, seconds: float) -> None:
        """Wait until the method for a message may have ended: it has, or its process is dead."""
        if self._local.is_running(key):
            return await self._local.wait(key, seconds)
        end = self._clock() + seconds
        pause = POLL[0]
        while (left := end - self._clock()) > 0:
            note = _text(await self._client.execute("GET", self._note_key(key)))
            if not note.startswith(RUNNING) or not await self._is_alive(note):
                return None
            await asyncio.sleep(min(pause, left))
            pause = min(2 * pause, POLL[1])
        return None

    def close(self) -> None:
        """Discard the notes in the memory of this process, and stop renewing."""
        if self._maintenance is not None:
            self._maintenance.cancel()
        self._local.close()
        self._running.clear()
        self._writes.clear()

    async def stop(self) -> None:
        """Close, after writing outcomes that are not stored yet."""
        self._stopping = True
        self._wake.set()
        if self._maintenance is not None:
            await asyncio.wait((self._maintenance,))
            await self._flush()
            if not self._running:
                with contextlib.suppress(BackplaneDown):  # then the lease expires
                    await self._client.execute("DEL", self._process_key(self._process))
        self.close()

    async def _claim(self, key: str, token: str) -> DeliveryOutcome | DeliveryState:
        """Note a running method in Redis, or return its note."""
        replaced = ""
        while True:
            if self._clock() - self._renewed_at >= RENEWAL:
                await self._renew()
            keys = (self._note_key(key),)
            note = _text(await self._client.run_script(CLAIM, keys, replaced, token, RUNNING_SECONDS * 1000))
            if not note:
                return DeliveryState.NEW
            if not note.startswith(RUNNING):
                return DeliveryOutcome(_decoder.decode(note))
            if await self._is_alive(note):
                return DeliveryState.RUNNING
            replaced = note

    async def _is_alive(self, note: str) -> bool:
        """Return True if the process in the note of a running method is alive, and its method is running."""
        process = note.split(":")[1]
        if process == self._process:
            return False  # a claim without an answer: a running method is also noted in this process
        return bool(await self._client.execute("EXISTS", self._process_key(process)))

    # Maintenance.

    def _write_command(self, key: str, *command: str | int) -> None:
        self._write(key, lambda: self._client.execute(*command))

    def _write(self, key: str, execute: Callable[[], Awaitable[object]]) -> None:
        """Execute a command in the background, until it succeeds or :data:`NOTE_SECONDS` have passed."""
        self._writes[key] = (execute, self._clock() + NOTE_SECONDS)
        self._maintain_in_background()
        self._wake.set()

    def _maintain_in_background(self) -> None:
        if self._maintenance is None or self._maintenance.done():
            loop = asyncio.get_running_loop()
            self._maintenance = loop.create_task(self._maintain(), context=contextvars.Context())

    async def _maintain(self) -> None:
        """Write outcomes and renew the lease, while methods run or outcomes wait."""
        while (self._running or self._writes) and not self._stopping:
            self._wake.clear()
            try:
                await self._flush()
                if self._clock() - self._renewed_at >= RENEWAL:
                    await self._renew()
            except BackplaneDown as error:
                BACKPLANE.debug("acknowledged messages are not noted in Redis: %s", error)
            if not self._wake.is_set() and not self._stopping and (self._running or self._writes):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(RENEWAL):  # `wait_for` of Python 3.11 may drop a cancellation
                        await self._wake.wait()

    async def _flush(self) -> None:
        """Execute the waiting commands, together."""
        await asyncio.gather(*(self._execute(key) for key in tuple(self._writes)))

    async def _execute(self, key: str) -> None:
        write = self._writes[key]
        execute, given_up_at = write
        try:
            await execute()
        except BackplaneDown:
            if self._clock() < given_up_at:
                return
        if self._writes.get(key) is write:
            del self._writes[key]

    async def _renew(self) -> None:
        now = self._clock()
        await self._client.execute("SET", self._process_key(self._process), 1, "PX", round(LEASE * 1000))
        self._renewed_at = now

    def _note_key(self, key: str) -> str:
        return self._client.key("delivery", key)

    def _process_key(self, process: str) -> str:
        return self._client.key("process", process)


def _text(reply: bytes | str | None) -> str:
    """Return a note; empty if there is none."""
    return reply.decode() if isinstance(reply, bytes) else reply or ""
