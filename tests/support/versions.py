"""Lowest versions of the run-time dependencies, which `make versions` tests: ``python -m tests.support.versions``.

Prints one requirement for pip on each line, or compares the imported versions with them: ``--check FOLDER``.
All other tests use the newest versions, since a new environment has them.
"""

from __future__ import annotations

import importlib
import re
import sys
import tomllib
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


def check(folder: Path) -> None:
    """Print the versions that Python imports.

    Raises:
        SystemExit: If one is imported from another folder, or is not the lowest version.
    """
    for name, minimum in lowest().items():
        module = importlib.import_module(name.replace("-", "_"))
        found = version(name)
        print(f"{name} {found}")
        if folder not in Path(str(module.__file__)).parents:
            sys.exit(f"expected {name} in {folder}, got {module.__file__}")
        if _numbers(found) != _numbers(minimum):
            sys.exit(f"expected {name} {minimum}, got {found}")


def _numbers(text: str) -> list[int]:
    """Return the parts of a version without trailing zeros, because 6.5 and 6.5.0 are equal."""
    return [int(one) for one in re.sub(r"(\.0)+$", "", text).split(".")]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        check(Path(sys.argv[2]).resolve())
    else:
        print("\n".join(f"{name}=={minimum}" for name, minimum in lowest().items()))
