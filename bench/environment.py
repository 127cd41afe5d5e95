"""Environment of the benchmarks: the peers, and the published form of this package."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from codegen.cli import main as codegen

from .server import COMPILED, HERE, NODE_MODULES, PYTHON

__all__ = ["generate", "prepare"]

REQUIREMENTS = HERE / "requirements.txt"
LOCK = HERE / "package-lock.json"
MARK = ".installed"
"""Name of the file that records the installed requirements, in the folder of the installation."""
SYSTEM = Path("/usr/bin/python3")
"""Python of the distribution. It is built with profile-guided optimization; others often are not."""
LOOP = "import timeit; print(min(timeit.repeat('for i in range(1000): str(i)', number=10, repeat=150)))"


def prepare() -> None:
    """Install the peers if they are missing, build this package, and generate code."""
    if not _is_installed(REQUIREMENTS, PYTHON.parents[1]):
        python = _fastest()
        print(f"installing the peers for {python} ...", flush=True)
        _call(python, "-m", "venv", "--without-pip", "--clear", PYTHON.parents[1])
        _call(sys.executable, "-m", "pip", "--python", PYTHON, "install", "--quiet", "-r", REQUIREMENTS)
        _record(REQUIREMENTS, PYTHON.parents[1])
    if not _is_installed(LOCK, NODE_MODULES):
        _call("npm", "ci", "--no-fund", "--no-audit", "--loglevel=error", cwd=HERE)
        _record(LOCK, NODE_MODULES)
    print("building tornado-ws ...", flush=True)
    shutil.rmtree(COMPILED, ignore_errors=True)
    shutil.rmtree(HERE.parent / "build", ignore_errors=True)
    _call(
        *(sys.executable, "-m", "pip", "--python", PYTHON, "install", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--target", COMPILED, HERE.parent),
    )
    if not list(COMPILED.glob("*__mypyc*")):
        raise SystemExit(f"tornado-ws was not compiled; see the output of: pip install --verbose {HERE.parent}")
    generate()


def generate() -> None:
    """Generate code from the schemas of the benchmarks."""
    generated = HERE / "generated"
    options = ("--schemas", HERE / "schemas", "--python", generated, "--client", generated / "client")
    if codegen([str(option) for option in options]):
        raise SystemExit("codegen rejected the schemas of the benchmarks")


def _fastest() -> str:
    """Return the faster interpreter: the current one, or the system's if it is Python 3.11 or newer."""
    candidates = [sys.executable]
    if SYSTEM.exists():
        version = subprocess.run(
            [SYSTEM, "-c", "import sys; print(sys.version_info >= (3, 11))"], capture_output=True, text=True
        )
        candidates += [str(SYSTEM)] * (version.stdout.strip() == "True")
    return min(candidates, key=lambda python: float(subprocess.check_output([python, "-c", LOOP])))


def _is_installed(requirements: Path, folder: Path) -> bool:
    mark = folder / MARK
    return mark.exists() and mark.read_bytes() == requirements.read_bytes()


def _record(requirements: Path, folder: Path) -> None:
    (folder / MARK).write_bytes(requirements.read_bytes())


def _call(*command: object, cwd: Path | None = None) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=cwd)
