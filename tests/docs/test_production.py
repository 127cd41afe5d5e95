from __future__ import annotations

import asyncio
import gzip
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import tornado.test
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.docs.pages import ROOT, blocks
from tests.support.nginx import free_port, local_site, run_nginx, wait_for

PAGE = ROOT / "docs/how-to/production.md"
CERTIFICATE = Path(tornado.test.__file__).with_name("test.crt")
ROOM = "/chat/lobby?nick=ann"

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run the program of the page."""
    block = blocks(PAGE, "python")[0]
    (tmp_path / "app.py").write_text(block.text, encoding="utf-8")
    port = free_port()
    (command,) = (block.text for block in blocks(PAGE, "sh") if block.text.startswith("ORIGINS="))
    command = command.replace(" python ", f" exec {sys.executable} ").replace("8001", str(port))
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(["bash", "-c", command], cwd=tmp_path, env=env, text=True) as run:
        wait_for(port)
        yield run, port
        run.kill()


@pytest.fixture
def proxy(tmp_path: Path, server: tuple[subprocess.Popen[str], int]) -> Iterator[int]:
    """Run nginx with the configuration of the page on a free port, and yield the port."""
    (block,) = blocks(PAGE, "nginx")
    port = free_port()
    servers = dict.fromkeys(("chat1:8888", "chat2:8888"), f"127.0.0.1:{server[1]}")
    site = local_site(block.text, port, (CERTIFICATE, CERTIFICATE.with_suffix(".key")), servers)
    with run_nginx(tmp_path, site, port):
        yield port


def test_client_behind_the_proxy_is_closed_on_sigterm(proxy, server):
    async def talk() -> tuple[str, int | None, str | None]:
        async with _connected(proxy) as ann:
            hello = json.loads(str(await ann.read_message()))
            server[0].send_signal(signal.SIGTERM)
            assert await ann.read_message() is None
            return hello["type"], ann.close_code, ann.close_reason

    type_, code, reason = asyncio.run(talk())

    assert ("$hello", 1001) == (type_, code)
    assert re.fullmatch(r"retry after \d+", reason or "")
    assert server[0].wait(timeout=10) == 0


def test_foreign_origin_is_refused_behind_the_proxy(proxy):
    assert asyncio.run(_status(proxy, headers={"Origin": "https://evil.example"})) == 403


def test_clients_cannot_forge_the_address_for_limits(proxy):
    async def connect_often() -> list[int]:
        claims = ({"X-Forwarded-For": f"192.0.2.{number}"} for number in range(20))
        return await asyncio.gather(*(_status(proxy, headers=claim) for claim in claims))

    assert 429 in asyncio.run(connect_often())  # the page allows ten handshakes a second from one address


def test_proxy_does_not_log_keys(proxy, tmp_path):
    async def connect() -> list[int]:
        return [await _status(proxy, path) for path in ("/chat/lobby?nick=ann", "/_/connect/export-SECRET")]

    assert asyncio.run(connect()) == [101, 404]
    time.sleep(0.2)
    log = (tmp_path / "access.log").read_text(encoding="utf-8")
    assert "/chat/lobby" in log
    assert "SECRET" not in log


def test_records_are_written_as_json(tmp_path):
    formatter = next(block.text for block in blocks(PAGE, "python") if "JsonFormatter" in block.text)
    program = formatter + FAILURES

    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, check=True
    )

    refused, raised = map(json.loads, done.stderr.splitlines())
    assert {"logger": "tornado_ws.handshake", "level": "INFO", "text": "it is refused", "endpoint": "chat"} == {
        name: value for name, value in refused.items() if name != "time"
    }
    assert raised["exception"].endswith("LookupError")


FAILURES = """
from tornado_ws.loggers import HANDLER, HANDSHAKE

HANDSHAKE.info("it is refused", extra={"endpoint": "chat"})
try:
    raise LookupError
except LookupError:
    HANDLER.exception("it raised")
"""


def test_spans_are_sent_to_a_collector_under_the_name_of_the_service(tmp_path):
    block = next(block for block in blocks(PAGE, "python") if "OTLPSpanExporter" in block.text)
    (command,) = (block.text for block in blocks(PAGE, "sh") if block.text.startswith("OTEL_SERVICE_NAME="))
    (tmp_path / "app.py").write_text(block.text + LAB, encoding="utf-8")
    port = free_port()
    with collector() as (address, requests):
        assert "http://localhost:4318" in command
        command = command.replace("http://localhost:4318", address)
        command = command.replace(" python ", f" exec {sys.executable} ").replace("make\n", f"make --port {port}\n")
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(["bash", "-c", command], cwd=tmp_path, env=env) as run:
            wait_for(port)
            asyncio.run(_refused(f"ws://127.0.0.1:{port}/lab/too-long-room"))
            run.terminate()

    assert run.returncode == 0
    ((path, body),) = requests
    assert path == "/v1/traces"
    assert [text for text in (b"service.name", b"chat", b"GET /lab/{room}") if text not in body] == []


LAB = """
from tests.support.lab import Lab
from tornado.web import Application


def make() -> Application:
    return Application(sockets.persistent(Lab))
"""


@contextmanager
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Receive requests over HTTP, and yield the address and the paths and bodies."""
    requests: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.path, gzip.decompress(body) if "Content-Encoding" in self.headers else body))
            self.send_response(200)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", requests
        server.shutdown()


async def _refused(url: str) -> None:
    """Wait for the end of a connection that the server refuses."""
    connection = await websocket_connect(HTTPRequest(url), subprotocols=["tornado-ws.1"])
    assert await connection.read_message() is None
    connection.close()


async def _status(port: int, path: str = ROOM, *, headers: dict[str, str] | None = None) -> int:
    """Return the status of a handshake."""
    try:
        async with _connected(port, path, headers=headers):
            return 101
    except HTTPClientError as error:
        return error.code


@asynccontextmanager
async def _connected(
    port: int, path: str = ROOM, *, headers: dict[str, str] | None = None
) -> AsyncIterator[WebSocketClientConnection]:
    request = HTTPRequest(
        f"wss://127.0.0.1:{port}{path}",
        headers={"Origin": "https://www.example.org", "Host": "www.example.org", **(headers or {})},
        validate_cert=False,
    )
    connection = await websocket_connect(request, subprotocols=["tornado-ws.1"])
    yield connection
    connection.close()
    while connection.close_code is None and await connection.read_message() is not None:
        pass
    await asyncio.sleep(0.05)  # the stream closes after its last frame
