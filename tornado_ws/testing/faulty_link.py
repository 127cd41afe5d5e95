"""Link between test clients and their server, with the faults of a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Literal

from .client_factory import Connect

__all__ = ["Direction", "Link", "faulty"]

Direction = Literal["up", "down"]
"""``up``: from clients to the server; ``down``: from the server to clients."""
DATA_OPCODES = (0, 1, 2)
"""Opcodes of continuation, text and binary frames (RFC 6455 section 5.2)."""


@dataclass(kw_only=True)
class _Fault:
    action: Literal["drop", "duplicate"]
    direction: Direction
    name: str | None
    left: int
    used: bool = False


class Link(Connect):
    """Factory for clients whose connections lead through a proxy with faults.

    Without faults, it forwards everything. ``type`` of a frame names a message, also that of the protocol, such as
    ``$ack``. Compressed messages have no readable name.
    """

    def __init__(self, port: int, server_port: int, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Create the factory; :func:`faulty` starts its proxy.

        Args:
            port: Port of the proxy.
            server_port: Port of the server.
            loop: Event loop that the server runs in; None if it runs in another thread or process.
        """
        super().__init__(port, loop)
        self.delay = 0.0
        """Delay of each direction, in seconds. Everything stays in order."""
        self._server_port = server_port
        self._faults: list[_Fault] = []
        self._names: dict[Direction, dict[str, None]] = {"up": {}, "down": {}}
        """Names of the messages of each direction, in the order of their first one."""
        self._open = {"up": asyncio.Event(), "down": asyncio.Event()}
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.release()

    def drop(self, direction: Direction, name: str | None = None, *, times: int = 1) -> None:
        """Drop the next messages of a direction.

        The end of :func:`faulty` raises an `AssertionError` if there was none.

        Args:
            direction: Direction.
            name: Name of the message; None for any.
            times: Number of messages.
        """
        self._faults.append(_Fault(action="drop", direction=direction, name=name, left=times))

    def duplicate(self, direction: Direction, name: str | None = None, *, times: int = 1) -> None:
        """Forward the next messages of a direction twice; for arguments see :meth:`drop`."""
        self._faults.append(_Fault(action="duplicate", direction=direction, name=name, left=times))

    def hold(self, *directions: Direction) -> None:
        """Forward nothing in these directions, or in both, while the connections stay open: they are half-open.

        A server detects such a client by its heartbeat: move the :class:`.Clock`.
        """
        for direction in directions or ("up", "down"):
            self._open[direction].clear()

    def release(self) -> None:
        """Forward again, beginning with what was held."""
        for event in self._open.values():
            event.set()

    def cut(self) -> None:
        """Reset all connections, without close frames; new ones can be opened."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward a connection until it ends."""
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, server_writer}
        for task in (
            asyncio.ensure_future(self._forward(reader, server_writer, "up")),
            asyncio.ensure_future(self._forward(server_reader, writer, "down")),
        ):
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def check(self) -> None:
        """Raise an error if a fault has met no message, for example because its name is misspelled.

        Raises:
            AssertionError: If there is such a fault; the text contains the names of the messages that have passed.
        """
        for fault in self._faults:
            if not fault.used:
                expected = "any message" if fault.name is None else f"the message {fault.name}"
                got = ", ".join(self._names[fault.direction]) or "none with a name"
                raise AssertionError(f"{fault.action}: expected {expected} {fault.direction} the link, got {got}")

    async def stop(self) -> None:
        """Reset all connections, and wait for their end."""
        self.cut()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait([*self._tasks])

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction) -> None:
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        writing = asyncio.ensure_future(self._write(queue, writer, direction))
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                queue.put_nowait((loop.time() + self.delay, await reader.readuntil(b"\r\n\r\n")))
                while True:
                    frame, payload, opcode = await _read_frame(reader)
                    for _ in range(self._copies(direction, payload) if opcode in DATA_OPCODES else 1):
                        queue.put_nowait((loop.time() + self.delay, frame))
            queue.put_nowait((loop.time() + self.delay, b""))
            with suppress(OSError):
                await writing
        finally:
            writing.cancel()
            self._writers.discard(writer)
            writer.close()

    async def _write(
        self, queue: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter, direction: Direction
    ) -> None:
        while True:
            at, data = await queue.get()
            await asyncio.sleep(max(at - asyncio.get_running_loop().time(), 0.0))
            await self._open[direction].wait()
            if not data:
                return
            writer.write(data)
            await writer.drain()

    def _copies(self, direction: Direction, payload: bytes) -> int:
        """Return the number of times that a message is forwarded."""
        name = _name(payload)
        if name is not None:
            self._names[direction][name] = None
        for fault in self._faults:
            if fault.direction == direction and fault.name in (None, name):
                fault.used = True
                fault.left -= 1
                if not fault.left:
                    self._faults.remove(fault)
                return 0 if fault.action == "drop" else 2
        return 1


@asynccontextmanager
async def faulty(connect: Connect) -> AsyncIterator[Link]:
    """Put a link with faults before a server, for ``async with``.

    Args:
        connect: Factory for clients of the server.

    Returns:
        Factory for clients that connect through the link.
    """
    server_port = int(connect.origin.rpartition(":")[2])
    made: list[Link] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await made[0].accept(reader, writer)

    listening = await asyncio.start_server(accept, "127.0.0.1", 0)
    made.append(Link(int(listening.sockets[0].getsockname()[1]), server_port, asyncio.get_running_loop()))
    try:
        yield made[0]
        made[0].check()
    finally:
        listening.close()
        await made[0].stop()


async def _read_frame(reader: asyncio.StreamReader) -> tuple[bytes, bytes, int]:
    """Return the next frame (RFC 6455 section 5.2), its payload without a mask, and its opcode."""
    head = await reader.readexactly(2)
    length, extended = head[1] & 0x7F, b""
    if length >= 126:
        extended = await reader.readexactly(2 if length == 126 else 8)
        length = int.from_bytes(extended)
    key = await reader.readexactly(4) if head[1] & 0x80 else b""
    body = await reader.readexactly(length)
    payload = bytes(byte ^ key[position % 4] for position, byte in enumerate(body)) if key else body
    return head + extended + key + body, payload, head[0] & 0x0F


def _name(payload: bytes) -> str | None:
    """Return the name of a message; None for other texts."""
    try:
        frame = json.loads(payload)
    except ValueError:
        return None
    name = frame.get("type") if isinstance(frame, dict) else None
    return name if isinstance(name, str) else None
