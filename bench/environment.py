"""Install what is measured: the peers in an environment of their own, this package as it would be published."""

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
"""A copy of what was installed, in the folder where it was."""
SYSTEM = Path("/usr/bin/python3")
"""A distribution's Python, which is built with profile-guided optimization; a developer's own often is not."""
LOOP = "import timeit; print(min(timeit.repeat('for i in range(1000): str(i)', number=10, repeat=150)))"


def prepare() -> None:
    """Install the peers unless they are, and generate our code."""
    if not _made_of(REQUIREMENTS, PYTHON.parents[1]):
        python = _fastest()
        print(f"installing the peers for {python} ...", flush=True)
        _call(python, "-m", "venv", "--without-pip", "--clear", PYTHON.parents[1])
        _call(sys.executable, "-m", "pip", "--python", PYTHON, "install", "--quiet", "-r", REQUIREMENTS)
        _mark(REQUIREMENTS, PYTHON.parents[1])
    if not _made_of(LOCK, NODE_MODULES):
        _call("npm", "ci", "--no-fund", "--no-audit", "--loglevel=error", cwd=HERE)
        _mark(LOCK, NODE_MODULES)
    print("building tornado-ws ...", flush=True)
    shutil.rmtree(COMPILED, ignore_errors=True)
    shutil.rmtree(HERE.parent / "build", ignore_errors=True)
    _call(
        *(sys.executable, "-m", "pip", "--python", PYTHON, "install", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--target", COMPILED, HERE.parent),
    )
    if not list(COMPILED.glob("*__mypyc*")):
        raise SystemExit(f"tornado-ws was not compiled; pip install --verbose {HERE.parent} says why")
    generate()


def generate() -> None:
    """Generate our code from the schemas beside this file."""
    generated = HERE / "generated"
    options = ("--schemas", HERE / "schemas", "--python", generated, "--client", generated / "client")
    if codegen([str(option) for option in options]):
        raise SystemExit("codegen refused the schemas of the benchmarks")


def _fastest() -> str:
    """Return the Python that runs Python code fastest: this one, or the system's of the same version or newer."""
    candidates = [sys.executable]
    if SYSTEM.exists():
        version = subprocess.run(
            [SYSTEM, "-c", "import sys; print(sys.version_info >= (3, 11))"], capture_output=True, text=True
        )
        candidates += [str(SYSTEM)] * (version.stdout.strip() == "True")
    return min(candidates, key=lambda python: float(subprocess.check_output([python, "-c", LOOP])))


def _made_of(cause: Path, folder: Path) -> bool:
    mark = folder / MARK
    return mark.exists() and mark.read_bytes() == cause.read_bytes()


def _mark(cause: Path, folder: Path) -> None:
    (folder / MARK).write_bytes(cause.read_bytes())


def _call(*command: object, cwd: Path | None = None) -> None:
    subprocess.run([str(part) for part in command], check=True, cwd=cwd)
