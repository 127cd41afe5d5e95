from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from tornado_ws.websocket.tcp_info import acknowledged_bytes, peer_closed, unacknowledged_bytes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs the TCP_INFO of Linux")


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Return both ends of a TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        accepted, _ = server.accept()
        with accepted:
            yield accepted, client


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_bytes_in_the_receive_buffer_of_the_peer_are_acknowledged(pair):
    server, _ = pair
    before = acknowledged_bytes(server)
    assert before is not None

    server.sendall(b"x" * 1000)

    wait_for(lambda: unacknowledged_bytes(server.fileno()) == 0)
    assert before + 1000 == acknowledged_bytes(server)


def test_bytes_beyond_the_receive_buffer_of_the_peer_are_unacknowledged(pair):
    server, _ = pair
    server.setblocking(False)
    sent = 0
    with pytest.raises(BlockingIOError):
        while True:
            sent += server.send(b"x" * 100_000)

    unacknowledged = unacknowledged_bytes(server.fileno())

    assert unacknowledged is not None
    assert 0 < unacknowledged < sent


def test_closed_socket_has_no_values():
    with socket.socket() as closed:
        fd = closed.fileno()
    assert unacknowledged_bytes(fd) is None

    assert acknowledged_bytes(closed) is None


@pytest.mark.parametrize("unread", [b"", b"unread"])
def test_peer_that_closed_is_detected_with_unread_bytes(pair, unread):
    server, client = pair
    client.sendall(unread)
    assert not peer_closed(server.fileno())

    client.close()

    wait_for(lambda: peer_closed(server.fileno()))
