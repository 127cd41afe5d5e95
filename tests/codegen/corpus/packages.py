"""Published packages that contain schemas: ``packages.toml`` lists them, npm and pip fetch them once."""

from __future__ import annotations

import fnmatch
import functools
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["Package", "packages"]

ROOT = Path(__file__).parents[3]
HOME = ROOT / "build/corpus"
"""Folder of the fetched archives."""

SHARED = ROOT.parent / "shared/corpus"
"""Files that have no published copy; optional."""

SUFFIXES = (".json", ".yaml", ".yml")
ANY_PYTHON = ("--only-binary", ":all:", "--platform", "any", "--python-version", "3.11", "--abi", "none")
"""Options of pip for the wheel that is the same on every machine."""


@dataclass(frozen=True, kw_only=True)
class Package:
    """Exact version of a package, and the schemas in one of its folders."""

    registry: Literal["npm", "pypi", "shared"]
    name: str
    version: str = ""
    sha256: str = ""
    """Hash of the archive."""
    folder: str = ""
    """Folder in the archive; references resolve inside it."""
    files: tuple[str, ...]
    """Patterns of the schemas, relative to :attr:`folder`; ``*`` does not match a slash."""
    beside: str = ""
    """Name of another package, with files in the same folder that these refer to."""
    problems: tuple[str, ...] = ()
    """Codes of problems that codegen may report, because the files are not valid or not complete."""

    @property
    def id(self) -> str:
        """Name for tests and folders."""
        return self.name.lstrip("@").replace("/", "-")

    @functools.cache  # noqa: B019 - packages live as long as the program
    def contents(self) -> Mapping[str, bytes]:
        """Return the JSON and YAML files in the folder of the package by their path."""
        if not self.beside:
            return _contents(self)
        (other,) = (package for package in packages() if package.name == self.beside)
        return {**_contents(other), **_contents(self)}

    def schemas(self) -> Iterator[str]:
        """Yield the paths of the schemas; each content once."""
        contents, seen = _contents(self), set[bytes]()
        for path in sorted(contents):
            if any(_matches(path, pattern) for pattern in self.files) and contents[path] not in seen:
                seen.add(contents[path])
                yield path


@functools.cache
def packages() -> tuple[Package, ...]:
    """Return the packages of the list, without those that are not on this machine and that no registry has."""
    listed = tomllib.loads(Path(__file__).with_name("packages.toml").read_text(encoding="utf-8"))["packages"]
    found = [
        Package(**{key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()})
        for entry in listed
    ]
    return tuple(package for package in found if package.registry != "shared" or SHARED.exists())


def _matches(path: str, pattern: str) -> bool:
    return path.count("/") == pattern.count("/") and fnmatch.fnmatchcase(path, pattern)


@functools.cache
def _contents(package: Package) -> Mapping[str, bytes]:
    prefix = f"{package.folder}/" if package.folder else ""
    return {
        name.removeprefix(prefix): content
        for name, content in _read(package)
        if name.startswith(prefix) and name.endswith(SUFFIXES)
    }


def _read(package: Package) -> Iterator[tuple[str, bytes]]:
    if package.registry == "shared":
        for path in sorted(SHARED.rglob("*")):
            if path.is_file():
                yield path.relative_to(SHARED).as_posix(), path.read_bytes()
        return
    archive = _fetch(package)
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                if name.startswith(package.folder) and name.endswith(SUFFIXES):
                    yield name, wheel.read(name)
    else:
        with tarfile.open(archive) as packed:
            for member in packed:
                content = packed.extractfile(member) if member.name.endswith(SUFFIXES) else None
                if content is not None:
                    yield member.name, content.read()


def _fetch(package: Package) -> Path:
    """Return the archive of a package; download it if it is missing."""
    suffix = "tgz" if package.registry == "npm" else "whl"
    path = HOME / package.registry / f"{package.id}-{package.version}.{suffix}"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        if package.registry == "npm":
            command = ["npm", "pack", "--silent", f"{package.name}@{package.version}", "--pack-destination", folder]
        else:
            options = ("--no-deps", "--quiet", "--disable-pip-version-check", *ANY_PYTHON, "--dest", folder)
            command = [sys.executable, "-m", "pip", "download", *options, f"{package.name}=={package.version}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).iterdir()
        assert package.sha256 == hashlib.sha256(archive.read_bytes()).hexdigest(), package.name
        archive.replace(path)  # atomic, as another worker may fetch the same package
    return path
