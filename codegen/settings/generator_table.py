"""Settings of datamodel-code-generator in ``[tool.datamodel-codegen]`` that generated models follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["has_snake_case", "unfollowed"]

ALWAYS: Final[Mapping[str, Any]] = {
    "disable-timestamp": True,
    "enum-field-as-literal": "all",
    "field-constraints": True,
    "output-model-type": "pydantic_v2.BaseModel",
    "strict-nullable": True,
    "use-annotated": True,
    "use-attribute-docstrings": True,
    "use-double-quotes": True,
    "use-missing-sentinel": True,
    "use-schema-description": True,
    "use-standard-collections": True,
    "use-tuple-for-closed-arrays": True,
    "use-union-operator": True,
}
"""Values that describe each generated model."""
OF_ITS_RUNS = frozenset({"encoding", "formatters", "input", "input-file-type", "output", "snake-case-field", "url"})
"""Settings for files, which only runs of ``datamodel-codegen`` itself need, and a setting that becomes one of ours."""
REASONS: Final[Mapping[str, str]] = {
    "allow-extra-fields": "the schema and the setting `unknown` decide about other properties",
    "base-class": "the base class of generated models contains the wire format",
    "enum-field-as-literal": "the values of enumerations are literal types, which type checkers narrow",
    "extra-fields": "the schema and the setting `unknown` decide about other properties",
    "output-datetime-class": "set `typed-formats` in [tool.tornado-ws]",
    "output-model-type": 'set `models` to "msgspec" or "pydantic" in [tool.tornado-ws]',
    "strict-types": "generated models never convert scalars",
    "use-title-as-name": "titles name classes where nothing else does",
}
GENERAL = "the schema decides what a message is, and the model must accept the same values"


def has_snake_case(declared: Mapping[str, Any]) -> bool:  # values of TOML
    """Return True if the attributes of models have names in snake_case."""
    return True in (declared.get("snake-case-field"), declared.get("snake_case_field"))


def unfollowed(declared: Mapping[str, Any]) -> dict[str, str]:  # values of TOML
    """Return the settings that generated models do not follow, each with the reason."""
    names = {name: name.replace("_", "-") for name in declared}
    return {
        name: REASONS.get(known, GENERAL)
        for name, known in names.items()
        if known not in OF_ITS_RUNS and not (known in ALWAYS and ALWAYS[known] == declared[name])
    }
