from __future__ import annotations

import asyncio
import contextlib
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.support.redis_server import RedisServer, free_port, running
from tornado_ws.channels.redis.redis_connection import ConnectFailed, connect
from tornado_ws.channels.redis.redis_url import RedisSettings, parse_url

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[RedisSettings]:
    """Serve one connection; yield the settings of its client."""
    served = asyncio.Event()

    async def serve_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await serve(reader, writer)
        writer.close()
        await writer.wait_closed()
        served.set()

    server = await asyncio.start_server(serve_and_close, "127.0.0.1", 0)
    yield parse_url(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    server.close()
    await served.wait()


@pytest.fixture
def certificate_files(tmp_path: Path) -> tuple[Path, Path]:
    """Return the files of a key and a certificate for localhost."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate),
            *("-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        ],
        check=True,
        capture_output=True,
    )
    return key, certificate


def not_lost(reason: str, silent: bool) -> None:
    raise AssertionError(reason)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"", "the server closed the connection"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "expected a reply of Redis, got a line that begins with b'H'"),
        (b"-WRONGPASS invalid\r\n" * 4, "WRONGPASS invalid"),
        (b"*0\r\n+OK\r\n+PONG\r\n*2\r\n$1\r\n1\r\n$1\r\n1\r\n", "expected a Redis server, got an unexpected answer"),
        (b"+OK\r\n" * 4, "expected a Redis server, got an unexpected answer"),
    ],
)
async def test_other_servers_are_refused_with_a_reason(answer: bytes, problem: str):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(answer)

    async with serving(serve) as settings:
        with pytest.raises(ConnectFailed, match=problem):
            await connect(settings.addresses[0], settings, lambda reason, silent: None)


@pytest.mark.gen_test
async def test_silent_server_is_given_up():
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(serve) as settings:
        began = time.monotonic()

        with pytest.raises(ConnectFailed, match=r"no answer within 1\.5 s"):
            await connect(settings.addresses[0], settings, not_lost)

        assert time.monotonic() - began < 2.5


@pytest.mark.slow
@pytest.mark.gen_test
async def test_server_states_version_role_and_time(redis_server):
    settings = parse_url(redis_server.url)

    connection = await connect(settings.addresses[0], settings, not_lost)

    assert connection.info.version >= 6
    assert "master" == connection.info.role
    assert abs(time.monotonic() + connection.info.clock_offset - time.time()) < 1
    connection.close()


@pytest.mark.slow
@pytest.mark.gen_test
async def test_unix_socket_is_used(tmp_path):
    path = tmp_path / "redis.sock"
    with running(RedisServer("--unixsocket", str(path))):
        settings = parse_url(f"unix://{path}?db=1")
        connection = await connect(settings.addresses[0], settings, not_lost)
        assert connection.open
        connection.close()


@pytest.mark.slow
@pytest.mark.gen_test
async def test_tls_verifies_the_certificate_of_the_server(certificate_files):
    key, certificate = certificate_files
    port = free_port()
    tls = ["--tls-port", str(port), "--tls-cert-file", str(certificate), "--tls-key-file", str(key)]
    with running(RedisServer(*tls, "--tls-auth-clients", "no")):
        settings = parse_url(f"rediss://localhost:{port}?ssl_ca_certs={certificate}")
        connection = await connect(settings.addresses[0], settings, not_lost)
        assert connection.open
        connection.close()

        settings = parse_url(f"rediss://localhost:{port}")
        with pytest.raises(ConnectFailed, match="certificate verify failed"):
            await connect(settings.addresses[0], settings, not_lost)
    await asyncio.sleep(0.05)  # TLS ends in several steps
