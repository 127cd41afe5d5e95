"""Programs of the demo and of the first project, with their pages."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["FIRST_PROJECT", "VITE", "create", "environment", "serve", "vite"]

ROOT = Path(__file__).parents[2]
FIRST_PROJECT = ["-m", "tornado_ws", "serve", "app:make"]
"""Arguments of Python that serve the first project."""

VITE = ROOT / "node_modules/vite/bin/vite.js"
"""Program of Vite, run by Node."""


def create(folder: Path) -> Path:
    """Create and build the project that ``init`` writes."""
    for arguments, cwd in ((["init", str(folder)], ROOT), ([], folder)):
        command = [sys.executable, "-m", "codegen", *arguments]
        subprocess.run(command, cwd=cwd, env=environment(), check=True, stdout=subprocess.DEVNULL)
    (folder / "web/node_modules").symlink_to(ROOT / "node_modules")
    vite(folder / "web")
    return folder


def vite(folder: Path) -> None:
    """Build the page in a folder."""
    command = ["node", str(VITE), "build", "--logLevel", "error"]
    subprocess.run(command, cwd=folder, env=environment(), check=True)


@contextmanager
def serve(arguments: list[str], folder: Path, **variables: str) -> Iterator[str]:
    """Run a program that listens on ``PORT``, and yield its URL."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    env = environment(PORT=str(port), **variables)
    with subprocess.Popen([sys.executable, *arguments], cwd=folder, env=env, stdout=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nothing listens on {port}")


def environment(**variables: str) -> dict[str, str]:
    """Return the environment of programs that import this repository."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "VIRTUAL_ENV": sys.prefix, **variables}
