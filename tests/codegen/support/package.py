"""Generated Python modules, written and imported."""

from __future__ import annotations

import importlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from codegen.emit import python
from codegen.model import Endpoint as Model
from tornado_ws import Endpoint, InvalidFrame
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.payload import InvalidPayload, PayloadCodec

from .generated import ROOT, Files, read

_numbers = itertools.count()


def write(folder: Path, files: Files, *, models: python.Models = "msgspec", **options: Any) -> dict[str, Path]:
    """Generate the package for a schemas folder; return its modules by name."""
    endpoints = read(folder / "schemas", files, **options)
    return emit(folder / "generated", endpoints, models=models)


def emit(folder: Path, endpoints: Sequence[Model], *, models: python.Models = "msgspec") -> dict[str, Path]:
    """Write the package for ``endpoints``; return its modules by name."""
    folder.mkdir(parents=True, exist_ok=True)
    for output in (*python.emit_common((), models=models), *python.emit(endpoints, models=models)):
        (folder / output.path).write_text(output.text, encoding="utf-8")
    return {path.stem: path for path in sorted(folder.glob("*.py")) if path.stem != "__init__"}


def run(path: Path) -> ModuleType:
    """Import a module, and the modules that it imports, as parts of a package with a unique name."""
    return importlib.import_module(f"{_package(path.parent)}.{path.stem}")


def run_all(folder: Path) -> dict[str, ModuleType]:
    """Import all modules of a package under a unique name; return them by name."""
    package = _package(folder)
    names = sorted(path.stem for path in folder.glob("[!_]*.py"))
    return {name: importlib.import_module(f"{package}.{name}") for name in names}


def _package(folder: Path) -> str:
    package = ModuleType(f"generated_{next(_numbers)}")
    package.__path__ = [str(folder)]
    sys.modules[package.__name__] = package
    return package.__name__


def module(
    folder: Path,
    files: Files,
    *,
    name: str = "test",
    models: python.Models = "msgspec",
    **options: Any,
) -> ModuleType:
    """Generate and import the module of one endpoint."""
    return run(write(folder, files, models=models, **options)[name])


def endpoint(module: ModuleType) -> Endpoint:
    """Return the endpoint of a module."""
    (found,) = (value for value in vars(module).values() if isinstance(value, Endpoint))
    return found


def accepts(codec: Codec, value: Any, *, name: str = "it") -> bool:
    """Return True if a codec accepts a message with this payload."""
    try:
        codec.decode(json.dumps({"type": name, "data": value}))
    except InvalidFrame:
        return False
    return True


def sends(codec: PayloadCodec, value: Any) -> bool:
    """Return True if a codec encodes a value, given as plain JSON."""
    try:
        codec.encode(value)
    except InvalidPayload:
        return False
    return True


def lint(folder: Path, *, ignore: str = "") -> None:
    """Assert that linter and formatter accept the modules in ``folder`` without the comments that make them skip it.

    Args:
        folder: Folder of a package.
        ignore: Rule that may be broken.
    """
    settings = ("--config", str(ROOT / "pyproject.toml"), "--no-cache")
    ignored = ("--ignore", f"ASYNC109,D,E501,PGH004,RUF001,RUF002,RUF003,{ignore}".rstrip(","))
    with tempfile.TemporaryDirectory() as copy:
        for path in folder.glob("*.py"):
            text = path.read_text(encoding="utf-8").replace(f"{python.NO_CHECKS}\n", "", 1)
            Path(copy, path.name).write_text(text, encoding="utf-8")
        _lint(Path(copy), settings, ignored)


def _lint(folder: Path, settings: Sequence[str], ignored: Sequence[str]) -> None:
    for command in (("format", "--diff", *settings), ("check", "--quiet", *settings, *ignored)):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, folder], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


def typecheck(*paths: Path) -> None:
    """Assert that strict mypy accepts modules."""
    options = ("--strict", "--config-file", str(ROOT / "pyproject.toml"), "--no-error-summary")
    command = [sys.executable, "-m", "mypy", *options, *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


@dataclass(frozen=True, kw_only=True)
class PyrightError:
    """Error of pyright at a line of a file."""

    path: Path
    line: int
    message: str


def pyright(folder: Path, modules: Collection[Path], *, others: Collection[Path] = ()) -> list[PyrightError]:
    """Return the errors of pyright.

    Args:
        folder: Folder of the settings; modules can import its packages.
        modules: Modules for strict mode.
        others: Modules for standard mode.
    """
    strict, relaxed = ([os.path.relpath(path, folder) for path in paths] for paths in (modules, others))
    settings = {"include": strict + relaxed, "strict": strict, "extraPaths": [str(ROOT)]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    # It warns only on its console of paths that it ignores, and then accepts everything.
    assert report["summary"]["filesAnalyzed"] == len({*strict, *relaxed}) > 0, done.stdout[-4000:]
    return [
        PyrightError(path=Path(one["file"]), line=one["range"]["start"]["line"] + 1, message=one["message"])
        for one in report["generalDiagnostics"]
        if one["severity"] == "error"
    ]
