"""TCP proxy with faults: latency, silence in one direction, and cut connections."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Sequence
from typing import Literal

__all__ = ["Direction", "Proxy"]

Direction = Literal["up", "down"]
"""``up``: from the client to the server; ``down``: from the server to the client."""


class Proxy:
    """Proxy from one local port to some local ports, one after the other."""

    def __init__(self, targets: Sequence[int]) -> None:
        self.latency = 0.0
        """Delay of each direction, in seconds."""
        self.silent: set[Direction] = set()
        """Directions in which bytes are read and dropped, although the connections stay open."""
        self.refusing = False
        """True to close new connections."""
        self.port = 0
        self._targets = itertools.cycle(targets)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Reset all connections."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def stop(self) -> None:
        """Stop listening, and reset all connections."""
        if self._server is not None:
            self._server.close()
        self.cut()
        await asyncio.sleep(0)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.refusing:
                raise OSError
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", next(self._targets))
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, server_writer}
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._copy(reader, server_writer, "up"))
            tasks.create_task(self._copy(server_reader, writer, "down"))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                if direction in self.silent:
                    continue
                if self.latency:
                    loop.call_later(self.latency, self._write, writer, data)
                else:
                    self._write(writer, data)
        if self.latency:
            await asyncio.sleep(self.latency)
        self._writers.discard(writer)
        writer.close()

    def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        if not writer.is_closing():
            writer.write(data)
