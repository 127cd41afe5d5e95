"""Firefox, driven by Puppeteer over WebDriver BiDi, in a process of Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from .engine import Engine, Tab

__all__ = ["start"]

DRIVER = Path(__file__).with_suffix(".mjs")


class Driver:
    """Process of ``firefox.mjs``."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, command: str, tab: int | None = None, argument: object = None) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps([command, tab, argument])}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]


class FirefoxTab(Tab):
    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._id: int = driver("newTab")

    def goto(self, url: str) -> None:
        self._driver("goto", self._id, url)

    def evaluate(self, expression: str) -> Any:
        return self._driver("evaluate", self._id, expression)

    def hide(self) -> None:
        self._driver("hide", self._id)

    def show(self) -> None:
        self._driver("show", self._id)

    def set_offline(self, offline: bool) -> None:
        self._driver("setOffline", self._id, offline)

    def close(self) -> None:
        self._driver("close", self._id)


class Firefox(Engine):
    name = "firefox"

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.version = driver("version").replace("firefox/", "Firefox ")

    def new_tab(self) -> Tab:
        return FirefoxTab(self._driver)


@contextmanager
def start() -> Iterator[Engine]:
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.fail("no Firefox: run `make browser`")
    command = ["node", str(DRIVER), program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Firefox(Driver(process))
        finally:
            assert process.stdin is not None
            process.stdin.close()  # the driver then closes the browser
            process.wait(timeout=20)
