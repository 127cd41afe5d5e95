"""Many connections: some that stay, some that come and go in every ugly way."""

from __future__ import annotations

import contextlib
import itertools
import resource
import socket
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .fanout import COMPRESSED
from .frames import CLOSE, PING, TEXT, client_frame
from .link import HOST, UPGRADE, Link
from .wires import PLAIN

__all__ = ["UGLY", "come_and_go", "crowd"]

RESET = struct.pack("ii", 1, 0)
PATH = "/echo"
MESSAGE = PLAIN.message("echo", 0, 1000)


@contextmanager
def crowd(port: int, count: int, *, compressed: bool = False) -> Iterator[None]:
    """Hold idle connections, each of which has said something once and got an answer."""
    _allow_descriptors()
    links = []
    try:
        for _ in range(count):
            links.append(link := Link(port, PATH, headers=COMPRESSED if compressed else ""))
            link.socket.sendall(_packed(MESSAGE) if compressed else client_frame(MESSAGE.encode()))
            link.text()
        yield
    finally:
        for link in links:
            link.close()


def come_and_go(port: int, count: int) -> None:
    """Open connections and end each in the next of the ways."""
    ways = itertools.cycle(UGLY)
    for _ in range(count):
        with contextlib.suppress(OSError):
            next(ways)(port)


def _packed(text: str) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    data = packer.compress(text.encode()) + packer.flush(zlib.Z_SYNC_FLUSH)
    return client_frame(data[:-4], TEXT, flags=0x40)


def _allow_descriptors() -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _reset(link: Link) -> None:
    link.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    link.close()


def _half_a_request(port: int) -> None:
    with socket.create_connection((HOST, port)) as client:
        client.sendall(UPGRADE.format(path=PATH, host=HOST, port=port, extra="")[:60].encode())


def _gone_before_the_answer(port: int) -> None:
    client = socket.create_connection((HOST, port))
    client.sendall(UPGRADE.format(path=PATH, host=HOST, port=port, extra="").encode())
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    client.close()


def _gone_at_once(port: int) -> None:
    _reset(Link(port, PATH))


def _no_good_bye(port: int) -> None:
    link = Link(port, PATH)
    link.send(MESSAGE)
    link.text()
    link.close()


def _gone_unread(port: int) -> None:
    link = Link(port, PATH)
    link.socket.sendall(client_frame(MESSAGE.encode()) * 20)
    _reset(link)


def _half_a_frame(port: int) -> None:
    link = Link(port, PATH)
    link.socket.sendall(client_frame(MESSAGE.encode())[:300])
    link.close()


def _first_fragment(port: int) -> None:
    link = Link(port, PATH)
    link.socket.sendall(b"\x01" + client_frame(MESSAGE.encode())[1:])
    _reset(link)


def _not_masked(port: int) -> None:
    link = Link(port, PATH)
    link.socket.sendall(b"\x81\x02hi")
    link.close_code()
    link.close()


def _refused(port: int) -> None:
    link = Link(port, PATH)
    link.send('{"type":"echo","data":{"id":-1}}')
    link.text()
    link.close()


def _good_bye(port: int) -> None:
    link = Link(port, PATH)
    link.socket.sendall(client_frame(b"", PING) + client_frame(b"\x03\xe8", CLOSE))
    link.close_code()
    link.close()


UGLY: tuple[Callable[[int], None], ...] = (
    _half_a_request,
    _gone_before_the_answer,
    _gone_at_once,
    _no_good_bye,
    _gone_unread,
    _half_a_frame,
    _first_fragment,
    _not_masked,
    _refused,
    _good_bye,
)
"""Ways to end; the last one is the proper one."""
