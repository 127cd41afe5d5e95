"""Reads what a project says about codegen: ``[tool.tornado-ws]`` in pyproject.toml, and options."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from .schema.schema_errors import nearest
from .source.diagnostics import Problem, SchemaProblems
from .source.document import describe

__all__ = ["Settings", "read_settings"]

DEFAULTS = {"schemas": "schemas", "python": "generated", "client": "generated/client"}
"""Folders, relative to pyproject.toml."""

MODELS: Final = ("msgspec", "pydantic")
KNOWN = {
    **dict.fromkeys(DEFAULTS, "a path"),
    "models": " or ".join(f'"{name}"' for name in MODELS),
    "format-assertion": "true or false",
}
"""Settings, and what they are."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where things are and go."""

    schemas: Path
    """Folder of the endpoint documents."""
    python: Path
    """The package written."""
    client: Path
    """Folder of the TypeScript client."""
    source: str
    """How headers of generated files call :attr:`schemas`; the same on every machine."""
    models: Literal["msgspec", "pydantic"] = "msgspec"
    """Whose classes the messages of Python are."""
    format_assertion: bool = False
    """Whether ``format`` refuses values; by the specification it is an annotation."""


def read_settings(folder: Path, options: Mapping[str, Path | str | None] | None = None) -> Settings:
    """Return the settings of the project that ``folder`` belongs to.

    Args:
        folder: Where to look for pyproject.toml, and from there upwards.
        options: ``schemas``, ``python`` and ``client``, where they are to be others, relative to the working directory;
            and ``models``.

    Raises:
        SchemaProblems: If pyproject.toml says something that codegen does not understand.

    """
    given = {name: path for name, path in (options or {}).items() if path is not None}
    project, stated = _project(folder)
    paths = {name: Path(given.get(name) or _short(project / stated.get(name, DEFAULTS[name]))) for name in DEFAULTS}
    return Settings(
        schemas=paths["schemas"],
        python=paths["python"],
        client=paths["client"],
        source=_source(paths["schemas"], project),
        models="pydantic" if (given.get("models") or stated.get("models")) == "pydantic" else "msgspec",
        format_assertion=stated.get("format-assertion") is True,
    )


def _project(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return the folder of the nearest pyproject.toml that speaks of us, and what it says; else ``folder``."""
    for parent in (folder, *folder.resolve().parents):
        file = parent / "pyproject.toml"
        if not file.is_file():
            continue
        text = file.read_text(encoding="utf-8")
        try:
            stated = tomllib.loads(text).get("tool", {}).get("tornado-ws")
        except tomllib.TOMLDecodeError as error:
            raise SchemaProblems([_not_toml(file, error)]) from None
        if stated is None:
            continue
        problems = list(_problems(file, text, stated))
        if problems:
            raise SchemaProblems(problems)
        return parent, stated
    return folder, {}


def _problems(file: Path, text: str, stated: Any) -> Iterator[Problem]:  # what TOML holds
    name = _short(file).as_posix()
    if not isinstance(stated, dict):
        yield Problem(file=name, code="wrong_type", message="tool.tornado-ws is no table", got=describe(stated))
        return
    for setting, value in stated.items():
        pointer, line = f"/tool/tornado-ws/{setting}", _line(text, setting)
        if setting not in KNOWN:
            meant = nearest(setting, KNOWN)
            hint = f"did you mean {meant}?" if meant else f"there are {', '.join(KNOWN)}"
            message = "unknown setting"
            yield Problem(file=name, line=line, pointer=pointer, code="unknown_setting", message=message, hint=hint)
        elif not _fits(setting, value):
            expected, got = KNOWN[setting], describe(value)
            yield Problem(
                file=name,
                line=line,
                pointer=pointer,
                code="wrong_type",
                message="wrong type",
                expected=expected,
                got=got,
            )


def _fits(setting: str, value: Any) -> bool:
    if setting == "models":
        return value in MODELS
    return isinstance(value, str if setting in DEFAULTS else bool) and value != ""


def _not_toml(file: Path, error: tomllib.TOMLDecodeError) -> Problem:
    message, _, place = str(error).partition(" (at ")
    numbers = [int(number) for number in re.findall(r"\d+", place)]
    line, column = numbers if len(numbers) == 2 else (1, 1)
    text = f"not TOML: {message[0].lower()}{message[1:]}"
    return Problem(file=_short(file).as_posix(), line=line, column=column, code="invalid_toml", message=text)


def _line(text: str, setting: str) -> int:
    """Return where a setting stands; TOML's parser forgets it."""
    table = re.search(r"^\s*\[tool\.[\"']?tornado-ws[\"']?\]", text, re.MULTILINE)
    start = table.end() if table else 0
    found = re.compile(rf"^\s*[\"']?{re.escape(setting)}[\"']?\s*=", re.MULTILINE).search(text, start)
    return text.count("\n", 0, found.end()) + 1 if found else 1


def _short(path: Path) -> Path:
    """Return the path as one would type it from the working directory."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else Path(relative)


def _source(schemas: Path, project: Path) -> str:
    relative = os.path.relpath(schemas, project)
    return schemas.name if relative.startswith("..") or os.path.isabs(relative) else Path(relative).as_posix()
