"""Send a message on each of many connections, and another when its answer has come.

    python -m bench.load.echo --port N [--connections 256] [--in-flight 1] [--seconds 3] [--dialect plain]

Prints one JSON object a line: first when it is warmed up, then when it has finished. It ends by itself.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import select
import socket
import struct
import sys
import time

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
TEXT = "x" * 47


@dataclasses.dataclass(frozen=True)
class Dialect:
    """How one kind of server is spoken to."""

    message: str
    """The frame that is sent; about 80 bytes of JSON whatever is around them."""
    path: str = "/"
    opening: tuple[str, ...] = ()
    """Frames to send first."""
    greetings: int = 0
    """Frames that the server sends first, in answer to those."""


PLAIN = json.dumps({"type": "say", "data": {"text": TEXT}}, separators=(",", ":"))
DIALECTS = {
    "plain": Dialect(PLAIN),
    "socketio": Dialect(
        '42["say",' + json.dumps({"text": TEXT}) + "]",
        path="/socket.io/?EIO=4&transport=websocket",
        opening=("40",),
        greetings=2,
    ),
    "chanx": Dialect(json.dumps({"action": "say", "payload": {"text": TEXT}}, separators=(",", ":"))),
}


def masked(payload: bytes) -> bytes:
    """Return a text frame of a client; with a mask of zeros, because what masking costs a client is not of interest."""
    size = len(payload)
    head = struct.pack("!BB", 0x81, 0x80 | size) if size < 126 else struct.pack("!BBH", 0x81, 0xFE, size)
    return head + bytes(4) + payload


def connect(port: int, path: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            raise SystemExit(f"the server closed after {head!r}")
        head += byte
    if b" 101 " not in head:
        raise SystemExit(f"the server refused: {head!r}")
    return connection


def read_frame(connection: socket.socket) -> bytes:
    """Return one whole frame."""
    head = exactly(connection, 2)
    size = head[1] & 0x7F
    if size == 126:
        head += exactly(connection, 2)
        size = int.from_bytes(head[2:], "big")
    return head + exactly(connection, size)


def exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise SystemExit("the server closed")
        data += part
    return data


def open_all(port: int, dialect: Dialect, count: int) -> tuple[list[socket.socket], int]:
    """Return connections that are ready, and the size of an answer."""
    connections = []
    size = 0
    for _ in range(count):
        connection = connect(port, dialect.path)
        for frame in dialect.opening:
            connection.sendall(masked(frame.encode()))
        for _ in range(dialect.greetings):
            read_frame(connection)
        connection.sendall(masked(dialect.message.encode()))
        answer = read_frame(connection)
        if TEXT.encode() not in answer:
            raise SystemExit(f"expected an echo, got {answer!r}")
        size = len(answer)
        connections.append(connection)
    return connections, size


def run(connections: list[socket.socket], frame: bytes, answer: int, in_flight: int, seconds: float) -> int:
    """Keep ``in_flight`` messages on their way on each connection. Return how many were answered."""
    poll = select.epoll()
    by_fd = {connection.fileno(): connection for connection in connections}
    owed = dict.fromkeys(by_fd, 0)
    frames = [frame * count for count in range(in_flight + 1)]
    for fd, connection in by_fd.items():
        connection.setblocking(False)
        poll.register(fd, select.EPOLLIN)
        connection.send(frames[in_flight])
    answered = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for fd, _ in poll.poll(1.0):
            connection = by_fd[fd]
            data = connection.recv(65536)
            if not data:
                raise SystemExit("the server closed")
            count, owed[fd] = divmod(owed[fd] + len(data), answer)
            if count:
                answered += count
                connection.send(frames[min(count, in_flight)])
    for fd, connection in by_fd.items():  # what is still on its way
        connection.setblocking(True)
        connection.settimeout(5)
        left = in_flight * answer - owed[fd]
        while left > 0:
            left -= len(connection.recv(65536))
    poll.close()
    return answered


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=256)
    parser.add_argument("--in-flight", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--dialect", choices=DIALECTS, default="plain")
    arguments = parser.parse_args()
    if arguments.seconds > 60 or arguments.connections > 2000:
        parser.error("at most 60 s and 2,000 connections")
    dialect = DIALECTS[arguments.dialect]
    connections, answer = open_all(arguments.port, dialect, arguments.connections)
    frame = masked(dialect.message.encode())
    run(connections, frame, answer, arguments.in_flight, min(1.0, arguments.seconds))
    print(json.dumps({"ready": True}), flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    count = run(connections, frame, answer, arguments.in_flight, arguments.seconds)
    print(json.dumps({"messages": count, "seconds": time.monotonic() - began}), flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main()
