from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tornado.test

from tests.docs.pages import ROOT, Block, blocks
from tests.support.nginx import free_port, local_site, run_nginx, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGE = ROOT / "docs/tutorial.md"
CERTIFICATE = Path(tornado.test.__file__).with_name("test.crt")
TEXT = PAGE.read_text(encoding="utf-8")
INSTALLED = re.compile(
    r"^(python3 -m venv|\. (\.\./)?\.venv|(\w+=1 |python -m )?pip install|cd |npm --prefix web install).*\n",
    re.MULTILINE,
)
"""Commands for dependencies that are already installed."""

pytestmark = pytest.mark.browser


def _file_of(block: Block) -> str | None:
    """Return the file name of a code block, from the line before it."""
    before = TEXT.splitlines()[: block.line - 2]
    match = re.search(r"`([\w./-]+\.\w+)`:$", "\n".join(before).rstrip())
    return match[1] if match and block.language in ("json", "python") else None


SERVE = (sys.executable, "-m", "tornado_ws", "serve", "app:make")


class Reader:
    """Reader of the tutorial, in an empty folder."""

    def __init__(self, folder: Path) -> None:
        bin = folder / "bin"
        bin.mkdir()
        (bin / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
        (bin / "python").chmod(0o755)
        self.folder = folder / "my-app"
        self.port = free_port()
        self.line = 0
        """Number of the last line that was followed."""
        path = f"{bin}{os.pathsep}{os.environ['PATH']}"
        self.env = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "PORT": str(self.port), "MYPYPATH": str(ROOT)}
        subprocess.run(["python", "-m", "codegen", "init", "my-app"], cwd=folder, env=self.env, check=True)
        (self.folder / "web/node_modules").symlink_to(ROOT / "node_modules")

    def follow(self, *, until: str) -> None:
        """Follow the tutorial up to a heading, and compare the output."""
        output: str | None = None
        end = TEXT[: TEXT.index(until)].count("\n")
        for block in (block for block in blocks(PAGE) if self.line < block.line < end):
            self.line = block.line
            if block.language == "diff":
                self.run(["git", "apply", "--recount", "-"], input=block.text)
            elif block.language == "text" and output is not None:
                for line in block.text.splitlines():
                    assert line in output, f"{block.name}: {line!r} is not in {output}"
            elif (name := _file_of(block)) is not None:
                (self.folder / name).write_text(block.text, encoding="utf-8")
            elif block.language == "sh":
                output = self._shell(block)

    def _shell(self, block: Block) -> str | None:
        """Return the output of a code block, or None if another test runs it."""
        script = INSTALLED.sub("", block.text)
        if (
            script in ("", "python -m tornado_ws serve app:make\n", "python -m codegen init my-app\n")
            or "ORIGINS=" in script
            or "--reload" in script
            or "run dev" in script
            or "curl" in script
        ):
            return None
        return self.run(["bash", "-c", script], fails="||" in script)

    def run(self, command: list[str], *, input: str | None = None, fails: bool = False) -> str:
        ran = subprocess.run(
            command,
            cwd=self.folder,
            env=self.env,
            input=input,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert fails or ran.returncode == 0, f"{command}: {ran.stdout}"
        return ran.stdout


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return Reader(tmp_path_factory.mktemp("tutorial"))


@pytest.fixture
def address(reader: Reader) -> Iterator[str]:
    """Run the program in its current state, and yield its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "tornado_ws", "serve", "app:make"], cwd=reader.folder, env=reader.env
    ) as run:
        wait_for(reader.port)
        yield f"http://127.0.0.1:{reader.port}"
        run.terminate()
        assert run.wait(timeout=15) == 0


def test_project_is_created_built_and_changed(reader):
    reader.follow(until="## 5.")


def test_one_time_socket_is_added_and_tested(reader):
    reader.follow(until="## 7.")

    assert "Success" in reader.run(["python", "-m", "mypy", "test_app.py", "conftest.py"])


def test_page_counts_resets_and_reports(address, browser: Browser):
    page = browser.new_page()
    page.goto(address)
    page.wait_for_selector("text=Connected, 1 online")

    page.click("text=+5")
    page.click("text=Reset")
    page.wait_for_selector("text=It was 5.")
    page.click("text=+10")
    page.click("text=Report")
    page.wait_for_selector("progress")
    page.wait_for_selector("text=The count was 10.")
    page.close()


def test_deployed_program_admits_only_its_own_pages_behind_nginx(reader, monkeypatch, tmp_path):
    reader.follow(until="## Where")
    monkeypatch.setitem(reader.env, "ORIGINS", "https://www.example.org")
    monkeypatch.setitem(reader.env, "TRUSTED_PROXIES", "127.0.0.1")
    (request,) = (block.text for block in blocks(PAGE, "sh") if "curl" in block.text)
    (response,) = (block.text for block in blocks(PAGE, "text") if "HTTP/1.1 101" in block.text)
    port = free_port()
    command = request.replace("https://www.example.org/counter", f"https://127.0.0.1:{port}/counter")

    with (
        subprocess.Popen([*SERVE], cwd=reader.folder, env=reader.env) as run,
        run_nginx(tmp_path, _site(reader.port, port), port),
    ):
        wait_for(reader.port)
        done = subprocess.run(
            ["bash", "-c", command.replace("-is", "-ksi")], capture_output=True, text=True, check=False
        )
        run.terminate()

    assert response.splitlines() == [line.strip() for line in done.stdout.splitlines()]


def _site(server: int, port: int) -> str:
    """Return the configuration of nginx with the ``upstream`` of the tutorial."""
    (site,) = blocks(ROOT / "docs/how-to/production.md", "nginx")
    (upstream,) = blocks(PAGE, "nginx")
    text, changes = re.subn(r"^upstream .*?^\}\n", upstream.text, site.text, flags=re.MULTILINE | re.DOTALL)
    assert changes == 1
    certificate = (CERTIFICATE, CERTIFICATE.with_suffix(".key"))
    return local_site(text, port, certificate, {"127.0.0.1:8001": f"127.0.0.1:{server}"})
