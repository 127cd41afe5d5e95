from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import pwd
import ssl

import pytest
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.web import Application, RequestHandler

from tests.support.certificates import make_certificate
from tests.support.nginx import free_port
from tornado_ws.errors import ConfigurationError
from tornado_ws.http_server import Bounds, Certificate, bind, listen, place_of


class Size(RequestHandler):
    """Handler that answers with the size of the body."""

    def get(self) -> None:
        self.finish("got")

    def post(self) -> None:
        self.finish(str(len(self.request.body)))


@contextlib.contextmanager
def serving(*, certificate: Certificate | None = None, bounds: Bounds = Bounds()):  # noqa: B008
    """Serve in the running event loop, and return the port."""
    sockets = bind(0, "127.0.0.1", None)
    server = listen(Application([("/", Size)]), sockets, certificate=certificate, bounds=bounds)
    try:
        yield sockets[0].getsockname()[1]
    finally:
        server.stop()


async def answer_to(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """Send bytes with pauses, and return everything that the server sends until it disconnects."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def send() -> None:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(pause)

    sending = asyncio.create_task(send())
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        sending.cancel()
        writer.close()


HEADER = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"


@pytest.mark.gen_test
async def test_bodies_within_the_bounds_are_received():
    with serving(bounds=Bounds(body_bytes=100)) as port:
        assert (await answer_to(port, HEADER % 100, b"x" * 100)).endswith(b"100")


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "request_",
    [
        HEADER % 101 + b"x" * 101,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + b"x" * 101 + b"\r\n0\r\n\r\n",
    ],
)
async def test_larger_body_is_refused(request_):
    with serving(bounds=Bounds(body_bytes=100)) as port:
        answer = await answer_to(port, request_)

    assert b"200" not in answer.partition(b"\r\n")[0]


@pytest.mark.gen_test
@pytest.mark.parametrize("parts", [[HEADER % 100, *[b"x"] * 50], [b"GET / HT", *[b"x"] * 50], []])
async def test_client_that_sends_slowly_is_disconnected(parts):
    with serving(bounds=Bounds(header_timeout=0.2, body_timeout=0.2)) as port:
        async with asyncio.timeout(15):
            answer = await answer_to(port, *parts, pause=0.02)

    assert b"200" not in answer


@pytest.mark.gen_test
async def test_connections_are_encrypted_with_a_certificate(tmp_path):
    chain, key = make_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=chain)
    with serving(certificate=Certificate(chain, key)) as port, contextlib.closing(SimpleAsyncHTTPClient()) as client:
        answer = await client.fetch(f"https://localhost:{port}/", ssl_options=trusting)

    assert answer.body == b"got"


@pytest.mark.gen_test
async def test_unix_socket_is_served(tmp_path):
    path = tmp_path / "socket"
    server = listen(Application([("/", Size)]), bind(None, "", path), certificate=None, bounds=Bounds())
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    server.stop()

    assert answer.endswith(b"got")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_sockets_with_one_port_share_it():
    [first] = bind(0, "127.0.0.1", None, reuse_port=True)
    port = first.getsockname()[1]
    [second] = bind(port, "127.0.0.1", None, reuse_port=True)

    with first, second:
        assert port == second.getsockname()[1]
        with pytest.raises(ConfigurationError, match=rf"on 127\.0\.0\.1:{port}: .*in use by process .*; stop that"):
            bind(port, "127.0.0.1", None)
        gc.collect()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((None, "", None), "port: expected a port or a Unix socket, got None and None"),
        ((80, "", "/run/x"), "port: expected a port or a Unix socket, got 80 and '/run/x'"),
        ((-1, "", None), "port: expected a number from 0 to 65535, got -1"),
        ((70000, "127.0.0.1", None), "port: expected a number from 0 to 65535, got 70000"),
        ((free_port(), "no.such.host.invalid", None), "port: cannot listen on no.such.host.invalid:"),
        ((None, "", "/no/such/folder/x"), "port: cannot listen on /no/such/folder/x: "),
        (("80", "", None), "port: expected a number from 0 to 65535, got '80'"),
        ((True, "", None), "port: expected a number from 0 to 65535, got True"),
        ((0, None, None), "address: expected str, got None"),
        ((0, "a\0b", None), r"port: cannot listen on a\x00b:0: "),
        ((None, "", "a\0b"), r"port: cannot listen on a\x00b: embedded null byte"),
        ((None, "", "a" * 200), f"port: cannot listen on {'a' * 200}: AF_UNIX path too long"),
        ((None, "", 5), "unix_socket: expected str or Path or None, got 5"),
        ((0, "192.0.2.1", None), "port: cannot listen on 192.0.2.1:0: Cannot assign requested address; this machine"),
    ],
)
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # Tornado leaves sockets that cannot be bound
def test_unusable_place_is_refused(arguments, text):
    with pytest.raises(ConfigurationError) as refused:
        bind(*arguments)

    assert str(refused.value).startswith(text)
    del refused
    gc.collect()


@pytest.mark.parametrize(
    ("address", "tls", "url"),
    [
        ("localhost", False, "http://localhost:{}"),
        ("127.0.0.1", True, "https://127.0.0.1:{}"),
        ("::1", False, "http://[::1]:{}"),
        ("", False, "http://*:{}"),
    ],
)
def test_place_of_a_port_is_a_url(address, tls, url):
    bound = bind(0, address, None)
    port = bound[0].getsockname()[1]
    for one in bound:
        one.close()
    [again] = bind(port, "127.0.0.1", None)
    with again:
        assert place_of([again], address, tls=tls) == url.format(port)


def test_place_of_a_unix_socket_is_its_path(tmp_path):
    [bound] = bind(None, "", tmp_path / "socket")
    with bound:
        assert place_of([bound], "localhost", tls=False) == str(tmp_path / "socket")


@pytest.mark.parametrize("mode", [0o600, 0o660, 0o666])
def test_unix_socket_has_the_permissions_that_are_asked_for(tmp_path, mode):
    path = tmp_path / "socket"
    [bound] = bind(None, "", path, unix_socket_mode=mode)
    with bound:
        assert path.stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("mode", ["660", 0o1660, -1])
def test_permissions_are_a_number_of_three_octal_digits(tmp_path, mode):
    with pytest.raises(ConfigurationError, match="unix_socket_mode: expected"):
        bind(None, "", tmp_path / "socket", unix_socket_mode=mode)


@pytest.mark.parametrize("bound", ["header_timeout", "body_timeout", "body_bytes", "write_timeout"])
def test_bounds_are_numbers(bound):
    with pytest.raises(ConfigurationError, match=f"{bound}: expected"):
        Bounds(**{bound: -1})


@pytest.fixture
def nobody():
    """Be a user without rights for the duration of a test."""
    if os.geteuid() == 0:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
        yield
        os.seteuid(0)
    else:
        yield


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # Tornado leaves sockets that cannot be bound
def test_place_that_the_user_may_not_use_has_a_hint(nobody):
    with pytest.raises(
        ConfigurationError, match=r"/etc/socket: Permission denied; ports below 1024 need .*, and a Unix"
    ):
        bind(None, "", "/etc/socket")
    gc.collect()


@pytest.mark.gen_test
async def test_unix_socket_of_a_running_server_is_not_taken_away(tmp_path):
    path = tmp_path / "socket"
    server = listen(Application([("/", Size)]), bind(None, "", path), certificate=None, bounds=Bounds())
    with pytest.raises(ConfigurationError, match=r"port: cannot listen on .*socket: Address already in use"):
        bind(None, "", path)
    _, writer = await asyncio.open_unix_connection(path)
    writer.close()
    server.stop()

    [again] = bind(None, "", path)  # of a server that has ended
    again.close()
