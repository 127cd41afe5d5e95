"""Redis with a sentinel, and a cluster of Redis, for tests with faults."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from pathlib import Path

from tests.client.project import free_port

from .redis_faults import FaultyRedis

__all__ = ["Cluster", "Replicated"]

NO_FILES = ("--save", "", "--appendonly", "no")


class Replicated:
    """Primary with one replica, and a sentinel that promotes the replica."""

    def __init__(self, folder: Path) -> None:
        self.primary = FaultyRedis(folder / "primary", *NO_FILES)
        self.replica = FaultyRedis(folder / "replica", *NO_FILES, "--replicaof", "127.0.0.1", str(self.primary.port))
        self._file = folder / "sentinel.conf"
        self.port = free_port()
        self._sentinel: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis+sentinel://127.0.0.1:{self.port}/main/0"

    def start(self) -> None:
        """Start all processes, and wait until the replica follows the primary."""
        self.primary.start()
        self.replica.start()
        self._file.write_text(
            f"port {self.port}\nbind 127.0.0.1\n"
            f"sentinel monitor main 127.0.0.1 {self.primary.port} 1\n"
            "sentinel down-after-milliseconds main 1000\nsentinel failover-timeout main 3000\n"
        )
        self._sentinel = subprocess.Popen(["redis-server", str(self._file), "--sentinel"], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while b"slave0:" not in self.primary.run("INFO", "replication"):
            assert time.monotonic() < deadline, "the replica does not follow"
            time.sleep(0.1)
        sentinel = FaultyRedis(self._file.parent / "unused", port=self.port)
        while b"slaves=1" not in _answer(sentinel, "INFO", "sentinel"):
            assert time.monotonic() < deadline, "the sentinel does not know the replica"
            time.sleep(0.1)

    async def fail_over(self, stopped: float) -> None:
        """Kill the primary, after some seconds in which the replica received nothing."""
        assert self.replica.process is not None
        self.replica.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(stopped)
        self.primary.kill()
        self.replica.process.send_signal(signal.SIGCONT)
        deadline = time.monotonic() + 20
        while b"role:master" not in self.replica.run("INFO", "replication"):
            assert time.monotonic() < deadline, "the replica was not promoted"
            await asyncio.sleep(0.1)

    def stop(self) -> None:
        """Kill all processes."""
        if self._sentinel is not None:
            self._sentinel.kill()
            self._sentinel.wait()
        self.primary.kill()
        self.replica.kill()


class Cluster:
    """Cluster of three nodes, without replicas."""

    def __init__(self, folder: Path) -> None:
        ports = [free_port() for _ in range(3)]
        self.nodes = [
            FaultyRedis(
                folder / f"node{number}",
                *NO_FILES,
                *("--cluster-enabled", "yes", "--cluster-node-timeout", "2000"),
                *("--cluster-port", str(free_port())),
                port=port,
            )
            for number, port in enumerate(ports)
        ]

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'127.0.0.1:{node.port}' for node in self.nodes)}"

    def start(self) -> None:
        """Start the nodes, and form the cluster."""
        for node in self.nodes:
            node.start()
        addresses = [f"127.0.0.1:{node.port}" for node in self.nodes]
        subprocess.run(
            ["redis-cli", "--cluster", "create", *addresses, "--cluster-yes"], check=True, stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 20
        while any(b"cluster_state:ok" not in _answer(node, "CLUSTER", "INFO") for node in self.nodes):
            assert time.monotonic() < deadline, "the cluster is not complete"
            time.sleep(0.1)

    async def move_slots(self) -> int:
        """Move each slot that has keys to the next node; return the number of moved slots."""
        moved = 0
        for number, node in enumerate(self.nodes):
            for slot in {int(_text(node, "CLUSTER", "KEYSLOT", key)) for key in node.key_names()}:
                await asyncio.to_thread(self._move, slot, node, self.nodes[(number + 1) % 3])
                moved += 1
            if moved:
                return moved
        return moved

    def _move(self, slot: int, source: FaultyRedis, target: FaultyRedis) -> None:
        ids = {node: _text(node, "CLUSTER", "MYID") for node in (source, target)}
        target.run("CLUSTER", "SETSLOT", str(slot), "IMPORTING", ids[source])
        source.run("CLUSTER", "SETSLOT", str(slot), "MIGRATING", ids[target])
        while keys := _list(source.run("CLUSTER", "GETKEYSINSLOT", str(slot), "10")):
            source.run("MIGRATE", "127.0.0.1", str(target.port), "", "0", "5000", "KEYS", *keys)
            time.sleep(0.02)
        for node in (target, source, *self.nodes):
            node.run("CLUSTER", "SETSLOT", str(slot), "NODE", ids[target])

    def stop(self) -> None:
        """Kill all nodes."""
        for node in self.nodes:
            node.kill()


def _answer(server: FaultyRedis, *command: str) -> bytes:
    try:
        return server.run(*command)
    except OSError:
        return b""


def _text(server: FaultyRedis, *command: str) -> str:
    answer = server.run(*command).decode()
    return answer[1:].strip() if answer.startswith(":") else answer.split("\r\n")[1]


def _list(answer: bytes) -> list[str]:
    lines = answer.decode().split("\r\n")
    return [line for line in lines[1:] if line and not line.startswith("$")]
