from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROJECT = """\
import pytest
from tornado.web import Application

{plugins}


@pytest.fixture
def app() -> Application:
    return Application()


@pytest.mark.gen_test
async def test_something(connect) -> None:
    assert connect.origin
"""


def run_project(folder: Path, *options: str, plugins: str = "") -> str:
    """Run pytest in a project that uses only the plugin, and return its output."""
    (folder / "conftest.py").write_text(PROJECT.format(plugins=plugins).partition("@pytest.mark")[0], encoding="utf-8")
    (folder / "test_it.py").write_text(PROJECT.format(plugins=""), encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTEST_ADDOPTS": "-p no:cacheprovider -p no:asyncio -p no:anyio",
    }
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(folder), *options]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    return ran.stdout + ran.stderr


@pytest.mark.slow
def test_plugin_works_where_warnings_are_errors(tmp_path):
    output = run_project(tmp_path, "-W", "error", "-p", "tornado_ws.testing")

    assert "1 passed in" in output, output


@pytest.mark.slow
def test_plugin_in_a_conftest_reports_no_warnings_of_pytest_tornado(tmp_path):
    output = run_project(tmp_path, plugins='pytest_plugins = ["tornado_ws.testing"]')

    assert "1 passed in" in output, output
    assert "warning" not in output


def test_missing_plugin_is_reported_with_the_command_that_installs_it():
    program = "import sys; sys.modules['pytest_tornado'] = None; import tornado_ws.testing"

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stderr.endswith("; run: pip install 'tornado-ws[testing]'\n")
