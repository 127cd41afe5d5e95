"""Server process under measurement."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

from .cpu import SERVER_CORE, pin
from .peers import Peer

__all__ = ["COMPILED", "HERE", "NODE_MODULES", "PYTHON", "Server", "ServerFailed", "environment"]

HERE = Path(__file__).parent
PYTHON = HERE / ".venv" / "bin" / "python"
NODE_MODULES = HERE / "node_modules"
COMPILED = HERE / ".compiled"
"""Folder of the published form of this package, with compiled modules. If it is missing, the sources are measured."""
START_TIMEOUT = 20.0
"""Maximum time for the start of a server, in seconds."""


def environment(*, pure: bool = False) -> dict[str, str]:
    """Return the environment of a process that imports tornado-ws, without compiled modules if ``pure``."""
    folders = [HERE.parent] if pure else [COMPILED, HERE.parent]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}


class ServerFailed(Exception):
    """Raised if a server does not start, or exits."""


class Server:
    """Server process of a peer on the server's core, used as a context manager."""

    def __init__(self, peer: Peer, *, arguments: tuple[str, ...] = (), port: int | None = None) -> None:
        """Prepare the command.

        Args:
            peer: Peer to run.
            arguments: Arguments after those of the peer.
            port: Port of the server; a free one by default.
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
            preexec_fn=lambda: pin(SERVER_CORE),
        )
        try:
            self._wait_until_listening()
        except BaseException:
            self._kill()
            raise
        return self

    def __exit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None and (log := self.log()):
            error.add_note(f"{self.peer.label} wrote:\n{log}")
        self._kill()

    def _kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._log.close()

    @property
    def pid(self) -> int:
        """Id of the process."""
        return self.process.pid

    def log(self) -> str:
        """Return the end of the server's output."""
        self._log.seek(0)
        return self._log.read()[-4000:].decode(errors="replace")

    def _wait_until_listening(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ServerFailed(f"{self.peer.label} exited with {self.process.returncode}:\n{self.log()}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise ServerFailed(f"{self.peer.label} did not listen within {START_TIMEOUT:g} s:\n{self.log()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
