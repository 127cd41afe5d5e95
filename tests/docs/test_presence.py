"""Example of the page about presence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

from codegen.pipeline import generate
from codegen.settings.project_settings import read_settings
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs/how-to/presence.md"


def test_example_of_the_page_passes_its_test(tmp_path: Path) -> None:
    (schema,) = blocks(PAGE, "json")
    handler, test = blocks(PAGE, "py")
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/board.json").write_text(json.dumps(json.loads(schema.text)), encoding="utf-8")
    generate(read_settings(tmp_path, {}))
    lines = [
        "import pytest",
        handler.text,
        "@pytest.fixture(name='app')\ndef application():\n    return app\n",
        "pytestmark = pytest.mark.gen_test",
        "async def test_presence(connect):",
        textwrap.indent(test.text, "    "),
    ]
    (tmp_path / "test_board.py").write_text("\n".join(lines), encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}

    command = [sys.executable, "-m", "pytest", "-q", "-p", "tornado_ws.testing"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)

    assert "1 passed" in done.stdout, done.stdout
