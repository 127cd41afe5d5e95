"""Fingerprint of everything that determines the generated files."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import cache
from importlib.util import find_spec
from pathlib import Path, PurePath
from typing import Any

from ..settings.project_settings import Settings
from ..source.document import Text
from ..source.load import LOCK_FILE, META_SCHEMA, schema_files
from ..source.python_modules import find_module

__all__ = ["fingerprint", "unit_fingerprint"]

PACKAGES = ("codegen", "tornado_ws")


def fingerprint(settings: Settings) -> str | None:
    """Return the hash of settings, schemas, our own sources and the installed packages; None if one is unreadable."""
    schemas = settings.schemas
    try:
        files = [(path.as_posix(), _hash((schemas / path).read_bytes())) for path in schema_files(schemas)]
    except OSError:
        return None
    parts = {
        "folder": os.getcwd(),
        "settings": asdict(settings),
        "schemas": files,
        "for_editors": (schemas / META_SCHEMA).exists(),
        "models": _models(settings),
        "releases": _releases(settings),
        "program": _program(),
    }
    return _hash(json.dumps(parts, default=_plain, sort_keys=True).encode())


def unit_fingerprint(settings: Settings, texts: Iterable[Text]) -> str:
    """Return the hash of settings, our own sources, the installed packages and the files of a unit."""
    files = sorted([text.file, _hash(text.content.encode())] for text in texts)
    parts = {
        "folder": os.getcwd(),
        "settings": asdict(settings),
        "files": files,
        "releases": _releases(settings),
        "program": _program(),
    }
    return _hash(json.dumps(parts, default=_plain, sort_keys=True).encode())


def _releases(settings: Settings) -> str | None:
    """Return the hash of the file with the released contracts; None without one."""
    try:
        return _hash((settings.schemas / LOCK_FILE).read_bytes())
    except OSError:
        return None


def _models(settings: Settings) -> list[str]:
    """Return the names in the modules that schemas may name, as far as codegen reads them."""
    modules = (find_module(name, settings.project) for name in settings.options.python_models)
    return [f"{module.exists} {module.is_dynamic} {sorted(module.classes)}" for module in modules if module is not None]


@cache
def _program() -> str:
    """Return the hash of Python, our packages and the names of all others, which contain their versions."""
    ours = [[path.as_posix(), _hash(path.read_bytes())] for package in PACKAGES for path in _sources(package)]
    others = {name for folder in sys.path for name in _entries(folder) if name.endswith((".dist-info", ".egg-info"))}
    return _hash(json.dumps([sys.version, ours, sorted(others)]).encode())


def _sources(package: str) -> Iterator[Path]:
    spec = find_spec(package)
    for location in sorted((spec.submodule_search_locations if spec else None) or ()):
        for parent, folders, names in os.walk(location):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            yield from (Path(parent) / name for name in sorted(names))


def _entries(folder: str) -> Iterable[str]:
    try:
        return os.listdir(folder or ".")
    except OSError:  # an archive, or a folder that does not exist
        return ()


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _plain(value: Any) -> Any:  # attributes of settings to JSON
    return value.as_posix() if isinstance(value, PurePath) else sorted(value)
