from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from tornado.web import Application

from codegen.cli import main
from tests.docs.pages import ROOT, blocks, links, pages
from tests.support.nginx import free_port, wait_for
from tornado_ws import WebSocketController
from tornado_ws.testing import Connect

README = ROOT / "README.md"


def _block(language: str, beginning: str) -> str:
    (found,) = (block.text for block in blocks(README, language) if block.text.startswith(beginning))
    return found


SCHEMA = _block("json", "{")
HANDLER = _block("python", "from typing")
PAGE = _block("svelte", "<script")
COMMAND = re.findall(r"`python -m codegen (.*?)` turns", README.read_text(encoding="utf-8"))[0].split()
PAGE_FILE = re.findall(r"`(\S+\.svelte)`:", README.read_text(encoding="utf-8"))[0]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a project with the three code blocks; its modules can be imported."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "schemas").mkdir()
    (folder / "schemas/counter.json").write_text(SCHEMA, encoding="utf-8")
    (folder / "app.py").write_text(HANDLER, encoding="utf-8")
    (folder / PAGE_FILE).parent.mkdir(parents=True)
    (folder / PAGE_FILE).write_text(PAGE, encoding="utf-8")
    with contextlib.chdir(folder):
        assert 0 == main(COMMAND)

    here = {name: sys.modules.pop(name) for name in tuple(sys.modules) if name.partition(".")[0] == "generated"}
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    for name in [*sys.modules]:
        if name == "app" or name.partition(".")[0] == "generated":
            del sys.modules[name]
    sys.modules.update(here)


@pytest.fixture
def counter(project: Path) -> ModuleType:
    """Return the module of the second block."""
    return importlib.import_module("app")


@pytest.fixture
def app(counter: ModuleType) -> Application:
    return Application([*WebSocketController().persistent(counter.Counter)])


@pytest.mark.gen_test
async def test_count_is_sent_to_all_clients(counter: ModuleType, connect: Connect) -> None:
    messages = importlib.import_module("generated.counter")
    counter.Counter.value = 0

    async with connect(counter.Counter) as ann, connect(counter.Counter) as bob:
        assert messages.Count(value=0) == await bob.expect(messages.Count)
        await ann.send(messages.Add(3))
        await ann.send(messages.Add(4))

        assert messages.Count(value=3) == await bob.expect(messages.Count)
        assert messages.Count(value=7) == await bob.expect(messages.Count)


@pytest.mark.gen_test
async def test_eleven_is_rejected_and_the_socket_stays_open(counter: ModuleType, connect: Connect) -> None:
    async with connect(counter.Counter) as ann:
        await ann.send_text('{"type":"add","data":11}')
        error = await ann.expect_error("invalid_message")

        assert ("", "maximum", 10) == (error.pointer, error.keyword, error.expected)
        assert f"`{error.message}`" in README.read_text(encoding="utf-8")
        assert ann.closed is None


