"""Crowds of connections: idle ones, and ones that end in various ways."""

from __future__ import annotations

import contextlib
import itertools
import resource
import socket
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .connection import HANDSHAKE, HOST, ClientConnection
from .fanout import COMPRESSED
from .frames import CLOSE, PING, TEXT, client_frame
from .protocols import PLAIN

__all__ = ["ENDINGS", "connect_and_end", "idle_crowd", "raise_descriptor_limit"]

RESET = struct.pack("ii", 1, 0)
"""Value of SO_LINGER that makes close() send a TCP reset."""
PATH = "/echo"
MESSAGE = PLAIN.message("echo", 0, 1000)


@contextmanager
def idle_crowd(port: int, count: int, *, compressed: bool = False) -> Iterator[None]:
    """Hold idle connections, each after one message and its echo."""
    raise_descriptor_limit()
    connections = []
    try:
        for _ in range(count):
            connection = ClientConnection(port, PATH, headers=COMPRESSED if compressed else "")
            connections.append(connection)
            connection.socket.sendall(_compressed_frame(MESSAGE) if compressed else client_frame(MESSAGE.encode()))
            connection.text()
        yield
    finally:
        for connection in connections:
            connection.close()


def connect_and_end(port: int, count: int) -> None:
    """Open connections one after the other, and end each with the next of :data:`ENDINGS`."""
    endings = itertools.cycle(ENDINGS)
    for _ in range(count):
        with contextlib.suppress(OSError):
            next(endings)(port)


def _compressed_frame(text: str) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    data = compressor.compress(text.encode()) + compressor.flush(zlib.Z_SYNC_FLUSH)
    return client_frame(data[:-4], TEXT, flags=0x40)


def raise_descriptor_limit() -> None:
    """Allow this process, and those that it starts, as many connections as the system permits."""
    hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))


def _reset(connection: ClientConnection) -> None:
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    connection.close()


def _incomplete_handshake(port: int) -> None:
    with socket.create_connection((HOST, port)) as client:
        client.sendall(HANDSHAKE.format(path=PATH, host=HOST, port=port, extra="")[:60].encode())


def _reset_before_the_response(port: int) -> None:
    client = socket.create_connection((HOST, port))
    client.sendall(HANDSHAKE.format(path=PATH, host=HOST, port=port, extra="").encode())
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    client.close()


def _reset_after_the_handshake(port: int) -> None:
    _reset(ClientConnection(port, PATH))


def _no_close_frame(port: int) -> None:
    connection = ClientConnection(port, PATH)
    connection.send(MESSAGE)
    connection.text()
    connection.close()


def _reset_with_unread_echoes(port: int) -> None:
    connection = ClientConnection(port, PATH)
    connection.socket.sendall(client_frame(MESSAGE.encode()) * 20)
    _reset(connection)


def _incomplete_frame(port: int) -> None:
    connection = ClientConnection(port, PATH)
    connection.socket.sendall(client_frame(MESSAGE.encode())[:300])
    connection.close()


def _incomplete_message(port: int) -> None:
    connection = ClientConnection(port, PATH)
    connection.socket.sendall(b"\x01" + client_frame(MESSAGE.encode())[1:])
    _reset(connection)


def _unmasked_frame(port: int) -> None:
    connection = ClientConnection(port, PATH)
    connection.socket.sendall(b"\x81\x02hi")
    connection.close_code()
    connection.close()


def _invalid_message(port: int) -> None:
    connection = ClientConnection(port, PATH)
    connection.send('{"type":"echo","data":{"id":-1}}')
    connection.text()
    connection.close()


def _close_frame(port: int) -> None:
    connection = ClientConnection(port, PATH)
    connection.socket.sendall(client_frame(b"", PING) + client_frame(b"\x03\xe8", CLOSE))
    connection.close_code()
    connection.close()


ENDINGS: tuple[Callable[[int], None], ...] = (
    _incomplete_handshake,
    _reset_before_the_response,
    _reset_after_the_handshake,
    _no_close_frame,
    _reset_with_unread_echoes,
    _incomplete_frame,
    _incomplete_message,
    _unmasked_frame,
    _invalid_message,
    _close_frame,
)
"""Ways to end a connection. Only the last one follows the protocol."""
