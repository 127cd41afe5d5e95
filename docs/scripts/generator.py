"""Table of the settings of datamodel-code-generator."""

from __future__ import annotations

import json

from codegen.settings.generator_table import SETTINGS, GeneratorSetting

__all__ = ["generator_table"]


def generator_table() -> str:
    """Return a table with the settings that generated models follow, and those that they do not, with the reasons."""
    names: dict[GeneratorSetting, list[str]] = {}
    for name, setting in SETTINGS.items():
        names.setdefault(setting, []).append(f"`{name}`")
    rows = [f"| {', '.join(listed)} | {_values(setting)} | {setting.effect} |" for setting, listed in names.items()]
    return "\n".join(["| setting | followed | effect, or reason |", "| --- | --- | --- |", *rows])


def _values(setting: GeneratorSetting) -> str:
    """Return the values that models follow."""
    if setting.values is None:
        return "any value"
    return ", ".join(f"`{json.dumps(value)}`" for value in setting.values) or "no"
