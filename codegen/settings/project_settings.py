"""Settings of a project, from ``[tool.tornado-ws]`` in pyproject.toml and from command-line options."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..model import Options
from ..schema.similar_names import closest
from ..source.diagnostics import Problem, SchemaProblems
from ..source.document import describe
from .generator_table import read_options, unfollowed
from .misnamed_tables import misnamed_tables
from .setting_table import SETTINGS, Setting

__all__ = ["Settings", "read_settings", "settings_files"]

FOLDERS = ("schemas", "python", "client")
"""Settings with a path relative to pyproject.toml."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of a project."""

    schemas: Path
    """Folder of the schemas."""
    python: Path
    """Folder of the generated Python package."""
    client: Path
    """Folder of the generated TypeScript client."""
    project: Path = Path()
    """Folder of pyproject.toml; the working directory without one."""
    source: str
    """Path of :attr:`schemas` in the headers of generated files; the same on every machine."""
    models: Literal["msgspec", "pydantic"] = "msgspec"
    """Library for the message classes."""
    strict: bool = False
    """True if warnings are errors."""
    accept: tuple[str, ...] = ()
    """Names of annotations that resemble a keyword of JSON Schema."""
    third_party: tuple[str, ...] = ()
    """Patterns for the paths of schemas from others, relative to :attr:`schemas`; ``*`` also matches ``/``."""
    options: Options = field(default_factory=Options)
    """Settings that change the model of endpoints."""
    warnings: tuple[Problem, ...] = ()
    """Settings without effect."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Line in pyproject.toml of each member of a list, by its pointer."""

    @property
    def notice(self) -> str | None:
        """Line about settings of a folder above the working directory; None for others."""
        file = os.path.relpath(self.project / "pyproject.toml")
        return f"settings: {Path(file).as_posix()}" if file.startswith("..") else None

    def unused(self, setting: str, position: int, member: str, message: str, hint: str) -> Problem:
        """Return the warning about a member of a list in pyproject.toml.

        Args:
            setting: Name of the list.
            position: Position in the list, from 0.
            member: Text at this position.
            message: Reason.
            hint: Suggested fix.
        """
        pointer = f"/tool/tornado-ws/{setting}/{position}"
        return Problem(
            file=_relative(self.project / "pyproject.toml").as_posix(),
            line=self.lines.get(pointer, 1),
            pointer=pointer,
            code="unused_setting",
            severity="warning",
            message=message,
            got=f'"{member}"',
            hint=hint,
        )


def read_settings(
    folder: Path,
    options: Mapping[str, Path | str | None] | None = None,
    *,
    strict: bool = False,
) -> Settings:
    """Read the settings of the project that ``folder`` belongs to.

    Args:
        folder: First folder to search for pyproject.toml; its parents follow.
        options: Overrides from the command line: ``schemas``, ``python`` and ``client``, relative to the working
            directory, and ``models``.
        strict: True if the command line sets ``strict``.

    Raises:
        SchemaProblems: If pyproject.toml is not TOML, or has an unknown or invalid setting.
    """
    overrides = {name: path for name, path in (options or {}).items() if path is not None}
    found = _project(folder)
    project = found.folder
    values = {name: found.declared.get(name, setting.default) for name, setting in SETTINGS.items()}
    paths = {name: Path(overrides.get(name) or _relative(project / values[name])) for name in FOLDERS}
    models: Literal["msgspec", "pydantic"] = (
        "pydantic" if (overrides.get("models") or values["models"]) == "pydantic" else "msgspec"
    )
    return Settings(
        schemas=paths["schemas"],
        python=paths["python"],
        client=paths["client"],
        project=project,
        source=_source(paths["schemas"], project),
        models=models,
        strict=values["strict"] or strict,
        accept=tuple(values["accept"]),
        third_party=tuple(values["third-party"]),
        options=_options(values, found.generator, models),
        warnings=(*found.warnings, *(found.generator_warnings if models == "pydantic" else ())),
        lines=found.lines,
    )


def _options(values: Mapping[str, Any], generator: Mapping[str, Any], models: str) -> Options:  # values of TOML
    """Return the options of our settings; and for Pydantic models, those of datamodel-code-generator."""
    is_pydantic = models == "pydantic"
    chosen = read_options(generator if is_pydantic else {})
    return Options(
        unknown=values["unknown"],
        nullable=values["nullable"],
        formats=values["format-assertion"] or values["typed-formats"],
        typed_formats=values["typed-formats"],
        python_models=tuple(values["python-models"]) if is_pydantic else (),
        bigint=values["bigint"],
        snake_case=values["python-names"] == "snake_case" or chosen.snake_case,
        enum_classes=chosen.enum_classes,
        upper_case_members=chosen.upper_case_members,
    )


def settings_files(folder: Path) -> list[Path]:
    """Return the paths that :func:`read_settings` looks at, in order; the files need not exist."""
    return [parent / "pyproject.toml" for parent in (folder, *folder.resolve().parents)]


@dataclass(frozen=True, kw_only=True)
class _Project:
    """Content of pyproject.toml."""

    folder: Path
    """Folder of the nearest pyproject.toml with our table; the first searched folder if there is none."""
    declared: Mapping[str, Any] = field(default_factory=dict)  # values of TOML
    """Settings in our table."""
    generator: Mapping[str, Any] = field(default_factory=dict)  # values of TOML
    """Settings in the table of datamodel-code-generator."""
    generator_warnings: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)


