"""Versions of the run-time dependencies that `make versions` tests: ``python -m tests.support.versions lowest``.

Prints one requirement for pip on each line: the lowest version that ``pyproject.toml`` allows, or the newest one.
With ``--check`` it compares the installed versions with them instead.
"""

from __future__ import annotations

import importlib
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
TESTED = ("tornado", "msgspec", "jsonschema-rs", "redis")
"""Dependencies whose behavior this package relies on."""


def lowest() -> dict[str, str]:
    """Return the lowest allowed version of each tested dependency."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    stated = [*project["dependencies"], *project["optional-dependencies"]["redis"]]
    minimum = dict(one.split(">=") for one in stated)
    return {name: minimum[name] for name in TESTED}


def requirements(which: str) -> Iterator[str]:
    """Yield the requirements of the ``lowest`` or ``newest`` versions."""
    for name, minimum in lowest().items():
        yield f"{name}=={minimum}" if which == "lowest" else f"{name}>={minimum}"


def check(which: str, folder: Path) -> None:
    """Print the versions that Python imports.

    Raises:
        SystemExit: If one is imported from another folder, or is not the lowest version.
    """
    for name, minimum in lowest().items():
        module = importlib.import_module(name.replace("-", "_"))
        found = version(name)
        print(f"{which}: {name} {found}")
        if folder not in Path(str(module.__file__)).parents:
            sys.exit(f"expected {name} in {folder}, got {module.__file__}")
        if which == "lowest" and _numbers(found) != _numbers(minimum):
            sys.exit(f"expected {name} {minimum}, got {found}")


def _numbers(text: str) -> list[int]:
    """Return the parts of a version without trailing zeros, because 6.5 and 6.5.0 are equal."""
    return [int(one) for one in re.sub(r"(\.0)+$", "", text).split(".")]


if __name__ == "__main__":
    if sys.argv[1] == "--check":
        check(sys.argv[2], Path(sys.argv[3]).resolve())
    else:
        print("\n".join(requirements(sys.argv[1])))
