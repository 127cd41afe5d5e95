"""WebKitGTK, driven by Selenium on a virtual display."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import WebKitGTK, WebKitGTKOptions
from selenium.webdriver.webkitgtk.service import Service

from .engine import Engine, Tab

__all__ = ["start"]

START = """
    const [id, expression] = arguments;
    const value = (0, eval)(expression);
    if (typeof value?.then !== 'function') return [value ?? null];
    window.answers ??= {};
    answers[id] = null;
    value.then((value) => (answers[id] = [value ?? null]), (error) => (answers[id] = String(error)));
"""
ANSWER = """
    const [id] = arguments;
    if (window.answers?.[id] === undefined) return 'the page was replaced';
    const answer = answers[id];
    if (answer) delete answers[id];
    return answer;
"""
SECONDS = 30
"""Time for one command of the driver, and for one promise."""


_ids = itertools.count()


class WebKitTab(Tab):
    def __init__(self, driver: WebKitGTK) -> None:
        self._driver = driver
        self._first = driver.window_handles[0]
        driver.switch_to.window(self._first)  # a window is opened from one that exists
        driver.switch_to.new_window("window")
        self._handle = driver.current_window_handle

    def goto(self, url: str) -> None:
        self._select().get(url)

    def evaluate(self, expression: str) -> Any:
        # An asynchronous script of a page that goes into the back-forward cache would never be answered.
        driver, id, end = self._select(), next(_ids), time.monotonic() + SECONDS
        found = driver.execute_script(START, id, expression)
        while found is None:
            if time.monotonic() > end:
                raise TimeoutError(f"no value of {expression} within {SECONDS} s")
            time.sleep(0.005)
            found = driver.execute_script(ANSWER, id)
        if isinstance(found, str):
            raise RuntimeError(found)
        return found[0]

    def hide(self) -> None:
        self._select().minimize_window()

    def show(self) -> None:
        self._select().set_window_rect(0, 0, 1000, 800)

    def set_offline(self, offline: bool) -> None:
        raise NotImplementedError("WebDriver has no command for the network")

    def close(self) -> None:
        self._select().close()

    def _select(self) -> WebKitGTK:
        """Direct the next command to this tab."""
        self._driver.switch_to.window(self._handle)
        return self._driver


class WebKit(Engine):
    name = "webkit"

    def __init__(self, driver: WebKitGTK) -> None:
        self._driver = driver
        self.version = f"WebKitGTK {driver.capabilities['browserVersion']}"

    def new_tab(self) -> Tab:
        return WebKitTab(self._driver)


@contextmanager
def start() -> Iterator[Engine]:
    driver = shutil.which("WebKitWebDriver")
    browsers = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    if driver is None or not browsers:
        pytest.fail("no WebKitGTK: run `make browser`")
    with _display() as display:
        options = WebKitGTKOptions()
        options.binary_location = str(browsers[-1])
        options.add_argument("--automation")
        # Containers do not permit the sandbox.
        env = {**os.environ, "DISPLAY": display, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Selenium calls its own deprecated functions
            browser = WebKitGTK(options=options, service=Service(driver, env=env))
        browser.command_executor.client_config.timeout = SECONDS
        try:
            yield WebKit(browser)
        finally:
            browser.quit()


@contextmanager
def _display() -> Iterator[str]:
    """Run a virtual display, and yield its name."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as server, os.fdopen(read) as output:
        os.close(write)
        try:
            yield f":{output.readline().strip()}"
        finally:
            server.terminate()
