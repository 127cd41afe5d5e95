"""A server process that is measured."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

from .cpu import SERVER_CORE, settle
from .peers import Peer

__all__ = ["COMPILED", "HERE", "NODE_MODULES", "PYTHON", "Server", "ServerFailed", "environment"]

HERE = Path(__file__).parent
PYTHON = HERE / ".venv" / "bin" / "python"
NODE_MODULES = HERE / "node_modules"
COMPILED = HERE / ".compiled"
"""This package as it is published, with its compiled modules; without the folder it is measured as it stands here."""
START = 20.0
"""Seconds that a server may take to start."""


def environment(*, pure: bool = False) -> dict[str, str]:
    """Return the environment of a process that imports tornado-ws; ``pure``: not compiled."""
    folders = [HERE.parent] if pure else [COMPILED, HERE.parent]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}


class ServerFailed(Exception):
    """A server did not start, or ended by itself."""


class Server:
    """A peer that runs on the server's core, from ``with`` to its end."""

    def __init__(self, peer: Peer, *, arguments: tuple[str, ...] = (), port: int | None = None) -> None:
        """Prepare.

        Args:
            peer: What to run.
            arguments: More than the peer's own.
            port: Where it listens; by default where nobody does.
        """
        self.peer = peer
        self.port = port or _free_port()
        program = ["node"] if peer.node else [str(PYTHON if PYTHON.exists() else sys.executable)]
        self._command = [*program, str(peer.file), str(self.port), *peer.arguments, *arguments]

    def __enter__(self) -> Server:
        self._log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            self._command,
            env=environment(pure=self.peer.pure),
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            preexec_fn=lambda: settle(SERVER_CORE),
        )
        try:
            self._wait()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and (log := self.log()):
            error.add_note(f"{self.peer.label} wrote:\n{log}")
        self._end()

    def _end(self) -> None:
        self.process.kill()
        self.process.wait()
        self._log.close()

    @property
    def pid(self) -> int:
        """The process whose time and memory count."""
        return self.process.pid

    def log(self) -> str:
        """Return the end of what the server has written."""
        self._log.seek(0)
        return self._log.read()[-4000:].decode(errors="replace")

    def _wait(self) -> None:
        deadline = time.monotonic() + START
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ServerFailed(f"{self.peer.label} ended with {self.process.returncode}:\n{self.log()}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise ServerFailed(f"{self.peer.label} does not listen after {START:g} s:\n{self.log()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
