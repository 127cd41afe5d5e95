"""Project with schemas, generated code and a page, and its test server."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "VIRTUAL_ENV": sys.prefix}


class Project:
    """Copy of the page in ``web/`` with the client generated from ``schemas/``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.web = folder / "web"
        shutil.copytree(HERE / "schemas", folder / "schemas")
        shutil.copytree(HERE / "web", self.web)
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        (folder / "package.json").write_text('{"type": "module", "private": true}')
        (folder / "pyproject.toml").write_text('[tool.tornado-ws]\npython = "generated"\nclient = "web/src/ws"\n')
        self.generate()

    @property
    def dist(self) -> Path:
        return self.web / "dist"

    @property
    def contract(self) -> str:
        """Contract of ``lab``."""
        found = re.search(r"contract: '(\w+)'", (self.web / "src/ws/lab/messages.ts").read_text())
        assert found
        return found[1]

    def generate(self) -> None:
        subprocess.run(
            [sys.executable, "-m", "codegen"], cwd=self.folder, env=ENVIRONMENT, check=True, stdout=subprocess.PIPE
        )

    def vite(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start Vite in the folder of the page."""
        command = ["node", str(ROOT / "node_modules/vite/bin/vite.js"), *arguments]
        return subprocess.Popen(
            command,
            cwd=self.web,
            env={**ENVIRONMENT, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def build(self) -> str:
        """Build the page; return the output of Vite."""
        process = self.vite("build", "--logLevel", "warn")
        output, _ = process.communicate(timeout=120)
        assert 0 == process.returncode, output
        return output


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """Process that runs ``server.py``; the port stays the same after a restart."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.client.server", str(self.port), str(self.project.dist)]
        self._process = subprocess.Popen([*command, self.project.contract], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert "listening" in self._process.stdout.readline()

    def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()

    def do(self, **commands: Any) -> dict[str, Any]:
        """Run commands on the server; return its state."""
        request = urllib.request.Request(f"{self.origin}/_control", json.dumps(commands).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=30) as response:
            state: dict[str, Any] = json.load(response)
            return state


class RealServer(Server):
    """Process that runs ``application.py``.

    Args:
        project: Project with the page.
        settings: Arguments of the controller; ``limits`` are those of its ``Limits``.
    """

    def __init__(self, project: Project, **settings: Any) -> None:
        super().__init__(project)
        self._settings = settings

    def start(self) -> None:
        paths = os.pathsep.join([str(self.project.folder), str(ROOT)])
        arguments = [str(self.port), str(self.project.dist), json.dumps(self._settings)]
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "application.py"), *arguments],
            cwd=self.project.folder,
            env={**os.environ, "PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert "listening" in self._process.stdout.readline()
