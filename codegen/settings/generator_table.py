"""Settings of datamodel-code-generator in ``[tool.datamodel-codegen]``, and their effect on generated models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["SETTINGS", "GeneratorOptions", "GeneratorSetting", "read_options", "unfollowed"]

ON = (True,)


@dataclass(frozen=True, kw_only=True)
class GeneratorSetting:
    """Setting of datamodel-code-generator."""

    values: tuple[Any, ...] | None  # values of TOML
    """Values that generated models follow; None for all values."""
    effect: str
    """Effect on models, or the reason why there is none."""


def _followed(*values: Any, effect: str) -> GeneratorSetting:
    return GeneratorSetting(values=values or None, effect=effect)


def _refused(reason: str) -> GeneratorSetting:
    return GeneratorSetting(values=(), effect=reason)


SCHEMA_DECIDES = "the schema decides what a message is, and the model must accept the same values"
OPENNESS = _refused("the schema and the setting `unknown` decide about other properties")
FROM_SCHEMA = _refused("names come from the schema, the same in both languages; see `python-names`")
TYPED_FORMATS = _refused("set `typed-formats` in `[tool.tornado-ws]`")
MEMBERS = _followed(True, effect="members of enumerations have names like `IN_PROGRESS`")
CONSTRAINTS = _followed(*ON, effect="always: bounds are `Annotated[..., Field(...)]`")
DOCSTRINGS = _followed(*ON, effect="always: descriptions are docstrings of classes and fields")

SETTINGS: Final[Mapping[str, GeneratorSetting]] = {
    "alias-generator": FROM_SCHEMA,
    "aliases": FROM_SCHEMA,
    "allow-extra-fields": OPENNESS,
    "allow-population-by-field-name": _followed(*ON, effect="always: constructors take attributes, JSON has aliases"),
    "base-class": _refused("the base class of generated models contains the wire format"),
    "capitalise-enum-members": MEMBERS,
    "capitalize-enum-members": MEMBERS,
    "class-name-prefix": FROM_SCHEMA,
    "class-name-suffix": FROM_SCHEMA,
    "collapse-root-models": _followed(*ON, effect="always: only messages are root models"),
    "enable-faux-immutability": _followed(*ON, effect="always: models are frozen"),
    "enum-field-as-literal": _followed(
        *("all", "one", "none"),
        effect='`"all"` is the default. With `"none"` or `"one"`, '
        "enumerations of several strings, or of several integers, are classes",
    ),
    "extra-fields": OPENNESS,
    "field-constraints": CONSTRAINTS,
    "field-extra-keys": _refused("`model_json_schema()` returns all keywords of the schema"),
    "field-include-all-keys": _refused("`model_json_schema()` returns all keywords of the schema"),
    "no-alias": _refused("messages have the names of the schema"),
    "output-date-class": TYPED_FORMATS,
    "output-datetime-class": _followed("AwareDatetime", effect="with `typed-formats` in `[tool.tornado-ws]`"),
    "output-model-type": _followed(
        "pydantic_v2.BaseModel", effect='set `models` to "msgspec" or "pydantic" in `[tool.tornado-ws]`'
    ),
    "preset": _refused("list the settings themselves"),
    "set-default-enum-member": _followed(*ON, effect="always: defaults are members of enumerations"),
    "snake-case-field": _followed(*ON, effect='the same as `python-names = "snake_case"` in `[tool.tornado-ws]`'),
    "strict-nullable": _followed(*ON, effect="always: only null in the schema is None"),
    "strict-types": _followed(effect="always: scalars are never converted"),
    "target-pydantic-version": _followed("2.14", effect="always: generated models need Pydantic 2.14"),
    "target-python-version": _followed(
        *(f"3.{minor}" for minor in range(11, 16)), effect="generated code runs with Python 3.11 and later"
    ),
    "type-mappings": TYPED_FORMATS,
    "type-overrides": _refused("set `python-models` in `[tool.tornado-ws]`, and `x-python` in the schema"),
    "union-mode": _refused("a tag or the schema selects the member of a union"),
    "use-annotated": CONSTRAINTS,
    "use-attribute-docstrings": DOCSTRINGS,
    "use-decimal-for-multiple-of": _refused("Pydantic sends a `Decimal` as text, which is no number in JSON"),
    "use-default-kwarg": _followed(*ON, effect="always: `Field(default=...)`"),
    "use-double-quotes": _followed(*ON, effect="always"),
    "use-field-description": DOCSTRINGS,
    "use-frozen-field": _followed(*ON, effect="always: models are frozen"),
    "use-inline-field-description": DOCSTRINGS,
    "use-missing-sentinel": _followed(*ON, effect="always: `MISSING` is the value of an absent property"),
    "use-one-literal-as-default": _followed(*ON, effect="always for required properties with one text or integer"),
    "use-pendulum": TYPED_FORMATS,
    "use-schema-description": DOCSTRINGS,
    "use-single-value-enum-as-const": _followed(*ON, effect="always: a single value is a literal type"),
    "use-specialized-enum": _followed(*ON, effect="always: classes of enumerations are `StrEnum` or `IntEnum`"),
    "use-standard-collections": _followed(*ON, effect="always: `list` and `dict`"),
    "use-subclass-enum": _followed(*ON, effect="always: members of enumerations are strings or integers"),
    "use-title-as-name": _refused("titles name classes where no definition does"),
    "use-tuple-for-closed-arrays": _followed(*ON, effect="always"),
    "use-type-alias": _followed(*ON, effect="always: a definition that is no object is a type alias"),
    "use-union-operator": _followed(*ON, effect="always: unions have the operator"),
    "use-unique-items-as-set": _refused("arrays of JSON have an order; `uniqueItems` is checked at `send`"),
}
"""Settings that describe models, by name."""
OF_ITS_RUNS = frozenset(
    {
        *("check", "custom-file-header", "custom-file-header-mode", "custom-file-header-path", "debug"),
        *("disable-future-imports", "disable-timestamp", "disable-warnings", "enable-command-header"),
        *("enable-version-header", "encoding", "formatters", "input", "input-file-type", "output", "url"),
        *("use-exact-imports", "watch", "watch-delay", "wrap-string-literal"),
    }
)
"""Settings for files, which only runs of ``datamodel-codegen`` itself need."""


@dataclass(frozen=True, kw_only=True)
class GeneratorOptions:
    """Options that the settings select."""

    snake_case: bool
    """True if the attributes of models have names in snake_case."""
    enum_classes: bool
    """True if enumerations are classes."""
    upper_case_members: bool
    """True if the members of enumerations have names in upper case."""


def read_options(declared: Mapping[str, Any]) -> GeneratorOptions:  # values of TOML
    """Return the options that the settings select."""
    values = {name.replace("_", "-"): value for name, value in declared.items()}
    return GeneratorOptions(
        snake_case=values.get("snake-case-field") is True,
        enum_classes=values.get("enum-field-as-literal") in ("none", "one"),
        upper_case_members=True in (values.get("capitalise-enum-members"), values.get("capitalize-enum-members")),
    )


def unfollowed(declared: Mapping[str, Any]) -> dict[str, str]:  # values of TOML
    """Return the settings that generated models do not follow, each with the reason."""
    return {name: reason for name, value in declared.items() if (reason := _reason(name.replace("_", "-"), value))}


def _reason(name: str, value: Any) -> str:  # a value of TOML
    """Return the reason why models do not follow a setting; empty if they do."""
    setting = SETTINGS.get(name, GeneratorSetting(values=(), effect=SCHEMA_DECIDES))
    if name in OF_ITS_RUNS or setting.values is None or value in setting.values:
        return ""
    is_off = value is False or value == [] or value == {}
    return "" if is_off and not setting.effect.startswith("always") else setting.effect
