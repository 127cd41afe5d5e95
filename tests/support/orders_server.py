"""Process that serves :mod:`tests.support.orders` and writes a journal of its methods.

Arguments: port, URL of Redis, key prefix, seconds of a lease, and path of the journal. A line of the journal is
``begin`` or ``end`` and the item. The item ``slow`` takes three seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tornado.web import Application

from tests.support.orders import Order, Orders
from tornado_ws import WebSocketController
from tornado_ws.channels.redis import RedisBackplane, redis_deliveries

__all__ = ["OrdersServer"]

SLOW = 3.0


class OrdersServer:
    """Process on one port, controlled by a test."""

    def __init__(self, port: int, redis_url: str, prefix: str, lease: float, journal: Path) -> None:
        arguments = [str(port), redis_url, prefix, str(lease), str(journal)]
        self.url = f"ws://127.0.0.1:{port}/orders"
        command = [sys.executable, "-m", __name__, *arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert self._process.stdout is not None
        assert b"ready\n" == self._process.stdout.readline()

    def kill(self) -> None:
        """Kill the process, without a chance to clean up."""
        self._process.kill()
        print(self._process.communicate()[1].decode())

    def interrupt(self) -> bytes:
        """End the process as Ctrl-C does, and return its output to standard error."""
        self._process.send_signal(signal.SIGINT)
        try:
            return self._process.communicate(timeout=20)[1]
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGUSR1)  # prints the tasks
            time.sleep(1)
            self.kill()
            raise


async def _serve(port: str, redis_url: str, prefix: str, lease: str, journal: str) -> None:
    redis_deliveries.LEASE, redis_deliveries.RENEWAL = float(lease), float(lease) / 4
    file = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    class Server(Orders):
        async def on_order(self, order: Order, /) -> None:
            os.write(file, f"begin {order.item}\n".encode())
            await asyncio.sleep(SLOW if order.item == "slow" else 0)
            os.write(file, f"end {order.item}\n".encode())

    sockets = WebSocketController(backplane=RedisBackplane(redis_url, prefix=prefix))
    Application(sockets.persistent(Server)).listen(int(port), "127.0.0.1")
    loop = asyncio.get_running_loop()

    def print_tasks(*_: object) -> None:
        for task in asyncio.all_tasks(loop):
            task.print_stack(file=sys.stderr)

    signal.signal(signal.SIGUSR1, print_tasks)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells ignore it in programs in the background
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(*sys.argv[1:]))
