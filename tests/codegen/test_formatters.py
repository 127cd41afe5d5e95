"""Formatters and linters of a project, which leave generated Python unchanged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from codegen.cli import main
from codegen.scaffold import __file__ as scaffold_module
from codegen.scaffold import init

FORMAT = ("format", "--line-length", "79")
FIX = ("check", "--select", "ALL", "--fix", "--unsafe-fixes", "--exit-zero", "--quiet")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    init(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert 0 == main([])
    return tmp_path


def ruff(*arguments: str) -> str:
    command = [sys.executable, "-m", "ruff", arguments[0], "--isolated", "--no-cache", *arguments[1:], "."]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_new_project_has_the_default_format() -> None:
    scaffold = Path(scaffold_module).parent / "project/app.py.txt"
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--stdin-filename", "app.py", "-"]
    text = scaffold.read_text(encoding="utf-8")

    assert text == subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def test_generated_python_is_up_to_date_after_ruff(project: Path) -> None:
    (project / "canary.py").write_text("import sys, os\nx = { 'a':1 }\n", encoding="utf-8")

    ruff(*FORMAT)
    ruff(*FIX)

    assert "x = {" not in (project / "canary.py").read_text(encoding="utf-8").replace('x = {"a": 1}', "")
    assert 0 == main(["--check"])


@pytest.mark.parametrize("name", ["generated/counter.py", "web/src/ws/counter/messages.ts", "web/src/ws/vite.js"])
def test_edit_by_hand_is_noticed(project: Path, name: str) -> None:
    path = project / name
    path.write_text(path.read_text(encoding="utf-8").replace("counter", "count", 1) + " ", encoding="utf-8")

    assert 1 == main(["--check"])
