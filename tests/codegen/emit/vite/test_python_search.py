"""Search of the Vite plugin for the Python of a project."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from codegen.emit import vite

SCRIPT = Path(vite.__file__).parent / "runtime/vite-python.js"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder of a project within others, with a folder for programs beside them."""
    for folder in ("bin", "outer/project"):
        (tmp_path / folder).mkdir(parents=True)
    node = shutil.which("node")
    assert node
    (tmp_path / "bin/node").symlink_to(node)
    return tmp_path / "outer/project"


def program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return str(path)


def found(project: Path, **environment: str) -> list[str]:
    """Return the command of Python that the plugin uses, if only the folder ``bin`` is on the PATH."""
    imports = f"import {{ findPython }} from {json.dumps(SCRIPT.as_uri())};"
    text = f"{imports} console.log(JSON.stringify(findPython({json.dumps(str(project))})))"
    path = str(project.parents[1] / "bin")
    command = ["node", "--input-type=module", "--eval", text]
    done = subprocess.run(
        command,
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
        check=True,
        executable=f"{path}/node",
    )
    words: list[str] = json.loads(done.stdout)
    return words


def test_active_environment_is_used_first(project: Path, tmp_path: Path) -> None:
    program(project / ".venv/bin/python")
    active = program(tmp_path / "active/bin/python")

    assert [active] == found(project, VIRTUAL_ENV=str(tmp_path / "active"))


@pytest.mark.parametrize("place", ["outer/project/.venv", "outer/project/venv", "outer/.venv", "venv"])
def test_nearest_environment_is_used(project: Path, tmp_path: Path, place: str) -> None:
    python = program(tmp_path / place / "bin/python")
    program(tmp_path / "venv/bin/python")

    assert [python] == found(project, VIRTUAL_ENV=str(tmp_path / "deleted"))


def test_uv_is_used_for_a_project_with_its_lock_file(project: Path, tmp_path: Path) -> None:
    program(tmp_path / "outer/uv.lock")
    assert ["python"] == found(project)

    program(tmp_path / "bin/uv")
    assert ["uv", "run", "python"] == found(project)


def test_python_of_the_path_is_the_last_resort(project: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin/python3")

    assert ["python3"] == found(project, UNRELATED=os.devnull)
