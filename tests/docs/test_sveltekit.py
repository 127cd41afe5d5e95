"""First steps with SvelteKit, from an empty folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs/how-to/sveltekit.md"
CREATE, GENERATE = (block.text for block in blocks(PAGE, "sh")[:2])
SETTINGS = blocks(PAGE, "toml")[0].text
COMPONENT = blocks(PAGE, "svelte")[0].text.replace("#lib", "$lib")
IMPORT = re.findall(r"^import \{ websockets \}.*\n", blocks(PAGE, "ts")[0].text, re.MULTILINE)[0]

pytestmark = pytest.mark.slow


def run(folder: Path, script: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "npm_config_yes": "true"}
    done = subprocess.run(
        ["bash", "-ec", script],
        cwd=folder,
        env=environment | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{script}: {done.stdout}"
    return done.stdout


def test_first_steps_lead_to_a_page_that_is_checked_and_built(tmp_path):
    project = ROOT / "codegen/project"
    (tmp_path / "schemas").mkdir()
    shutil.copy(project / "schemas/counter.json", tmp_path / "schemas")
    shutil.copy(project / "app.py.txt", tmp_path / "app.py")

    run(tmp_path, CREATE)
    (tmp_path / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    run(tmp_path, GENERATE)
    (tmp_path / "web/src/routes/+page.svelte").write_text(COMPONENT, encoding="utf-8")
    config = tmp_path / "web/vite.config.ts"
    config.write_text(IMPORT + config.read_text().replace("plugins: [", "plugins: [websockets(), ", 1))

    assert "0 errors and 0 warnings" in run(tmp_path, "npm --prefix web run check")
    assert "schemas were not checked" not in run(tmp_path, "npm --prefix web run build")
    assert "not found" not in run(tmp_path, "python -c 'import app; app.make()'")
    assert json.loads((tmp_path / "schemas/endpoint.schema.json").read_text())["title"] == "WebSocket endpoint"
