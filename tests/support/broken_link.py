"""Proxy between clients and a TCP server, with the faults of a network."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Literal

Direction = Literal["up", "down"]


class BrokenLink:
    """TCP proxy in the event loop of a test. ``up`` is the direction to the server.

    While a direction is held, bytes in it stay in the proxy, and the connections remain open, as after a failed router.
    """

    def __init__(self, port: int) -> None:
        self.delay = 0.0
        """Delay of each direction, in seconds."""
        self._server_port = port
        self._open: dict[Direction, asyncio.Event] = {"up": asyncio.Event(), "down": asyncio.Event()}
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        for event in self._open.values():
            event.set()

    async def start(self) -> int:
        """Listen; return the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def hold(self, *directions: Direction) -> None:
        """Forward nothing in these directions."""
        for direction in directions:
            self._open[direction].clear()

    def release(self) -> None:
        """Forward again, beginning with the bytes that were held."""
        for event in self._open.values():
            event.set()

    async def stop(self) -> None:
        """Close all connections."""
        self.release()
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait([*self._tasks])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        except OSError:
            writer.close()
            return
        for task in (
            asyncio.ensure_future(self._forward(reader, up_writer, "up")),
            asyncio.ensure_future(self._forward(up_reader, writer, "down")),
        ):
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction) -> None:
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def write() -> None:
            while True:
                at, data = await queue.get()
                await asyncio.sleep(at - loop.time())
                await self._open[direction].wait()
                if not data:
                    return
                writer.write(data)
                await writer.drain()

        writing = asyncio.ensure_future(write())
        try:
            with contextlib.suppress(OSError):
                while data := await reader.read(65536):
                    queue.put_nowait((loop.time() + self.delay, data))
            queue.put_nowait((loop.time() + self.delay, b""))
            with contextlib.suppress(OSError):
                await writing
        finally:
            writing.cancel()
            writer.close()
