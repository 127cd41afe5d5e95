"""Commands to Redis that wait to be sent, or for their reply."""

from __future__ import annotations

import asyncio
import functools
import hashlib
from collections.abc import Sequence
from typing import Final

from ...errors import BackplaneDown
from .resp import Argument, Refusal, Reply, pack

__all__ = ["DEADLINE", "Command", "ScriptCommand", "in_words"]

DEADLINE: Final = 3.0
"""Time from the first attempt to send a command to its last repetition, in seconds."""


class Command:
    """Command and the future of its reply."""

    __slots__ = ("asking", "deadline", "future", "parts", "redirections", "repeatable", "repeated", "sent", "slot")

    def __init__(
        self, parts: Sequence[Argument], *, slot: int = 0, repeatable: bool = False, awaited: bool = True
    ) -> None:
        """Create a command whose time begins now.

        Args:
            parts: Name and arguments.
            slot: Hash slot of its keys, for a cluster.
            repeatable: True if it may be executed twice.
            awaited: False if its reply is of no interest.
        """
        loop = asyncio.get_running_loop()
        self.parts = parts
        self.slot = slot
        self.repeatable = repeatable
        self.deadline = loop.time() + DEADLINE
        self.future: asyncio.Future[Reply] | None = loop.create_future() if awaited else None
        self.sent = False
        """True if it may have been executed although its reply was lost."""
        self.repeated = False
        """True if an earlier attempt may have been executed."""
        self.asking = False
        """True if a cluster is moving its slot, so that ``ASKING`` goes before it."""
        self.redirections = 0

    @property
    def settles(self) -> bool:
        """True if it stays in the queue during an outage once it was sent, until its deadline."""
        return False

    def pack(self, server_time: float) -> bytes:
        """Return its bytes. They are made when it is sent.

        Args:
            server_time: Time of the server's clock, in seconds.
        """
        return pack(self.parts)

    def send_source(self) -> bool:
        """Send the text of its script next time, since Redis does not know its digest; False if it is not a script."""
        return False

    def lost(self) -> None:
        """Prepare another attempt, since the reply was lost. The server may have forgotten its scripts."""
        self.repeated = True
        self.send_source()

    def refused(self) -> None:
        """Note that this attempt was not executed."""
        self.sent = self.repeated

    @property
    def done(self) -> bool:
        """True if nothing waits for its reply any more."""
        return self.future is not None and self.future.done()

    def accept(self, reply: Reply) -> bool:
        """Set its reply; return False if it was not executed and must be sent again."""
        if self.future is not None and not self.future.done():
            self.future.set_result(reply)
        return True

    def reject(self, refusal: Refusal) -> None:
        """Fail, because Redis refused it."""
        self.fail(in_words(refusal))

    def fail(self, problem: str) -> None:
        """Raise :exc:`.BackplaneDown` at its caller."""
        if self.future is not None and not self.future.done():
            self.future.set_exception(BackplaneDown(problem))
            self.future.exception()  # its caller may be gone


class ScriptCommand(Command):
    """Execution of a Lua script."""

    __slots__ = ("_script", "_source")

    def __init__(
        self,
        script: str,
        keys: Sequence[str],
        arguments: Sequence[Argument],
        *,
        slot: int = 0,
        repeatable: bool = False,
    ) -> None:
        super().__init__((len(keys), *keys, *arguments), slot=slot, repeatable=repeatable)
        self._script = script
        self._source = False

    def pack(self, server_time: float) -> bytes:
        """Return its bytes, with the digest of the script or, after :meth:`send_source`, its text."""
        name = ("EVAL", self._script) if self._source else ("EVALSHA", _digest(self._script))
        return pack((*name, *self.parts))

    def send_source(self) -> bool:
        """Send the text of the script next time."""
        first, self._source = not self._source, True
        return first


def in_words(refusal: Refusal) -> str:
    """Return the reason of a refusal."""
    if refusal.has("OOM"):
        return f"Redis has no memory left, its maxmemory is reached ({refusal})"
    return refusal.text


@functools.lru_cache(maxsize=64)
def _digest(script: str) -> str:
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
