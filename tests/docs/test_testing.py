"""Test of the demo on the page about tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs/how-to/testing.md"


def test_tests_of_the_page_pass(tmp_path: Path) -> None:
    (settings,) = blocks(PAGE, "toml")
    (tmp_path / "pyproject.toml").write_text(settings.text, encoding="utf-8")
    fixture = blocks(PAGE, "py")[0].text
    assert "from app.sockets" in fixture
    (tmp_path / "conftest.py").write_text(fixture.replace("app.sockets", "examples.chat.sockets"), encoding="utf-8")
    for name, block in zip(
        ("test_chat.py", "test_guard.py", "test_faults.py", "test_random.py"), blocks(PAGE, "python"), strict=True
    ):
        (tmp_path / name).write_text(block.text, encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TRANSCRIPTS": str(tmp_path / "transcripts")}

    command = [sys.executable, "-m", "pytest", "-q"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False)

    assert "8 passed" in done.stdout, done.stdout
