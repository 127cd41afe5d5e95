"""Vite plugin in the dev server, in builds and in previews of Vite."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .project import Project, RealServer, Server, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Eventually = Callable[..., None]


@pytest.fixture
def project_copy(tmp_path: Path) -> Project:
    """Project that the test may change."""
    return Project(tmp_path / "project")


@pytest.fixture
def backend(project_copy: Project) -> Iterator[Server]:
    server = Server(project_copy)
    server.start()
    yield server
    server.kill()


class Vite:
    """Vite process that serves a project, and its output."""

    def __init__(self, project: Project, backend: Server, *command: str) -> None:
        port = free_port()
        self.origin = f"http://127.0.0.1:{port}"
        self.output = ""
        self._process = project.vite(
            *command, "--port", str(port), "--strictPort", "--host", "127.0.0.1", TARGET=backend.origin, NO_COLOR="1"
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output += line

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def vite(project_copy: Project, backend: Server, eventually: Eventually) -> Iterator[Vite]:
    """Dev server."""
    vite = Vite(project_copy, backend)
    eventually(lambda: vite.origin in vite.output, 30)
    yield vite
    vite.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def opened(page: Page, origin: str) -> Page:
    page.goto(f"{origin.rstrip('/')}/?page=reader")
    page.wait_for_function("() => document.querySelector('#status')?.textContent === 'open'", timeout=60_000)
    return page


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_sockets_and_hot_reload_share_one_port(
    project_copy: Project, backend: Server, vite: Vite, page: Page, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    opened(page, vite.origin)
    page.evaluate("window.same = true")
    assert ["/lab/reader"] == backend.do()["paths"]

    change(project_copy.web / "src/Reader.svelte", "toggle</button>", "changed</button>")
    page.wait_for_function("() => document.querySelector('#toggle').textContent === 'changed'")
    page.wait_for_function("() => document.querySelector('#status')?.textContent === 'open'")

    assert page.evaluate("window.same") is True
    eventually(lambda: backend.do()["online"] == 1)  # the connection of the replaced component lingers
    backend.do(say="once")
    page.wait_for_function("() => said.length")
    page.wait_for_timeout(200)
    assert ["once"] == page.evaluate("said")


def test_change_of_a_prop_that_is_read_once_is_reported_in_development(vite: Vite, page: Page) -> None:
    warnings: list[str] = []
    page.on("console", lambda message: warnings.append(message.text) if message.type == "warning" else None)
    page.goto(f"{vite.origin}/?page=uses")
    page.wait_for_function("() => window.show", timeout=60_000)
    page.evaluate("show('Wrapper', {params: {room: 'a'}, history: 3})")
    page.wait_for_function("() => document.querySelector('#state')?.textContent === 'open'")

    page.evaluate("show('Wrapper', {params: {room: 'a'}, history: 3})")
    page.wait_for_timeout(100)
    assert [] == warnings
    page.evaluate("show('Wrapper', {params: {room: 'b'}, history: 3})")
    page.evaluate("show('Wrapper', {params: {room: 'b'}, history: 3})")
    page.wait_for_timeout(100)

    assert ["lab has a new value for the prop params, which is read once; use {#key}"] == warnings


def test_outdated_server_is_reported_in_development_with_its_remedy(backend: Server, vite: Vite, page: Page) -> None:
    warnings: list[str] = []
    page.on("console", lambda message: warnings.append(message.text) if message.type == "warning" else None)
    backend.do(contract="other")

    opened(page, vite.origin)

    assert ["lab is outdated: the server has another schema; restart it, or reload the page"] == warnings


def test_only_upgrade_requests_of_a_route_are_proxied(vite: Vite) -> None:
    request = urllib.request.Request(f"{vite.origin}/lab/reader", headers={"accept": "text/html"})

    with urllib.request.urlopen(request, timeout=10) as answer:
        assert "<main>" in answer.read().decode()


def test_declared_routes_are_proxied(vite: Vite) -> None:
    request = urllib.request.Request(f"{vite.origin}/action?plain=1", data=b"", method="POST")

    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.load(answer)["url"].startswith("/_/connect/")


def test_changed_schema_is_generated(
    project_copy: Project, vite: Vite, page: Page, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    opened(page, vite.origin)
    messages = project_copy.web / "src/ws/lab/messages.ts"

    change(
        project_copy.folder / "schemas/lab.json", '"minLength": 1, "maxLength": 20', '"minLength": 1, "maxLength": 25'
    )

    eventually(lambda: "maxLength(25)" in messages.read_text(), 20)
    eventually(lambda: "restart Tornado, unless it runs with --reload or debug=True" in vite.output)
    assert [1, 1] == [vite.output.count(text) for text in ("restart Tornado", "[tornado-ws] wrote generated/lab.py\n")]


def test_import_of_a_file_that_is_not_generated_names_the_command_until_it_is(
    project_copy: Project, vite: Vite, page: Page
) -> None:
    opened(page, vite.origin)
    reader = project_copy.web / "src/Reader.svelte"

    change(reader, '<script lang="ts">', '<script lang="ts">\n\timport "./ws/task/index.js";')
    page.goto(f"{vite.origin}/?page=reader")
    page.wait_for_selector("vite-error-overlay", timeout=20_000)

    shown = page.evaluate("document.querySelector('vite-error-overlay').shadowRoot.textContent")
    assert (
        "ws/task/index.js does not exist, since there is no endpoint task: generated endpoints are board, job, lab; "
        "run `python -m codegen`"
    ) in shown
    (project_copy.folder / "schemas/task.json").write_text((project_copy.folder / "schemas/job.json").read_text())
    page.wait_for_function("() => document.querySelector('#status')?.textContent === 'open'", timeout=60_000)


def test_first_page_waits_for_files_that_are_generated_at_the_start(
    project_copy: Project, backend: Server, page: Page, eventually: Eventually
) -> None:
    shutil.rmtree(project_copy.web / "src/ws/lab")
    vite = Vite(project_copy, backend)
    try:
        eventually(lambda: vite.origin in vite.output, 30)
        opened(page, vite.origin)
        assert "does not exist" not in vite.output
    finally:
        vite.close()


def test_changed_settings_are_followed(
    project_copy: Project, vite: Vite, page: Page, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    opened(page, vite.origin)

    change(project_copy.folder / "pyproject.toml", 'python = "generated"', 'python = "made"')

    eventually((project_copy.folder / "made/lab.py").exists, 20)


def test_schema_problem_is_shown_in_the_page_and_the_terminal_until_it_is_fixed(
    project_copy: Project, vite: Vite, browser: Browser, page: Page, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    opened(page, vite.origin)
    schema = project_copy.folder / "schemas/lab.json"

    change(schema, '"minLength": 1', '"minLength": "one"')
    page.wait_for_selector("vite-error-overlay", timeout=20_000)

    shown = page.evaluate("document.querySelector('vite-error-overlay').shadowRoot.textContent")
    line = next(n for n, text in enumerate(schema.read_text().split("\n"), 1) if '"one"' in text)
    assert f"schemas/lab.json:{line}:" in shown
    assert f"{line} | " in shown and "^" in shown
    eventually(lambda: f"schemas/lab.json:{line}:" in vite.output)

    second = browser.new_page()
    second.goto(f"{vite.origin}/?page=reader")
    second.wait_for_selector("vite-error-overlay", timeout=20_000)
    second.close()

    change(schema, '"minLength": "one"', '"minLength": 1')
    page.wait_for_selector("vite-error-overlay", state="detached", timeout=20_000)


def test_schema_problem_fails_the_build(project_copy: Project) -> None:
    change(project_copy.folder / "schemas/job.json", '"type": "integer"', '"type": "integre"')

    process = project_copy.vite("build", NO_COLOR="1")
    output, _ = process.communicate(timeout=60)

    assert 0 != process.returncode
    assert re.search(r"schemas/job\.json:\d+:\d+: ", output)
    assert "integre" in output


def test_build_generates_code_of_changed_schemas(project_copy: Project) -> None:
    change(
        project_copy.folder / "schemas/lab.json", '"minLength": 1, "maxLength": 20', '"minLength": 1, "maxLength": 26'
    )

    process = project_copy.vite("build", NO_COLOR="1")
    output, _ = process.communicate(timeout=60)

    assert 0 == process.returncode, output
    assert 1 == output.count("[tornado-ws] wrote generated/lab.py\n")
    assert ["wrote generated/lab.py"] == re.findall(
        "wrote .*|removed .*", output
    )  # files of the page are in its folder
    assert "maxLength(26)" in (project_copy.web / "src/ws/lab/messages.ts").read_text()
    assert any("26" in script.read_text() for script in (project_copy.dist / "assets").glob("*.js"))


def test_page_is_built_without_python(project_copy: Project) -> None:
    process = project_copy.vite(
        "build", VIRTUAL_ENV=str(project_copy.folder / "nowhere"), PATH=_path_of_node(), NO_COLOR="1"
    )
    output, _ = process.communicate(timeout=60)

    assert 0 == process.returncode, output
    assert "; schemas were not checked. Create a .venv" in output


def test_server_that_stops_and_starts_costs_one_line(
    backend: Server, vite: Vite, page: Page, eventually: Eventually
) -> None:
    opened(page, vite.origin)
    request = urllib.request.Request(f"{vite.origin}/action?plain=1", data=b"", method="POST")

    for _ in range(2):
        before = len(vite.output)
        backend.kill()
        page.wait_for_function("() => document.querySelector('#status').textContent !== 'open'")
        with pytest.raises(urllib.error.HTTPError, match="502"):
            urllib.request.urlopen(request, timeout=10)
        page.wait_for_timeout(1500)  # the page tries again
        backend.start()
        opened(page, vite.origin)

        lines = [line for line in vite.output[before:].splitlines() if line]
        assert 1 == len(lines), lines
        assert lines[0].endswith(
            f"[tornado-ws] no server at {backend.origin}: ECONNREFUSED; pages connect again when it runs"
        )


def _environment_at(folder: Path) -> None:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    (folder / "bin/python").chmod(0o755)


@pytest.mark.parametrize("environment", [".venv", "venv", "../.venv", "option"])
def test_python_is_found_without_an_active_environment(project_copy: Project, environment: str) -> None:
    _environment_at(project_copy.folder / environment)
    if environment == "option":
        change(project_copy.web / "vite.config.js", "websockets({", "websockets({ python: 'option/bin/python',")
    change(project_copy.folder / "schemas/lab.json", '"maxLength": 20', '"maxLength": 27')

    process = project_copy.vite("build", VIRTUAL_ENV="", PATH=_path_of_node(), NO_COLOR="1")
    output, _ = process.communicate(timeout=60)

    assert 0 == process.returncode, output
    assert "schemas were not checked" not in output
    assert "maxLength(27)" in (project_copy.web / "src/ws/lab/messages.ts").read_text()


def test_missing_schemas_are_reported_by_the_dev_server(
    project_copy: Project, backend: Server, eventually: Eventually
) -> None:
    (project_copy.folder / "schemas").rename(project_copy.folder / "protocol")
    vite = Vite(project_copy, backend)
    try:
        eventually(lambda: vite.origin in vite.output, 30)
        assert f"no folder {project_copy.folder}/schemas; codegen does not run" in vite.output
    finally:
        vite.close()


def _path_of_node() -> str:
    node = subprocess.run(["node", "-p", "process.execPath"], capture_output=True, text=True, check=True).stdout.strip()
    return str(Path(node).parent)


def test_built_page_works_in_preview(
    project_copy: Project, backend: Server, browser: Browser, eventually: Eventually
) -> None:
    project_copy.build()
    preview = Vite(project_copy, backend, "preview")
    try:
        eventually(lambda: preview.origin in preview.output, 30)
        page = opened(browser.new_page(), preview.origin)
        backend.do(say="x")
        page.wait_for_function("() => said.length")
        page.close()
    finally:
        preview.close()


def test_reason_of_a_failed_handshake_comes_from_the_server(
    project_copy: Project, page: Page, eventually: Eventually
) -> None:
    full = RealServer(project_copy, limits={"connections": 0})
    full.start()
    vite = Vite(project_copy, full)
    eventually(lambda: vite.origin in vite.output, 30)

    page.goto(f"{vite.origin}/?page=reader")
    page.wait_for_function("() => window.lab?.error?.reason?.code === 'connections'", timeout=60_000)

    vite.close()
    full.kill()


@pytest.mark.parametrize("base", ["/app/", "./"])
def test_sockets_below_a_path_are_proxied(
    project_copy: Project, backend: Server, page: Page, eventually: Eventually, base: str
) -> None:
    change(project_copy.web / "src/Reader.svelte", "history: 3", "history: 3, base: './'")
    vite = Vite(project_copy, backend, "--base", base)
    eventually(lambda: vite.origin in vite.output, 30)

    opened(page, vite.origin + base.removeprefix("."))

    assert ["/lab/reader"] == backend.do()["paths"]
    vite.close()
