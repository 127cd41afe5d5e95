"""Redis server of the tests with faults: persistence, limits, signals and commands."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.client.project import free_port

__all__ = ["FaultyRedis"]


class FaultyRedis:
    """Process of `redis-server` that tests stop, kill and configure."""

    def __init__(self, folder: Path, *options: str, port: int | None = None) -> None:
        self.port = port or free_port()
        self._folder = folder
        self._options = options
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(exist_ok=True)

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        options = self._options or ("--save", "", "--appendonly", "no")
        self.process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
        for _ in range(200):
            try:
                if b"PONG" in self.run("PING") or b"NOAUTH" in self.run("PING"):
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError("redis-server does not answer")

    def run(self, *command: str) -> bytes:
        """Run a command; return the first bytes of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
            parts = b"".join(b"$%d\r\n%b\r\n" % (len(part.encode()), part.encode()) for part in command)
            connection.sendall(b"*%d\r\n%b" % (len(command), parts))
            return connection.recv(1 << 16)

    def key_names(self) -> list[str]:
        """Return the names of all keys."""
        lines = self.run("KEYS", "*").decode().split("\r\n")
        return [line for line in lines[1:] if line and not line.startswith("$")]

    def calls(self, command: str) -> int:
        """Return the number of executions of a command, also by scripts."""
        found = re.search(rb"cmdstat_%b:calls=(\d+)" % command.encode(), self.run("INFO", "commandstats"))
        return int(found[1]) if found else 0

    def kill(self) -> None:
        """Kill the server."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()
            self.process = None
