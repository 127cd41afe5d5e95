"""Program that serves an application in a test."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.support.nginx import free_port

MODULE = '''
import asyncio, contextlib, os, sys
from tornado.web import Application, RequestHandler
from tests.support.lab import Lab
from tornado_ws import WebSocketController
from tornado_ws.channels import MemoryBackplane

class Shared(MemoryBackplane):
    """Backplane that claims to be shared: these tests send nothing to other processes."""
    local = False

class Process(RequestHandler):
    def get(self):
        self.finish(f"{os.getpid()} {VERSION}")

class Report(RequestHandler):
    async def get(self):
        print("reporting", flush=True)
        await asyncio.sleep(1)
        await self.finish("report")

class Exit(RequestHandler):
    def get(self):
        sys.exit(0)

class Slow(Lab):
    async def on_nudge(self):
        print("busy", flush=True)
        await asyncio.sleep(60)

VERSION = os.environ.get("VERSION", "1")

def make():
    sockets = WebSocketController(backplane=Shared())
    return Application([("/process", Process), ("/report", Report), ("/exit", Exit), *sockets.persistent(Slow)])

def measured():
    from tornado_ws.prometheus import metrics
    sockets = WebSocketController(backplane=Shared())
    return Application([("/process", Process), *sockets.persistent(Slow), *metrics(sockets)])

def local():
    return Application(WebSocketController().persistent(Lab))

def debug():
    return Application(debug=True)

def broken():
    raise RuntimeError("no database")

def ended():
    sys.exit("DATABASE_URL is missing")

async def waiting():
    print("waiting", flush=True)
    await asyncio.sleep(60)

def blocked():
    import time
    print("waiting", flush=True)
    time.sleep(60)

def once():
    """Raise in every process but the first two."""
    import pathlib
    for number in range(2):
        with contextlib.suppress(FileExistsError):
            pathlib.Path(f"started-{number}").touch(exist_ok=False)
            return make()
    if pathlib.Path("mended").exists():
        return make()
    raise RuntimeError("no database for a moment")

class Sleeping(Lab):
    async def on_nudge(self):
        import time
        asyncio.get_running_loop().run_in_executor(None, time.sleep, 60)
        print("busy", flush=True)

class Blocking(Lab):
    async def on_nudge(self):
        import time
        print("busy", flush=True)
        time.sleep(60)

def blocking():
    return Application(WebSocketController(backplane=Shared()).persistent(Blocking))

class Stubborn(Lab):
    async def on_nudge(self):
        print("busy", flush=True)
        while True:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(60)

def stubborn():
    return Application(WebSocketController(backplane=Shared()).persistent(Stubborn))

class OwnThread(Lab):
    async def on_nudge(self):
        import threading, time
        threading.Thread(target=lambda: time.sleep(60), name="reports").start()
        print("busy", flush=True)

def own_thread():
    return Application(WebSocketController(backplane=Shared()).persistent(OwnThread))

def threads():
    return Application(WebSocketController(backplane=Shared()).persistent(Sleeping))

def misnamed():
    class Named(Lab):
        async def on_unknown(self): ...
    application = Application(WebSocketController(backplane=Shared()).persistent(Named))
    print("mounted", flush=True)
    return application

def logs():
    import logging
    logging.basicConfig(format="mine %(message)s", level="INFO")
    return make()
'''


class Run:
    """Running command and the lines of its log."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.port = port
        self.log = ""
        self._connections: list[WebSocketClientConnection] = []

    async def expect(self, pattern: str, count: int = 1) -> None:
        """Wait until a pattern has occurred in the log."""
        assert self.process.stdout is not None
        async with asyncio.timeout(30):
            while len(re.findall(pattern, self.log)) < count:
                line = await self.process.stdout.readline()
                assert line, f"expected {pattern!r} {count} times in\n{self.log}"
                self.log += line.decode()

    async def ends(self) -> int:
        """Wait for the end, and return the exit status."""
        assert self.process.stdout is not None
        async with asyncio.timeout(30):
            self.log += (await self.process.stdout.read()).decode()
            return await self.process.wait()

    async def connect(self) -> WebSocketClientConnection:
        """Return a new connection that has received ``$hello``."""
        connection = await websocket_connect(f"ws://127.0.0.1:{self.port}/lab/a", subprotocols=["tornado-ws.1"])
        self._connections.append(connection)
        assert "$hello" in str(await connection.read_message())
        return connection

    def close(self) -> None:
        """Close all connections."""
        for connection in self._connections:
            connection.close()

    async def processes(self, count: int) -> AsyncIterator[int]:
        """Yield the ids of processes until there were as many different ones."""
        found: set[int] = set()
        async with asyncio.timeout(30):
            while len(found) < count:
                id, _ = await self.process_and_version()
                found.add(id)
                yield id

    async def connections_of(self, port: int) -> float:
        """Return the number of connections in the metrics on a port."""
        answer = await AsyncHTTPClient(force_instance=True).fetch(f"http://127.0.0.1:{port}/metrics")
        return sum(map(float, re.findall(r"^tornado_ws_connections\{.*\} (.*)$", answer.body.decode(), re.MULTILINE)))

    async def process_and_version(self) -> tuple[int, str]:
        """Ask one of the processes for its id and the version of its code."""
        answer = await AsyncHTTPClient(force_instance=True).fetch(f"http://127.0.0.1:{self.port}/process")
        id, version = answer.body.decode().split()
        return int(id), version


@asynccontextmanager
async def serving(
    folder: Path,
    application: str,
    *options: str,
    port: int | None = None,
    version: str = "1",
    module: str | None = MODULE,
) -> AsyncIterator[Run]:
    """Run the command until the context ends."""
    if module is not None:
        (folder / "served.py").write_text(module, encoding="utf-8")
    port = port or free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tornado_ws", "serve", f"served:{application}"),
        *("--port", str(port), "--address", "127.0.0.1", "--spread", "0", *options),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3]), "VERSION": version},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    run = Run(process, port)
    try:
        yield run
    finally:
        run.close()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def end_of(connection: WebSocketClientConnection) -> int | None:
    while await connection.read_message() is not None:
        pass
    return connection.close_code
