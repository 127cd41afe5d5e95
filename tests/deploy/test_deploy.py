"""Files of ``examples/deploy``, run by their own programs as far as a test machine has them."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Self

import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

from codegen.scaffold import init
from tests.support.certificates import make_certificate
from tests.support.layers import ROOT
from tests.support.nginx import free_port, local_site, run_nginx, wait_for
from tests.support.redis_server import RedisServer, running

DEPLOY = ROOT / "examples/deploy"
PER_ADDRESS = 8
"""Connections that one process accepts from one address."""
APP = """
import os
from tornado.web import Application
from tests.support.lab import Lab, Line, Note
from tornado_ws import Limits, WebSocketController

class Shared(Lab):
    async def on_say(self, say: Line) -> None:
        await self.broadcast(Note(say.text))

def make() -> Application:
    sockets = WebSocketController(
        origins=os.environ["ORIGINS"].split(),
        trusted_proxies=os.environ["TRUSTED_PROXIES"].split(),
        backplane=os.environ["BACKPLANE"],
        limits=Limits(per_address=PER_ADDRESS),
    )
    return Application(sockets.persistent(Shared))
"""
PAGE = """
from tornado.web import Application, RequestHandler

class Page(RequestHandler):
    def get(self):
        self.finish("page")

def make():
    return Application([("/", Page)])
"""
ORIGIN = "https://www.example.org"

pytestmark = pytest.mark.slow


class Processes:
    """Two processes of an application, each on its port, with the command of the Dockerfile."""

    def __init__(self, folder: Path, backplane: str) -> None:
        self.ports = (free_port(), free_port())
        self._folder = folder
        self._backplane = backplane
        self._runs: dict[int, subprocess.Popen[bytes]] = {}
        (folder / "app.py").write_text(APP.replace("PER_ADDRESS", str(PER_ADDRESS)), encoding="utf-8")
        for port in self.ports:
            self.start(port)

    def start(self, port: int) -> None:
        """Start the process of a port, and wait until it listens."""
        _, *command = json.loads((DEPLOY / "Dockerfile").read_text(encoding="utf-8").rpartition("CMD ")[2])
        command[command.index("--address") + 1] = "127.0.0.1"
        command[command.index("--port") + 1] = str(port)
        env = os.environ | {
            "PYTHONPATH": str(ROOT),
            "ORIGINS": ORIGIN,
            "TRUSTED_PROXIES": "127.0.0.1",
            "BACKPLANE": self._backplane,
        }
        self._runs[port] = subprocess.Popen([sys.executable, *command, "--spread", "0"], cwd=self._folder, env=env)
        wait_for(port)

    def stop(self, port: int) -> None:
        """Stop the process of a port as a service manager does."""
        run = self._runs.pop(port)
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=20) == 0

    def restart(self) -> None:
        """Restart one process after the other, as ``restart.sh`` does."""
        for port in self.ports:
            self.stop(port)
            self.start(port)

    def kill(self) -> None:
        """End all processes."""
        for run in self._runs.values():
            run.kill()
            run.wait()


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    with running(RedisServer()) as redis:
        made = Processes(tmp_path, redis.url)
        yield made
        made.kill()


@contextmanager
def nginx(folder: Path, processes: Processes) -> Iterator[str]:
    """Run nginx with the file; yield its URL."""
    port = free_port()
    servers = {f"chat{number}:8888": f"127.0.0.1:{one}" for number, one in enumerate(processes.ports, 1)}
    site = local_site((DEPLOY / "nginx.conf").read_text(encoding="utf-8"), port, make_certificate(folder), servers)
    with run_nginx(folder, site, port):
        yield f"wss://localhost:{port}"


@contextmanager
def caddy(folder: Path, processes: Processes) -> Iterator[str]:
    """Run Caddy with the file, without the name that needs a certificate; yield its URL."""
    port = free_port()
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    for documented, actual in (
        ("www.example.org {", f"http://localhost:{port} {{"),
        ("localhost:8001 localhost:8002", " ".join(f"127.0.0.1:{one}" for one in processes.ports)),
    ):
        assert documented in text
        text = text.replace(documented, actual)
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text, encoding="utf-8")
    command = [program("caddy"), "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"]
    with subprocess.Popen(command, env=os.environ | {"HOME": str(folder)}, stderr=subprocess.DEVNULL) as run:
        try:
            wait_for(port)
            yield f"ws://localhost:{port}"
        finally:
            run.terminate()


def program(name: str) -> str:
    """Return the path of an installed program."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    assert found, f"no {name}: run `make browser`"
    return found


