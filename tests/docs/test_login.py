"""Login of the page about authentication, in Vite's dev server."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import ROOT, blocks
from tests.support.examples import FIRST_PROJECT, VITE, create, environment, serve
from tests.support.nginx import free_port, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGE = ROOT / "docs/how-to/authentication.md"
PROGRAM = blocks(PAGE, "python")[0].text
COMPONENT = blocks(PAGE, "svelte")[0].text

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_user_signs_in_on_the_page_of_the_dev_server(browser: Browser, tmp_path: Path) -> None:
    project = create(tmp_path / "project")
    (project / "schemas/chat.json").write_text((ROOT / "schemas/chat.json").read_text(), encoding="utf-8")
    (project / "app.py").write_text(f"{PROGRAM}\n\ndef make() -> Application:\n    return application\n")
    (project / "web/src/App.svelte").write_text(COMPONENT, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "codegen"], cwd=project, env=environment(), check=True)

    with serve(FIRST_PROJECT, project) as tornado, _dev_server(project, tornado) as origin:
        page = browser.new_context().new_page()
        page.goto(origin)
        page.fill("[name=name]", "ann")
        page.fill("[name=password]", "wrong")
        page.click("text=Sign in")
        page.wait_for_selector("text=Wrong name or password")
        page.fill("[name=password]", "correct horse")
        with page.expect_websocket(lambda socket: "/chat/lobby" in socket.url) as opened:
            page.click("text=Sign in")
        assert '"$hello"' in str(opened.value.wait_for_event("framereceived"))

        page.reload()
        page.wait_for_selector("form", state="detached")
        page.context.close()


@contextmanager
def _dev_server(project: Path, target: str) -> Iterator[str]:
    """Run Vite with the option of the page, and yield its URL."""
    (option,) = re.findall(r"`websockets\(\{ (paths: .*?) \}\)`", PAGE.read_text(encoding="utf-8"))
    config = project / "web/vite.config.js"
    text = config.read_text(encoding="utf-8")
    assert "websockets()" in text
    config.write_text(text.replace("websockets()", f"websockets({{ target: '{target}', {option} }})"), encoding="utf-8")
    port = free_port()
    command = ["node", str(VITE), "--port", str(port), "--strictPort", "--host", "127.0.0.1"]
    with subprocess.Popen(command, cwd=project / "web", env=environment()) as run:
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            run.terminate()
