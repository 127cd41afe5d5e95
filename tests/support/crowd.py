"""Many connections of silent clients, with both ends in this process."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from .peer import handshake_request


class Crowd:
    """Clients that only receive, into the buffers of their sockets."""

    def __init__(self, port: int, path: str, count: int) -> None:
        self._port = port
        self._path = path
        self._count = count
        self._soft_limit, self._hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._sockets: list[socket.socket] = []

    async def __aenter__(self) -> Self:
        needed = 2 * self._count + 200
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(self._soft_limit, needed), max(self._hard_limit, needed)))
        for start in range(0, self._count, 50):
            await asyncio.gather(*(self._connect() for _ in range(start, min(start + 50, self._count))))
        return self

    async def __aexit__(
        self, type_: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._sockets:
            client.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (self._soft_limit, self._hard_limit))

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        client = socket.socket()
        client.setblocking(False)
        self._sockets.append(client)
        await loop.sock_connect(client, ("127.0.0.1", self._port))
        await loop.sock_sendall(client, handshake_request(self._port, self._path))
        response = b""
        while b"\r\n\r\n" not in response:
            response += await loop.sock_recv(client, 65536)
        assert response.startswith(b"HTTP/1.1 101"), response

    def received(self) -> list[bytes]:
        """Return the bytes that each client has received since the last call."""
        return [_read(client) for client in self._sockets]

    def each(self, function: Callable[[socket.socket], object]) -> None:
        """Call a function with the socket of each client."""
        for client in self._sockets:
            function(client)


def _read(client: socket.socket) -> bytes:
    data = b""
    with suppress(BlockingIOError, ConnectionResetError):
        while part := client.recv(65536):
            data += part
    return data
