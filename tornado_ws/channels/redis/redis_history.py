"""Kept messages and positions of channels, in Redis."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Callable, Sequence

import msgspec

from ..channel import Channel, KeptMessage, Position, new_epoch, new_mark
from ..publication import Publication
from .channel_keys import ChannelKeys, channel_keys
from .command import Command, ScriptCommand
from .redis_client import RedisClient
from .redis_message import KeptPayload, decode, encode_kept, encode_plain
from .resp import Argument, Refusal, Reply
from .scripts import POSITION_LIFETIME, PUBLISH, READ, RENEW

__all__ = ["RedisHistory"]

LATE = 1.0
"""Seconds after its deadline until a publication is not accepted any more, for clocks that differ."""
BACKLOG = 1000
"""Number of waiting publications from which a publisher waits for its turn."""


class RedisHistory:
    """Histories of channels: publish, read, compare, renew."""

    def __init__(self, client: RedisClient, on_kept: Callable[[KeptMessage], None], on_unshared: Callable[[], None]):
        """Create the histories of one application.

        Args:
            client: Client.
            on_kept: Function that is called with each message that this process published, in order.
            on_unshared: Function that is called for each message that other processes will not receive.
        """
        self.process_id = secrets.token_hex(8)
        """Random id of this process."""
        self._client = client
        self._on_kept = on_kept
        self._on_unshared = on_unshared
        self._numbers = itertools.count(1)

    def keys(self, channel: Channel) -> ChannelKeys:
        """Return the names of a channel in Redis."""
        return channel_keys(channel, prefix=self._client.prefix, database=self._client.settings.database)

    async def publish_kept(self, publication: Publication) -> Position:
        """Give a message its number, keep it and publish it.

        Raises:
            BackplaneDown: If it fails. It may still arrive, if only the answer was lost.
        """
        keys = self.keys(publication.channel)
        command = _KeptCommand(self._client, publication, keys, self.process_id, self._numbers, self._on_kept)
        self._client.servers.send(command, in_order=True)
        await command.result
        return command.position

    async def publish_plain(self, publication: Publication) -> None:
        """Publish a message that is not kept, as far as Redis can be reached. A long backlog is waited for."""
        payload = encode_plain(publication, sender=self.process_id)
        pubsub = self.keys(publication.channel).pubsub
        slot = self._client.slot(pubsub)
        waits = self._client.servers.backlog(slot) > BACKLOG
        command = _PlainCommand((*self._pubsub(), pubsub, payload), slot, waits, self._on_unshared)
        self._client.servers.send(command, in_order=True)
        if command.future is not None:
            await asyncio.wait((command.future,))

    async def read(self, channel: Channel, after: int) -> tuple[Position, list[KeptMessage]]:
        """Return the position of a channel, and its kept messages from a number on, oldest first.

        An epoch begins if there is none.

        Args:
            channel: Channel.
            after: Number of the first message; -1 for none.

        Raises:
            BackplaneDown: If Redis cannot be reached.
        """
        keys = self.keys(channel)
        reply = await self._client.run_script(
            READ, (keys.position, keys.stream), new_epoch(), after, POSITION_LIFETIME, repeatable=True
        )
        entries = reply[3]
        messages = []
        now = asyncio.get_running_loop().time()
        for payload, age in zip(entries[::2], entries[1::2], strict=True):
            try:
                decoded = decode(payload, channel, age=age / 1000)
            except (ValueError, msgspec.DecodeError):
                continue  # of another version: without it, the history is not complete
            if isinstance(decoded, KeptPayload) and decoded.message.expires_at > now:
                messages.append(decoded.message)
        return _position(reply), messages

    async def heads(self, keys: Sequence[ChannelKeys]) -> list[Position | None]:
        """Return the positions of channels in one pipeline; None for a channel without one.

        Raises:
            BackplaneDown: If Redis cannot be reached.
        """
        commands = []
        for one in keys:
            key = one.position
            command = Command(("HMGET", key, "epoch", "seq", "mark"), slot=self._client.slot(key), repeatable=True)
            self._client.servers.send(command)
            commands.append(command)
        replies = [await self._client.reply_to(command) for command in commands]
        return [None if reply[0] is None else _position(reply) for reply in replies]

    def prolong(self, keys: Sequence[ChannelKeys]) -> None:
        """Prolong the life of positions that are in use."""
        for one in keys:
            self._client.post("EXPIRE", one.position, POSITION_LIFETIME)

    async def renew(self, channel: Channel, epoch: str) -> Position:
        """Begin a new epoch in place of a given one, and return the position.

        Args:
            channel: Channel.
            epoch: Epoch to replace; another one stays. Empty: any.

        Raises:
            BackplaneDown: If Redis cannot be reached.
        """
        keys = self.keys(channel)
        reply = await self._client.run_script(
            RENEW,
            (keys.position, keys.stream, *self._shard_key(keys)),
            epoch,
            new_epoch(),
            POSITION_LIFETIME,
            *self._pubsub(),
            keys.pubsub,
            repeatable=epoch != "",
        )
        return _position(reply)

    def _pubsub(self) -> tuple[str]:
        return ("SPUBLISH",) if self._client.sharded else ("PUBLISH",)

    def _shard_key(self, keys: ChannelKeys) -> tuple[str, ...]:
        return (keys.pubsub,) if self._client.sharded else ()


class _KeptCommand(ScriptCommand):
    """Publication of a kept message. It is sent again under its number until Redis answers, or its time is over."""

    __slots__ = ("_client", "_ids", "_keys", "_number", "_numbers", "_on_kept", "_publication", "position", "result")

    def __init__(
        self,
        client: RedisClient,
        publication: Publication,
        keys: ChannelKeys,
        process_id: str,
        numbers: itertools.count[int],
        on_kept: Callable[[KeptMessage], None],
    ) -> None:
        super().__init__(PUBLISH, (), (), slot=client.slot(keys.position), repeatable=True)
        self._client = client
        self._publication = publication
        self._keys = keys
        self._ids = (process_id, new_epoch(), new_mark())
        self._numbers = numbers
        self._number: int | None = None
        self._on_kept = on_kept
        self.position = Position("", 0, "")
        assert self.future is not None
        self.result = self.future

    @property
    def settles(self) -> bool:
        """True: whether it was executed decides if it is lost."""
        return True

    def pack(self, server_time: float) -> bytes:
        """Return its bytes, with the time after which Redis must not execute it any more."""
        if self._number is None:
            self._number = next(self._numbers)
        process_id, epoch, mark = self._ids
        history = self._publication.history
        assert history is not None
        keys = self._keys
        remaining = self.deadline - asyncio.get_running_loop().time() + LATE
        sharded = self._client.sharded
        names = (keys.position, keys.stream, keys.pubsub) if sharded else (keys.position, keys.stream)
        self.parts = (
            len(names),
            *names,
            int((server_time + remaining) * 1000),
            process_id,
            self._number,
            epoch,
            mark,
            history.count,
            int(history.seconds * 1000),
            "SPUBLISH" if sharded else "PUBLISH",
            encode_kept(self._publication, sender=process_id, number=self._number, seconds=history.seconds),
            POSITION_LIFETIME,
            keys.pubsub,
        )
        return super().pack(server_time)

    def refused(self) -> None:
        """Note that this attempt was not executed. It needs another number, since later ones may have been executed.

        After a lost reply it keeps its number: only the number shows that an earlier attempt was executed.
        """
        super().refused()
        if not self.repeated:
            self._number = None

    def accept(self, reply: Reply) -> bool:
        """Take the position."""
        if isinstance(reply, int):
            if not self.done and self.deadline > asyncio.get_running_loop().time():
                return False
            self.fail("the publication came too late")
            return True
        if not isinstance(reply, list):
            self.fail("the answer to a publication was lost")
            return True
        history = self._publication.history
        assert history is not None
        self.position = _position(reply)
        self._on_kept(
            KeptMessage(
                channel=self._publication.channel,
                position=self.position,
                previous=_text(reply[3]),
                text=self._publication.text,
                exclude=self._publication.exclude,
                expires_at=asyncio.get_running_loop().time() + history.seconds,
            )
        )
        return super().accept(reply)

    def reject(self, refusal: Refusal) -> None:
        """Report the reason."""
        self._client.on_write_refused(refusal, self._keys.position)
        super().reject(refusal)


class _PlainCommand(Command):
    """Publication of a message that is not kept. It is sent once."""

    __slots__ = ("_on_unshared",)

    def __init__(self, parts: Sequence[Argument], slot: int, waits: bool, on_unshared: Callable[[], None]) -> None:
        super().__init__(parts, slot=slot, awaited=waits)
        self._on_unshared = on_unshared

    def fail(self, problem: str) -> None:
        """Count it."""
        self._on_unshared()
        super().fail(problem)


def _position(reply: Sequence[Reply]) -> Position:
    return Position(_text(reply[0]), int(_text(reply[1])), _text(reply[2]))


def _text(reply: Reply) -> str:
    assert isinstance(reply, bytes)
    return reply.decode()
