"""Pending commands to Redis."""

from __future__ import annotations

import asyncio
import functools
import hashlib
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from ...errors import BackplaneDown

__all__ = ["DEADLINE", "Argument", "Command", "Script"]

DEADLINE: Final = 3.0
"""Time from the first attempt to send a command to its last repetition, in seconds."""

Argument: TypeAlias = bytes | str | int | float
"""Part of a command."""


class Command:
    """Command and the future of its reply."""

    in_order = False
    """True for publications, which are sent one after the other."""

    def __init__(self, parts: Sequence[Argument], *, key: str | None = None, repeatable: bool = False) -> None:
        """Create a command.

        Args:
            parts: Name and arguments.
            key: Key that determines its server in a cluster. Default: the first argument.
            repeatable: True if it may be executed twice; it is sent again after a lost connection.
        """
        self._parts = parts
        self.key = str(parts[1]) if key is None else key
        self.repeatable = repeatable
        self.deadline = 0.0
        """Time until which it is sent again, in seconds (the event loop's clock); 0 before the first attempt."""
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.sent = False
        """True if it may have been executed."""

    def arguments(self, server_time: float) -> Sequence[Argument]:
        """Return name and arguments, made when it is sent.

        Args:
            server_time: Time of the server's clock, in seconds.
        """
        return self._parts

    def send_source(self) -> bool:
        """Send the text of the script next time; return False if that was done, or the command has no script."""
        return False

    def accept(self, reply: Any) -> bool:  # Any: the type depends on the command
        """Set the reply; return False if the command was too late for the server, so that it must be sent again."""
        if not self.future.done():
            self.future.set_result(reply)
        return True

    def refuse(self, problem: str) -> None:
        """Fail, because Redis refused the command."""
        self.fail(problem)

    def fail(self, problem: str) -> None:
        """Set :exc:`.BackplaneDown` as the result."""
        if not self.future.done():
            self.future.set_exception(BackplaneDown(problem))
            self.future.exception()  # its caller may be gone


class Script(Command):
    """Execution of a Lua script."""

    def __init__(
        self, script: str, keys: Sequence[str], arguments: Sequence[Argument], *, repeatable: bool = False
    ) -> None:
        """Create the execution of a script.

        Args:
            script: Text of the script.
            keys: Keys; in a cluster, all of one hash slot.
            arguments: Other arguments.
            repeatable: True if it may be executed twice.
        """
        super().__init__((len(keys), *keys, *arguments), key=keys[0] if keys else "", repeatable=repeatable)
        self._script = script
        self._source = False

    def arguments(self, server_time: float) -> Sequence[Argument]:
        """Return name and arguments, with the digest of the script or, after :meth:`send_source`, its text."""
        name = ("EVAL", self._script) if self._source else ("EVALSHA", _digest(self._script))
        return (*name, *self._parts)

    def send_source(self) -> bool:
        """Send the text of the script next time."""
        first, self._source = not self._source, True
        return first


@functools.lru_cache(maxsize=64)
def _digest(script: str) -> str:
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
