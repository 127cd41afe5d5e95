"""Settings of ``[tool.tornado-ws]``: name, default, accepted values and help of each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["SETTINGS", "Setting", "settings_help"]

HELP_COLUMN = 39
"""Width of the assignments in the help text."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Setting in pyproject.toml."""

    name: str
    default: Any
    """Value of a project without the setting, as in TOML."""
    expected: str
    """Accepted values, for error messages."""
    choices: tuple[str, ...] = ()
    """Accepted texts, if there are few."""
    is_valid: Callable[[Any], bool]
    """Function that returns True for an accepted value; it takes any value of TOML."""
    help: str
    """Text for ``--help``, at most 60 columns wide."""


def _folder(name: str, default: str, help_text: str) -> Setting:
    return Setting(
        name=name,
        default=default,
        expected="a path",
        is_valid=lambda value: isinstance(value, str) and value != "",
        help=help_text,
    )


def _choice(name: str, choices: tuple[str, ...], help_text: str) -> Setting:
    """Return a setting with a few values; the first one is the default."""
    return Setting(
        name=name,
        default=choices[0],
        expected=" or ".join(map(json.dumps, choices)),
        choices=choices,
        is_valid=lambda value: value in choices,
        help=help_text,
    )


def _switch(name: str, help_text: str) -> Setting:
    """Return a setting that is off by default."""
    return Setting(
        name=name,
        default=False,
        expected="true or false",
        is_valid=lambda value: isinstance(value, bool),
        help=help_text,
    )


def _texts(name: str, expected: str, help_text: str, *, pattern: str = ".+") -> Setting:
    """Return a setting with a list of texts, which is empty by default."""
    return Setting(
        name=name,
        default=[],
        expected=expected,
        is_valid=lambda value: (
            isinstance(value, list)
            and all(isinstance(text, str) and re.fullmatch(pattern, text, re.DOTALL) for text in value)
        ),
        help=help_text,
    )


SETTINGS: Final = {
    setting.name: setting
    for setting in (
        _folder("schemas", "schemas", "folder of the schemas, JSON or YAML"),
        _folder("python", "generated", "folder of the generated Python package"),
        _folder("client", "generated/client", "folder of the generated TypeScript client"),
        _choice("models", ("msgspec", "pydantic"), 'library for message classes: "msgspec" or "pydantic"'),
        _choice("python-names", ("schema", "snake_case"), 'names of attributes in Python: "schema" or "snake_case"'),
        _texts(
            "python-models",
            'a list of modules, such as "app.models"',
            "modules of your Pydantic models that `x-python` names",
            pattern=r"[^\W\d]\w*(\.[^\W\d]\w*)*",
        ),
        _switch("strict", "true: treat warnings as errors"),
        _texts("accept", "a list of names", "names in schemas that are not misspelled keywords"),
        _texts("third-party", "a list of patterns", 'schemas that you do not edit, such as "vendor/*"'),
        _choice("unknown", ("ignore", "keep", "forbid"), "undeclared properties where the schema does not decide"),
        _switch("nullable", "true: `nullable` and other keywords as in OpenAPI 3.0"),
        _switch("format-assertion", "true: reject values that do not match their format"),
        _switch("typed-formats", "true: datetime, date, time, UUID; with format-assertion"),
        _switch("bigint", "true: bigint in TypeScript for integers beyond 2^53"),
    )
}
"""All settings by name, in the order of the documentation."""


def settings_help() -> str:
    """Return a line for each setting with its default and help."""
    lines = (
        f"  {f'{setting.name} = {json.dumps(setting.default)}':<{HELP_COLUMN - 1}} {setting.help}"
        for setting in SETTINGS.values()
    )
    return "\n".join(lines)
