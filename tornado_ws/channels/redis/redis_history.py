"""Kept messages and positions of channels, in Redis."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ..channel import Channel, KeptMessage, Position, new_epoch, new_mark
from ..publication import Publication
from .channel_keys import ChannelKeys, channel_keys
from .command import Argument, Command, Script
from .redis_client import RedisClient
from .redis_message import KeptPayload, decode, encode_kept, encode_plain
from .scripts import POSITION_LIFETIME, PUBLISH, READ, RENEW

__all__ = ["RedisHistory"]

LATE = 1.0
"""Seconds after its deadline in which a publication is still accepted, for clocks that differ."""
BACKLOG = 1000
"""Number of waiting publications above which a publisher waits for its own."""


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

    def keys(self, channel: Channel) -> ChannelKeys:
        """Return the names of a channel in Redis."""
        return channel_keys(channel, prefix=self._client.prefix, database=self._client.settings.database)

    async def publish_kept(self, publication: Publication) -> Position:
        """Give a message its number, keep it and publish it.

        Raises:
            BackplaneDown: If it fails. It may still arrive, if only the answer was lost.
        """
        keys = self.keys(publication.channel)
        command = _Publication(self._client, publication, keys, self.process_id, self._on_kept)
        position: Position = await self._client.send(command)
        return position

    async def publish_plain(self, publication: Publication) -> None:
        """Publish a message that is not kept, if Redis can be reached. Wait while the backlog is long."""
        payload = encode_plain(publication, sender=self.process_id)
        pubsub = self.keys(publication.channel).pubsub
        command = _PlainPublication(self._client, pubsub, payload, self._on_unshared)
        published = self._client.send(command)
        if self._client.backlog > BACKLOG:
            await asyncio.wait((published,))

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
        commands = [Command(("HMGET", one.position, "epoch", "seq", "mark"), repeatable=True) for one in keys]
        replies = await asyncio.gather(*(self._client.send(command) for command in commands))
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
            self._client.publish_command,
            keys.pubsub,
            repeatable=epoch != "",
        )
        return _position(reply)

    def _shard_key(self, keys: ChannelKeys) -> tuple[str, ...]:
        return (keys.pubsub,) if self._client.sharded else ()


class _Publication(Script):
    """Publication of a kept message. It is sent again with the same id until Redis answers, or until its deadline."""

    in_order = True

    def __init__(
        self,
        client: RedisClient,
        publication: Publication,
        keys: ChannelKeys,
        process_id: str,
        on_kept: Callable[[KeptMessage], None],
    ) -> None:
        super().__init__(PUBLISH, (keys.position,), (), repeatable=True)
        self._client = client
        self._publication = publication
        self._keys = keys
        self._seen_key = keys.publication(new_epoch())
        self._names = (new_epoch(), new_mark())
        self._process_id = process_id
        self._on_kept = on_kept

    def arguments(self, server_time: float) -> Sequence[Argument]:
        """Return name and arguments, with the time after which Redis must not execute it any more."""
        history, keys = self._publication.history, self._keys
        assert history is not None
        remaining = self.deadline - asyncio.get_running_loop().time() + LATE
        sharded = self._client.sharded
        names = (keys.position, keys.stream, self._seen_key, *((keys.pubsub,) if sharded else ()))
        self._parts = (
            len(names),
            *names,
            int((server_time + remaining) * 1000),
            *self._names,
            history.count,
            int(history.seconds * 1000),
            self._client.publish_command,
            encode_kept(self._publication, sender=self._process_id, seconds=history.seconds),
            POSITION_LIFETIME,
            keys.pubsub,
        )
        return super().arguments(server_time)

    def accept(self, reply: Any) -> bool:
        """Deliver the message in this process, then return its position to the caller; False if it came too late."""
        if isinstance(reply, int):
            return False
        history = self._publication.history
        assert history is not None
        *place, previous = reply.split(b" ", 3)
        position = _position(place)
        self._on_kept(
            KeptMessage(
                channel=self._publication.channel,
                position=position,
                previous=previous.decode(),
                text=self._publication.text,
                exclude=self._publication.exclude,
                expires_at=asyncio.get_running_loop().time() + history.seconds,
            )
        )
        return super().accept(position)

    def refuse(self, problem: str) -> None:
        """Fail, because Redis refuses to write."""
        self._client.on_write_refused(problem, self._keys.probe)
        super().refuse(problem)


class _PlainPublication(Command):
    """Publication of a message that is not kept. It is executed at most once."""

    in_order = True

    def __init__(self, client: RedisClient, name: str, payload: bytes, on_unshared: Callable[[], None]) -> None:
        super().__init__((name, payload), key=name)
        self._client = client
        self._on_unshared = on_unshared

    def arguments(self, server_time: float) -> Sequence[Argument]:
        """Return name and arguments. The servers, which determine the name, are known now."""
        return (self._client.publish_command, *self._parts)

    def fail(self, problem: str) -> None:
        """Count it."""
        self._on_unshared()
        super().fail(problem)


def _position(reply: Sequence[bytes]) -> Position:
    return Position(reply[0].decode(), int(reply[1]), reply[2].decode())
