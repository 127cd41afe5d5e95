"""Redis servers for tests: one server, a service with sentinels, and a cluster."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from redis.connection import Connection
from redis.crc import key_slot
from redis.exceptions import AuthenticationError, ConnectionError, ResponseError

TIMEOUT = 20.0
"""Maximum time for a server to start, in seconds."""


class RedisServer:
    """Process of `redis-server` on one port, without persistence by default."""

    def __init__(self, *arguments: str, persistent: bool = False, port: int = 0, sentinel: str | None = None) -> None:
        """Prepare a server.

        Args:
            arguments: More arguments of the command.
            persistent: True for an append-only file, synchronized after each write.
            port: Port; 0 for a free one.
            sentinel: Configuration of a sentinel.
        """
        self.port = port or free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._arguments = arguments
        self._persistent = persistent
        self._sentinel = sentinel
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory()
        folder = self._folder.name
        command = ["redis-server"]
        if self._sentinel is not None:
            configuration = Path(folder, "sentinel.conf")
            configuration.write_text(self._sentinel)
            command += [str(configuration), "--sentinel"]
        command += ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""]
        if self._persistent:
            command += ["--appendonly", "yes", "--appendfsync", "always"]
        command += ["--enable-debug-command", "yes", *self._arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._answers)

    def kill(self) -> None:
        """Kill the server. What it has on disk stays for the next start."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Kill the server, and delete what it has on disk."""
        self.kill()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def restart(self) -> None:
        """Kill the server, and start it again with what it has on disk."""
        self.kill()
        self.start()

    def pause(self) -> None:
        """Stop the process, so that it accepts connections but does not answer."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Continue after :meth:`pause`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def execute(self, *command: object) -> Any:
        """Execute one command; a refusal raises."""
        connection: Any = Connection(port=self.port, socket_timeout=TIMEOUT, protocol=2)
        try:
            connection.send_command(*command)
            return connection.read_response()
        finally:
            connection.disconnect()

    def _answers(self) -> bool:
        try:
            return bool(self.execute("PING") == b"PONG")
        except AuthenticationError:
            return True
        except (OSError, ConnectionError):
            return False


class SentinelService:
    """Master, replica and sentinels, which promote the replica after 500 ms without an answer of the master."""

    NAME = "service"

    def __init__(self, sentinels: int = 1) -> None:
        self.master = RedisServer()
        self.replica = RedisServer("--replicaof", "127.0.0.1", str(self.master.port))
        configuration = "\n".join(
            (
                f"sentinel monitor {self.NAME} 127.0.0.1 {self.master.port} {sentinels // 2 + 1}",
                f"sentinel down-after-milliseconds {self.NAME} 500",
                f"sentinel failover-timeout {self.NAME} 2000",
            )
        )
        self.sentinels = [RedisServer(sentinel=configuration) for _ in range(sentinels)]
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        self.url = f"redis+sentinel://{hosts}/{self.NAME}/0"

    def start(self) -> None:
        """Start all servers, and wait until the sentinels know the replica."""
        self.master.start()
        self.replica.start()
        wait_until(lambda: b"master_link_status:up" in self.replica.execute("INFO", "replication"))
        for sentinel in self.sentinels:
            sentinel.start()
        for sentinel in self.sentinels:
            wait_until(lambda sentinel=sentinel: sentinel.execute("SENTINEL", "REPLICAS", self.NAME) != [])

    def stop(self) -> None:
        """Kill all servers."""
        for server in (*self.sentinels, self.replica, self.master):
            server.stop()


class RedisCluster:
    """Cluster of masters without replicas."""

    def __init__(self, count: int = 3) -> None:
        self.servers = [
            RedisServer(
                "--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no"
            )
            for _ in range(count)
        ]
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{server.port}" for server in self.servers)

    def start(self) -> None:
        """Start all servers, and wait until every slot is served."""
        for server in self.servers:
            server.start()
        share = 16384 // len(self.servers) + 1
        for at, server in enumerate(self.servers):
            server.execute("CLUSTER", "ADDSLOTSRANGE", at * share, min((at + 1) * share, 16384) - 1)
            server.execute("CLUSTER", "SET-CONFIG-EPOCH", at + 1)
        for server in self.servers[1:]:
            server.execute("CLUSTER", "MEET", "127.0.0.1", self.servers[0].port)
        for server in self.servers:
            wait_until(lambda server=server: self._complete(server))

    def stop(self) -> None:
        """Kill all servers."""
        for server in self.servers:
            server.stop()

    def owner(self, slot: int) -> RedisServer:
        """Return the server of a slot."""
        for first, last, (_, port, *_rest), *_ in self.servers[0].execute("CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(server for server in self.servers if server.port == port)
        raise LookupError(slot)

    def move(self, slot: int, keys_at_once: int = 10) -> RedisServer:
        """Move a slot with its keys to the next server, and return that server."""
        source = self.owner(slot)
        target = self.servers[(self.servers.index(source) + 1) % len(self.servers)]
        source_id, target_id = (server.execute("CLUSTER", "MYID") for server in (source, target))
        target.execute("CLUSTER", "SETSLOT", slot, "IMPORTING", source_id)
        source.execute("CLUSTER", "SETSLOT", slot, "MIGRATING", target_id)
        while keys := source.execute("CLUSTER", "GETKEYSINSLOT", slot, keys_at_once):
            for key in keys:
                with contextlib.suppress(ResponseError):  # expired meanwhile
                    source.execute("MIGRATE", "127.0.0.1", target.port, key, 0, 5000)
        for server in (target, source, *self.servers):
            server.execute("CLUSTER", "SETSLOT", slot, "NODE", target_id)
        return target

    def _complete(self, server: RedisServer) -> bool:
        info = server.execute("CLUSTER", "INFO")
        return b"cluster_state:ok" in info and b"cluster_known_nodes:%d" % len(self.servers) in info


@contextlib.contextmanager
def running(server: Any) -> Iterator[Any]:
    """Start a server, a service or a cluster, and kill it at the end of the block."""
    try:
        server.start()
        yield server
    finally:
        server.stop()


def hash_slot(key: str) -> int:
    """Return the hash slot of a key in a cluster."""
    slot: int = key_slot(key.encode())
    return slot


def free_port() -> int:
    """Return a port that is free now. That of a cluster's bus is 10000 higher."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
            if port < 55000:
                return port


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, for tests of programs that are starting."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the servers are not ready")
        time.sleep(0.02)