@pytest.mark.parametrize("page", ["README.md", "docs/explanation/which-one.md"])
def test_size_of_the_client_is_that_of_the_benchmarks(page: str) -> None:
    benchmarks = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    (measured,) = re.findall(r"reactive classes .* \| ([\d.]+) kB \|\n", benchmarks)

    assert f"{float(measured):.0f} kB" in (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md", "codegen/project/README.md"])
def test_pages_install_from_a_clone_until_the_first_release(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    is_unreleased = "## 0.1.0 (unreleased)" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert ("not on PyPI yet" in text) == ("TORNADO_WS_PURE=1 pip install" in text) == is_unreleased


def test_readme_links_every_guide() -> None:
    guides = {page.relative_to(ROOT).as_posix() for page in (ROOT / "docs/how-to").glob("*.md")}

    assert guides - {*links(README)} == set()


def test_first_page_is_that_of_the_first_project() -> None:
    assert (ROOT / "codegen/project" / PAGE_FILE).exists()


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_pages_are_opened_at_localhost(page: Path) -> None:
    """Addresses of sockets and settings may be numbers; ``serve`` prints this name."""
    assert not re.search(r"(serve[sd]? it on|[Oo]pen|#) +<?http://127\.0\.0\.1", page.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_command_serves_the_program_and_prints_its_url(project: Path) -> None:
    text = README.read_text(encoding="utf-8")
    command, url = re.findall(r"`python -m (tornado_ws serve .*?)` serves it on (http\S+)\.\n", text)[0]
    port = free_port()
    env = {**os.environ, "PYTHONPATH": f"{project}{os.pathsep}{ROOT}", "PORT": str(port)}
    with subprocess.Popen(
        [sys.executable, "-m", *command.split()], cwd=project, env=env, stderr=subprocess.PIPE, text=True
    ) as run:
        wait_for(port)

        assert asyncio.run(_first_frames(port)) == ["$hello", "count"]
        run.send_signal(signal.SIGTERM)
        assert url.replace("8888", str(port)) in run.communicate(timeout=10)[1]
        assert run.returncode == 0


async def _first_frames(port: int) -> list[str]:
    from tornado.websocket import websocket_connect

    connection = await websocket_connect(f"ws://127.0.0.1:{port}/counter", subprotocols=["tornado-ws.1"])
    frames = [await connection.read_message() for _ in range(2)]
    connection.close()
    return [json.loads(frame or "null")["type"] for frame in frames]


@pytest.mark.slow
def test_handler_passes_mypy(project: Path) -> None:
    assert _mypy(project) == ("", 0)


@pytest.mark.slow
def test_mypy_reports_a_renamed_message_in_the_handler(project: Path, tmp_path: Path) -> None:
    renamed = tmp_path / "renamed"
    shutil.copytree(project, renamed)
    (renamed / "schemas/counter.json").write_text(SCHEMA.replace('"add"', '"increase"'), encoding="utf-8")
    with contextlib.chdir(renamed):
        assert 0 == main(COMMAND)

    errors, status = _mypy(renamed)

    assert status == 1
    assert "Only concrete class can be given" in errors
    assert "on_increase" in errors


@pytest.mark.slow
def test_page_passes_svelte_check(project: Path) -> None:
    assert _svelte_check(project, PAGE) == []


@pytest.mark.slow
def test_svelte_check_reports_a_renamed_message_in_the_page(project: Path) -> None:
    assert ["Argument of type '\"increase\"' is not assignable to parameter of type '\"add\"'."] == _svelte_check(
        project, PAGE.replace("'add'", "'increase'")
    )


def _mypy(folder: Path) -> tuple[str, int]:
    env = {**os.environ, "MYPYPATH": str(ROOT)}
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--follow-imports=silent", "app.py"]
    checked = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return checked.stdout + checked.stderr, checked.returncode


def _svelte_check(folder: Path, page: str) -> list[str]:
    """Return the messages of svelte-check for the page."""
    web = folder / "web"
    (folder / PAGE_FILE).write_text(page, encoding="utf-8")
    (web / "tsconfig.json").write_text(
        json.dumps({"extends": str(ROOT / "tsconfig.json"), "include": ["**/*"]}), encoding="utf-8"
    )
    modules = web / "node_modules"
    if not modules.exists():
        modules.symlink_to(ROOT / "node_modules")
    command = [
        str(ROOT / "node_modules/.bin/svelte-check"),
        "--tsconfig",
        "tsconfig.json",
        "--output",
        "machine-verbose",
    ]
    checked = subprocess.run([*command, "--fail-on-warnings"], cwd=web, capture_output=True, text=True, check=False)
    assert "COMPLETED" in checked.stdout, checked.stdout + checked.stderr
    return [json.loads(found)["message"] for found in re.findall(r"^\d+ (\{.*\})$", checked.stdout, re.MULTILINE)]
