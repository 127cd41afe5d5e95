"""Process with the handler of :mod:`tests.support.board` on Redis, which tests kill and stop."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

from tornado.testing import bind_unused_port
from tornado.web import Application

from tests.support.board import BOARD, Board
from tornado_ws import WebSocketController
from tornado_ws.channels.redis import RedisBackplane
from tornado_ws.presence import SharedPresence
from tornado_ws.testing import Client

ROOT = Path(__file__).parents[2]


class BoardServer:
    """Process with a port."""

    def __init__(self, redis: str, prefix: str, lease: float) -> None:
        """Start the process, and wait until it listens."""
        unused, self.port = bind_unused_port()
        unused.close()
        command = [sys.executable, "-m", __name__, str(self.port), redis, prefix, str(lease)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self._process.stdout.readline()

    def client(self, nick: str = "") -> Client:
        """Return a client that is tracked with a nick, if it has one."""
        query = urlencode({"nick": nick})
        return Client(BOARD, f"ws://127.0.0.1:{self.port}/board/a?{query}", subprotocols=["tornado-ws.1"], timeout=15)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


async def main() -> None:
    """Serve until the process is killed."""
    port, redis, prefix, lease = sys.argv[1:]
    sockets = WebSocketController(backplane=RedisBackplane(redis, prefix=prefix))
    context = sockets.context
    context.presence = SharedPresence(context.backplane, context.deadlines, context.clock, lease=float(lease))
    Application([*sockets.persistent(Board)]).listen(int(port), address="127.0.0.1")
    print("listening", flush=True)
    await sockets.serve_until_signal(timeout=1.0, spread=0.0)


if __name__ == "__main__":
    asyncio.run(main())
