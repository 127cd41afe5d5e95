"""Publications through Redis: two processes, of which one publishes to a room, and the other receives."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from . import report
from .cpu import LOAD_CORE, SERVER_CORE, cpu_seconds
from .server import HERE, PYTHON, environment

__all__ = ["PROGRAMS", "Program", "measure", "run"]

IN_FLIGHT = 64


@dataclass(frozen=True, kw_only=True)
class Program:
    """Process that publishes or receives; ``peers/redis_ours.py`` states its protocol."""

    label: str
    file: str
    """Name of the file in ``peers/``."""
    arguments: tuple[str, ...] = ()
    """Arguments after those of the benchmark."""
    kinds: tuple[str, ...] = ("not kept", "kept")

    @property
    def command(self) -> list[str]:
        """Command that runs the program."""
        path = HERE / "peers" / self.file
        return ["node" if self.file.endswith(".mjs") else str(PYTHON if PYTHON.exists() else sys.executable), str(path)]


PROGRAMS = {
    "ours": Program(label="tornado-ws", file="redis_ours.py"),
    "socketio": Program(label="python-socketio, Redis manager", file="redis_socketio.py", kinds=("not kept",)),
    "socket.io": Program(label="Socket.IO, adapter for Redis streams", file="redis_socketio_node.mjs", kinds=("kept",)),
}
"""Compared programs. One more is a file in ``peers/`` and a line here."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """Processor time of one run, in seconds."""

    count: int
    publishing: float
    receiving: float

    @property
    def published(self) -> float:
        """Publications per second of processor time of the publishing process."""
        return self.count / self.publishing

    @property
    def received(self) -> float:
        """Messages per second of processor time of the receiving process."""
        return self.count / self.receiving


def measure(program: Program, kind: str, count: int) -> Result:
    """Publish messages and measure both processes."""
    with ExitStack() as stack:
        url = stack.enter_context(_redis())
        processes = [
            stack.enter_context(_process(program, url, role, kind.replace("not kept", "plain"), count, core))
            for role, core in (("publish", SERVER_CORE), ("receive", LOAD_CORE))
        ]
        for process in processes:
            _expect(process, "ready")
        before = [cpu_seconds(process.pid) for process in processes]
        for process in reversed(processes):
            _pipe(process.stdin).write("go\n")
            _pipe(process.stdin).flush()
        for process in processes:
            _expect(process, "done")
        publishing, receiving = (
            cpu_seconds(process.pid) - start for process, start in zip(processes, before, strict=True)
        )
        return Result(count=count, publishing=publishing, receiving=receiving)


def run(*, quick: bool = False) -> str:
    """Measure, and return the table."""
    count, rounds = (5_000, 1) if quick else (100_000, 5)
    figures: dict[tuple[str, str], list[Result]] = {}
    for number in range(rounds):
        for name, program in PROGRAMS.items():
            for kind in program.kinds:
                result = measure(program, kind, count)
                figures.setdefault((name, kind), []).append(result)
                print(
                    f"round {number + 1}  {name:10} {kind:8}  {result.published:8.0f} published,"
                    f" {result.received:8.0f} received per second of processor time",
                    flush=True,
                )
    rows = [
        [
            PROGRAMS[name].label,
            kind,
            f"{statistics.median(result.published for result in results):,.0f}",
            f"{statistics.median(result.received for result in results):,.0f}",
        ]
        for (name, kind), results in figures.items()
    ]
    return report.table(("server", "messages", "published", "received"), rows)


@contextmanager
def _redis() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "redis.sock")
        process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        try:
            while not path.exists():
                time.sleep(0.02)
            yield f"unix://{path}"
        finally:
            process.kill()
            process.wait()


@contextmanager
def _process(
    program: Program, url: str, role: str, kind: str, count: int, core: int
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        ["taskset", "-c", str(core), *program.command, url, role, kind, str(count), str(IN_FLIGHT), *program.arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        yield process
    finally:
        _pipe(process.stdin).close()
        process.wait(10)
        _pipe(process.stdout).close()


def _expect(process: subprocess.Popen[str], word: str) -> None:
    line = _pipe(process.stdout).readline().strip()
    if line != word:
        raise RuntimeError(f"expected {word!r} from {process.args}, got {line!r}")


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe
