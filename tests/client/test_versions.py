"""Pages that were built from several versions of the schemas, with a server of the newest one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codegen.scaffold import init

from .project import ENVIRONMENT, ROOT, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGES = """            (r"/{name}/(.*)", StaticFileHandler, {{**PAGE, "path": "{name}"}}),
"""
NOTE = {"type": "string", "maxLength": 20}


class Versions:
    """Project of ``codegen init``, with a page for each version of its schema."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        init(folder)
        (folder / "web/node_modules").symlink_to(ROOT / "node_modules")
        page = folder / "web/src/App.svelte"
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace("<main>", "<main data-outdated={String(counter.outdated)}>"), encoding="utf-8")

    def change(self, **messages: Any) -> None:
        """Change the schema: payloads by the names of client messages."""
        path = self.folder / "schemas/counter.json"
        schema = json.loads(path.read_text(encoding="utf-8"))
        for name, payload in messages.items():
            schema["clientMessages"][name] = {"payload": payload}
        path.write_text(json.dumps(schema), encoding="utf-8")

    def run(self, *command: str) -> None:
        subprocess.run(command, cwd=self.folder, env=ENVIRONMENT, check=True, stdout=subprocess.PIPE)

    def build(self, name: str) -> None:
        """Generate the code, and build the page of this version for the path ``/<name>/``."""
        self.run(sys.executable, "-m", "codegen")
        vite = str(ROOT / "node_modules/vite/bin/vite.js")
        self.run("node", vite, "build", "web", "--logLevel", "warn", "--base", "./", "--outDir", f"../{name}")
        app = self.folder / "app.py"
        first, second = app.read_text(encoding="utf-8").split('            (r"/(.*)"')
        app.write_text(f'{first}{PAGES.format(name=name)}            (r"/(.*)"{second}', encoding="utf-8")


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    """Three versions of a project; the second one accepts what the first one sends, the third one does not."""
    versions = Versions(tmp_path_factory.mktemp("versions") / "project")
    versions.change(add={"type": "integer", "minimum": 5, "maximum": 10})
    versions.build("incompatible")
    versions.run(sys.executable, "-m", "codegen", "record")
    versions.change(add={"type": "integer", "minimum": 5, "maximum": 5})
    versions.build("yesterday")
    versions.run(sys.executable, "-m", "codegen", "record")
    versions.change(add={"type": "integer", "minimum": 1, "maximum": 5}, note=NOTE)
    handler = versions.folder / "app.py"
    text = handler.read_text(encoding="utf-8")
    method = "    async def on_note(self, note: str) -> None:\n        pass\n\n"
    handler.write_text(text.replace("    async def broadcast", f"{method}    async def broadcast"), encoding="utf-8")
    versions.build("today")
    return versions


@pytest.fixture(scope="module")
def origin(versions: Versions) -> Iterator[str]:
    """Origin of the server of today's version."""
    port = str(free_port())
    command = [sys.executable, "-m", "tornado_ws", "serve", "app:make", "--port", port]
    with subprocess.Popen(command, cwd=versions.folder, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert any("listens on" in line for line in process.stderr)
        yield f"http://localhost:{port}"
        process.terminate()


def opened(browser: Browser, url: str) -> Page:
    page = browser.new_page()
    page.goto(url)
    page.wait_for_selector("main:not([data-outdated=undefined])")
    return page


def test_pages_of_compatible_versions_share_one_server(browser: Browser, origin: str) -> None:
    yesterday, today = (opened(browser, f"{origin}/{name}/") for name in ("yesterday", "today"))
    assert [page.get_attribute("main", "data-outdated") for page in (yesterday, today)] == ["false", "false"]

    yesterday.click("text='+5'")
    today.click("text='+1'")
    for page in (yesterday, today):
        page.wait_for_selector("output:text('6')")
        page.close()


def test_page_of_an_incompatible_release_is_outdated_and_goes_on(browser: Browser, origin: str) -> None:
    page = opened(browser, f"{origin}/incompatible/")

    assert page.get_attribute("main", "data-outdated") == "true"
    before = page.inner_text("output")
    page.click("text='+5'")
    page.wait_for_function("before => document.querySelector('output').textContent !== before", arg=before)
    page.close()