def _project(folder: Path) -> _Project:
    warnings: list[Problem] = []
    for file in filter(Path.is_file, settings_files(folder)):
        text = file.read_text(encoding="utf-8")
        try:
            root = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise SchemaProblems([_invalid_toml(file, error)]) from None
        warnings += misnamed_tables(_relative(file).as_posix(), text, root)
        tools = root["tool"] if isinstance(root.get("tool"), dict) else {}
        declared = tools.get("tornado-ws")
        if declared is None:
            continue
        problems = list(_problems(file, text, declared))
        if problems:
            raise SchemaProblems([*problems, *warnings])
        generator = tools.get("datamodel-codegen")
        generator = generator if isinstance(generator, dict) else {}
        return _Project(
            folder=file.parent,
            declared=declared,
            generator=generator,
            generator_warnings=tuple(_warnings(file, text, generator)),
            warnings=tuple(warnings),
            lines=dict(_member_lines(text, declared)),
        )
    return _Project(folder=folder, warnings=tuple(warnings))


def _member_lines(text: str, declared: Mapping[str, Any]) -> Iterator[tuple[str, int]]:  # values of TOML
    """Yield the pointer and the line of each member of a list."""
    for setting in ("accept", "python-models", "third-party"):
        line = _line(text, setting)
        start = sum(map(len, text.splitlines(keepends=True)[: line - 1]))
        for position, member in enumerate(declared.get(setting, ())):
            spellings = "|".join(re.escape(one) for one in (member, json.dumps(member)[1:-1]))
            found = re.compile(rf"[\"']({spellings})[\"']").search(text, start)
            start = found.end() if found else start
            yield f"/tool/tornado-ws/{setting}/{position}", text.count("\n", 0, start) + 1


def _warnings(file: Path, text: str, generator: Mapping[str, Any]) -> Iterator[Problem]:  # values of TOML
    for setting, reason in unfollowed(generator).items():
        yield Problem(
            file=_relative(file).as_posix(),
            line=_line(text, setting, table="datamodel-codegen"),
            pointer=f"/tool/datamodel-codegen/{setting}",
            code="generator_setting",
            severity="warning",
            message="setting without effect on message classes",
            hint=reason,
        )


def _problems(file: Path, text: str, declared: Any) -> Iterator[Problem]:  # a TOML value
    name = _relative(file).as_posix()
    if not isinstance(declared, dict):
        message, pointer = "wrong type", "/tool/tornado-ws"
        yield Problem(
            file=name, pointer=pointer, code="wrong_type", message=message, expected="a table", got=describe(declared)
        )
        return
    for setting, value in declared.items():
        pointer, line = f"/tool/tornado-ws/{setting}", _line(text, setting)
        if setting not in SETTINGS:
            match = closest(setting, SETTINGS)
            hint = f"did you mean {match}?" if match else f"known settings: {', '.join(SETTINGS)}"
            message = "unknown setting"
            yield Problem(file=name, line=line, pointer=pointer, code="unknown_setting", message=message, hint=hint)
        elif not SETTINGS[setting].is_valid(value):
            expected, got = SETTINGS[setting].expected, describe(value)
            yield Problem(
                file=name,
                line=line,
                pointer=pointer,
                code="wrong_type",
                message="wrong type",
                expected=expected,
                got=got,
                hint=_value_hint(SETTINGS[setting], value),
            )


def _value_hint(setting: Setting, value: Any) -> str | None:  # a TOML value
    """Return the hint with the value that the author probably meant."""
    if setting.choices:
        match = closest(str(value), setting.choices) if isinstance(value, str) else None
        return f'did you mean "{match}"?' if match else None
    if isinstance(setting.default, bool):
        meant = {
            "true": True,
            "yes": True,
            "on": True,
            "1": True,
            "false": False,
            "no": False,
            "off": False,
            "0": False,
        }
        found = meant.get(str(value).lower())
        return None if found is None else f"write {setting.name} = {json.dumps(found)}"
    if isinstance(setting.default, list) and setting.is_valid([value]):
        return f"write {setting.name} = {json.dumps([value])}"
    return None


def _invalid_toml(file: Path, error: tomllib.TOMLDecodeError) -> Problem:
    message, _, position = str(error).partition(" (at ")
    numbers = [int(number) for number in re.findall(r"\d+", position)]
    line, column = numbers if len(numbers) == 2 else (1, 1)
    text = f"invalid TOML: {message[0].lower()}{message[1:]}"
    return Problem(file=_relative(file).as_posix(), line=line, column=column, code="invalid_toml", message=text)


def _line(text: str, setting: str, *, table: str = "tornado-ws") -> int:
    """Return the line of a setting, which the parser of TOML does not report."""
    head = re.search(rf"^\s*\[tool\.[\"']?{re.escape(table)}[\"']?\]", text, re.MULTILINE)
    start = head.end() if head else 0
    found = re.compile(rf"^\s*[\"']?{re.escape(setting)}[\"']?\s*=", re.MULTILINE).search(text, start)
    return text.count("\n", 0, found.end()) + 1 if found else 1


def _relative(path: Path) -> Path:
    """Return the path relative to the working directory, if it is inside of it."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else Path(relative)


def _source(schemas: Path, project: Path) -> str:
    """Return the path of the schemas folder relative to the project, or its name if it is outside the project."""
    relative = os.path.relpath(schemas, project)
    return schemas.name if relative.startswith("..") or os.path.isabs(relative) else Path(relative).as_posix()
