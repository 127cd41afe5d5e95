from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.cli import main
from codegen.init import init
from codegen.meta import meta_schema
from codegen.problems import SchemaProblems

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "MYPYPATH": str(ROOT)}


def run(folder: Path, *command: str) -> str:
    """Run a command in a folder; return what it printed."""
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a new project, after codegen."""
    init(tmp_path / "app")
    run(tmp_path / "app", sys.executable, "-m", "codegen")
    return tmp_path / "app"


def test_project_is_complete(tmp_path: Path) -> None:
    init(tmp_path / "app")

    written = {
        path.relative_to(tmp_path / "app").as_posix() for path in (tmp_path / "app").rglob("*") if path.is_file()
    }
    assert {
        ".gitignore",
        "README.md",
        "app.py",
        "pyproject.toml",
        "requirements.txt",
        "schemas/counter.json",
        "schemas/endpoint.schema.json",
        "web/index.html",
        "web/package.json",
        "web/src/App.svelte",
        "web/src/main.ts",
        "web/svelte.config.js",
        "web/tsconfig.json",
        "web/vite.config.js",
    } == written
    assert meta_schema() == (tmp_path / "app/schemas/endpoint.schema.json").read_text(encoding="utf-8")


def test_commands_to_run_next_are_told_and_are_those_of_its_readme(tmp_path: Path) -> None:
    told = init(tmp_path / "app")

    commands = re.findall(r"^  ((?:python|npm) .*?)(?:  .*)?$", told, re.MULTILINE)
    readme = (tmp_path / "app" / "README.md").read_text(encoding="utf-8")
    assert ["python -m codegen", "python app.py"] == [command for command in commands if command.startswith("python")][
        1:
    ]
    assert all(command in readme for command in commands)
    assert f"  cd {tmp_path / 'app'}\n" in told


def test_existing_files_are_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "app.py").write_text("mine = 1\n")
    (tmp_path / "README.md").touch()

    with pytest.raises(SchemaProblems) as raised:
        init(tmp_path)

    assert ["file_exists", "file_exists"] == [problem.code for problem in raised.value.problems]
    assert {"app.py", "README.md"} == {path.name for path in tmp_path.iterdir()}
    assert 2 == main(["init", str(tmp_path)])
    assert "app.py:1:1: the file is already there [file_exists]" in capsys.readouterr().err


def test_project_can_be_made_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert 0 == main(["init"])

    told = capsys.readouterr().out
    assert "wrote app.py\n" in told
    assert "  cd " not in told


def test_init_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["init", "--help"])

    assert "never overwrites a file" in capsys.readouterr().out


def test_versions_of_the_page_are_those_that_we_test_with(tmp_path: Path) -> None:
    init(tmp_path)

    theirs = json.loads((tmp_path / "web/package.json").read_text())["devDependencies"]
    ours = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    assert theirs == {name: ours[name] for name in theirs}


def test_project_is_clean_after_codegen(project: Path) -> None:
    assert "" == run(project, sys.executable, "-m", "codegen", "--check")


@pytest.mark.slow
def test_project_passes_mypy(project: Path) -> None:
    assert "Success" in run(project, sys.executable, "-m", "mypy", "app.py", "generated")


@pytest.mark.slow
def test_page_passes_svelte_check_and_is_built(project: Path) -> None:
    npm = shutil.which("npm")
    assert npm, "Node is needed"
    (project / "web" / "node_modules").symlink_to(ROOT / "node_modules")

    run(project, npm, "--prefix", "web", "run", "check")
    run(project, npm, "--prefix", "web", "run", "build")

    assert list((project / "web" / "dist").glob("assets/*.js"))