class Clients:
    """Clients of a proxy; they are closed at the end."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._context = ssl.create_default_context(cafile=folder / "fullchain.pem") if "wss" in url else None
        self.open: list[WebSocketClientConnection] = []
        self._ended: list[WebSocketClientConnection] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        for client in self.open:
            client.close()
            if client not in self._ended:
                await self.end_of(client)

    async def connect(self, **headers: str) -> None:
        """Open a connection, and wait for ``$hello``."""
        headers = {"Origin": ORIGIN} | {name.replace("_", "-"): value for name, value in headers.items()}
        request = HTTPRequest(f"{self._url}/lab/a", headers=headers, ssl_options=self._context)
        self.open.append(await websocket_connect(request, subprotocols=["tornado-ws.1"]))
        assert "$hello" in str(await self.open[-1].read_message())

    async def end_of(self, client: WebSocketClientConnection) -> int | None:
        """Read until the end of a connection, and return its close code."""
        async with asyncio.timeout(20):
            while await client.read_message() is not None:
                pass
        self._ended.append(client)
        return client.close_code


@pytest.mark.parametrize("proxy", [nginx, caddy])
def test_connections_of_both_processes_share_messages_and_move_during_a_restart(tmp_path, processes, proxy):
    async def talk(url: str) -> None:
        async with Clients(url, tmp_path) as old, Clients(url, tmp_path) as new:
            for _ in range(6):
                await old.connect()
            await old.open[0].write_message('{"type":"say","data":{"text":"to all"}}')
            for client in old.open:
                async with asyncio.timeout(10):
                    while '"to all"' not in str(await client.read_message()):
                        pass

            restarting = asyncio.ensure_future(asyncio.to_thread(processes.restart))
            assert {await old.end_of(client) for client in old.open} == {1001}
            for _ in range(6):
                await new.connect()
            await restarting
            await new.connect()
            with pytest.raises(HTTPClientError, match="403"):
                await new.connect(Origin="https://evil.example")

    with proxy(tmp_path, processes) as url:
        asyncio.run(talk(url))


@pytest.mark.parametrize("proxy", [nginx, caddy])
def test_requests_are_answered_during_a_restart(tmp_path, processes, proxy):
    async def ask(url: str) -> list[int]:
        context = ssl.create_default_context(cafile=tmp_path / "fullchain.pem") if "wss" in url else None
        client, codes = SimpleAsyncHTTPClient(force_instance=True), []
        restarting = asyncio.ensure_future(asyncio.to_thread(processes.restart))
        while not restarting.done():
            answer = await client.fetch(url.replace("ws", "http", 1), ssl_options=context, raise_error=False)
            codes.append(answer.code)
            await asyncio.sleep(0.02)
        await restarting
        client.close()
        return codes

    with proxy(tmp_path, processes) as url:
        codes = asyncio.run(ask(url))

    assert len(codes) > 20
    assert {404} == set(codes), "expected an answer of the application to each request"


@pytest.mark.parametrize("proxy", [nginx, caddy])
def test_clients_cannot_forge_the_address_by_which_they_are_counted(tmp_path, processes, proxy):
    async def fill(url: str) -> int:
        async with Clients(url, tmp_path) as clients:
            with pytest.raises(HTTPClientError, match="429"):
                for number in range(2 * PER_ADDRESS + 1):
                    await clients.connect(X_Forwarded_For=f"10.0.0.{number}")
            return len(clients.open)

    with proxy(tmp_path, processes) as url:
        assert asyncio.run(fill(url)) >= PER_ADDRESS


@pytest.mark.parametrize(("mode", "code"), [("600", 502), ("660", 200)])
def test_nginx_of_another_user_may_use_a_unix_socket_by_its_mode(mode, code):
    if os.geteuid() != 0:
        pytest.skip("only root can start programs as other users")
    user = "www-data"  # of Debian's nginx
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        (folder / "app.py").write_text(PAGE, encoding="utf-8")
        command = [sys.executable, "-m", "tornado_ws", "serve", "app:make"]
        options = ["--unix-socket", folder / "socket", "--unix-socket-mode", mode]
        with subprocess.Popen([*command, *options], cwd=folder, group=user) as served:
            site = f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://unix:{folder}/socket; }} }}"
            with run_nginx(folder, site, port, user=user):
                while not (folder / "socket").exists():
                    assert served.poll() is None
                    time.sleep(0.1)
                time.sleep(0.5)  # until it listens
                connection = HTTPConnection("127.0.0.1", port, timeout=20)
                connection.request("GET", "/")
                answer = connection.getresponse().status
                connection.close()
            served.terminate()

    assert answer == code


def test_units_are_valid(tmp_path):
    text = (DEPLOY / "chat@.service").read_text(encoding="utf-8")
    assert "/srv/chat/.venv/bin/python" in text
    unit = tmp_path / "chat@.service"
    unit.write_text(text.replace("/srv/chat/.venv/bin/python", sys.executable), encoding="utf-8")

    run = subprocess.run(
        [program("systemd-analyze"), "verify", unit], capture_output=True, text=True, timeout=60, check=False
    )

    assert (run.returncode, run.stderr) == (0, "")


def test_compose_file_is_valid():
    command = [program("docker-compose"), "--file", DEPLOY / "compose.yaml", "config"]

    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)

    for service in ("chat1:", "chat2:", "redis:", "nginx:"):
        assert service in run.stdout


def test_files_that_the_image_copies_are_those_of_a_project(tmp_path):
    init(tmp_path)
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    sources = [
        word for line in lines if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]
    ]

    assert sources
    for source in sources:
        assert source == "." or list(tmp_path.glob(source)), f"no {source} in a project"


def test_restart_script_is_valid():
    subprocess.run(["sh", "-n", DEPLOY / "restart.sh"], check=True)
