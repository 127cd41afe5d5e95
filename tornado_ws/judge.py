"""The judge: decides by the schema itself, through jsonschema-rs, and says why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema_rs
import msgspec

from .errors import ErrorData

__all__ = ["Judge", "matcher"]

LINEAR = jsonschema_rs.RegexOptions()
"""The engine that takes linear time, whatever the pattern and the text."""
HOME = "https://tornado-ws.invalid/endpoint"
"""Base URI of documents that state none. Nothing is ever fetched from it."""


class Judge:
    """The verdict of one schema document on any part of its protocol."""

    def __init__(self, schema: str, *, formats: bool = False) -> None:
        """Read the document.

        Args:
            schema: a JSON Schema (2020-12) document as JSON text, complete in itself.
            formats: whether ``format`` is asserted.

        """
        self._formats = formats
        self._document: Any = msgspec.json.decode(schema)
        stated = self._document.get("$id") if isinstance(self._document, dict) else None
        self._home = stated if isinstance(stated, str) else HOME
        self._registry = jsonschema_rs.Registry([(self._home, self._document)])
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def accepts(self, pointer: str) -> Callable[[Any], bool]:
        """Return the test of the schema at ``pointer``: takes plain JSON values."""
        return self._validator(pointer).is_valid

    def explain(self, pointer: str, value: Any) -> ErrorData | None:
        """Return why the schema at ``pointer`` refuses ``value``, or None if it does not. Stops at the first reason."""
        validator = self._validator(pointer)
        if validator.is_valid(value):
            return None
        try:
            validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return _error_data(error)
        except ValueError:  # an error's instance is converted whole, which fails at 256 levels
            return ErrorData(code="too_deep", message="expected fewer levels of arrays and objects")
        raise AssertionError("is_valid and validate disagree")

    def _validator(self, pointer: str) -> jsonschema_rs.Draft202012Validator:
        known = self._validators.get(pointer)
        if known is None:
            known = self._validators[pointer] = jsonschema_rs.Draft202012Validator(
                {"$ref": f"{self._home}#{pointer}"},
                registry=self._registry,
                offline=True,
                mask="…",
                pattern_options=LINEAR,
                validate_formats=self._formats,
            )
        return known


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return the test of a pattern, as the judge understands it.

    Raises:
        ValueError: it is none, or one that cannot be tested in linear time.
    """
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=LINEAR).is_valid


def _error_data(error: jsonschema_rs.ValidationError) -> ErrorData:
    keyword = error.kind.name
    expected = error.kind.value if keyword in _TELLING else None
    return ErrorData(
        code="invalid_message",
        message=f"expected {keyword} {expected}",
        pointer="".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in error.instance_path),
        keyword=keyword,
        expected=expected,
    )


_TELLING = frozenset(
    [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
        "multipleOf",
        "pattern",
        "format",
        "type",
        "enum",
        "const",
        "required",
    ]
)
