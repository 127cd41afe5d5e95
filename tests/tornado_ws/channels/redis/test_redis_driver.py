"""Connections to one server; test_topologies.py tests sentinels and clusters."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.certificates import make_certificate
from tests.support.redis_server import RedisServer, free_port, running
from tornado_ws.channels.redis.redis_driver import RedisDriver, make_driver, time_limit
from tornado_ws.channels.redis.redis_failures import FAILURES, describe
from tornado_ws.channels.redis.redis_url import parse_url


@contextlib.asynccontextmanager
async def driving(url: str) -> AsyncIterator[RedisDriver]:
    driver = make_driver(parse_url(url))
    try:
        yield driver
    finally:
        await driver.close()
        await asyncio.sleep(0.05)  # TLS ends in several steps


async def problem_of(url: str) -> str:
    async with driving(url) as driver:
        with pytest.raises(FAILURES) as raised:
            await driver.probe(None)
        return describe(raised.value)


@pytest.fixture
def certificate_files(tmp_path: Path) -> tuple[Path, Path]:
    """Return the files of a key and a certificate for localhost."""
    certificate, key = make_certificate(tmp_path)
    return key, certificate


@pytest.mark.gen_test
async def test_time_limit_ends():
    began = time.monotonic()

    with pytest.raises(TimeoutError):
        async with time_limit(0.5):
            await asyncio.Event().wait()

    assert 0.5 <= time.monotonic() - began < 1.5


@pytest.mark.gen_test
async def test_busy_event_loop_does_not_end_the_time_limit():
    async with time_limit(0.5):
        for _ in range(2):
            await asyncio.sleep(0.01)
            time.sleep(0.6)  # noqa: ASYNC251, since the loop must be blocked


@pytest.mark.gen_test
async def test_server_that_says_nothing_is_given_up():
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    began = time.monotonic()

    assert "no answer within 1.5 s" == await problem_of(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    assert time.monotonic() - began < 3
    server.close()


@pytest.mark.gen_test
async def test_other_server_is_a_failure():
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)

    assert await problem_of(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    server.close()


@pytest.mark.slow
@pytest.mark.gen_test
async def test_unix_socket_is_used(tmp_path):
    path = tmp_path / "redis.sock"
    with running(RedisServer("--unixsocket", str(path))):
        async with driving(f"unix://{path}?db=1") as driver:
            assert abs(await driver.probe(None) - time.time()) < 5


@pytest.mark.slow
@pytest.mark.gen_test
async def test_tls_verifies_the_certificate_of_the_server(certificate_files):
    key, certificate = certificate_files
    port = free_port()
    tls = ["--tls-port", str(port), "--tls-cert-file", str(certificate), "--tls-key-file", str(key)]
    with running(RedisServer(*tls, "--tls-auth-clients", "no")):
        async with driving(f"rediss://localhost:{port}?ssl_ca_certs={certificate}") as driver:
            assert await driver.probe(None)

        assert "certificate verify failed" in await problem_of(f"rediss://localhost:{port}")


@pytest.mark.slow
@pytest.mark.gen_test
async def test_connection_for_subscriptions_is_closed_at_the_end(redis_server):
    def subscribers() -> int:
        return int(redis_server.execute("CLIENT", "LIST", "TYPE", "pubsub").count(b"id="))

    async with driving(redis_server.url) as driver:
        for _ in range(20):  # more than the connections of the pool
            async with driver.connection(None) as connection:
                await connection.send_command("SUBSCRIBE", "a")
                assert [b"subscribe", b"a", 1] == await connection.read_response()
                assert 1 == subscribers()
            await asyncio.sleep(0.01)
        assert 0 == subscribers()
