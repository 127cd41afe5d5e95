"""Messages of invalid values: one table for the server and for generated clients.

``runtime/validators.ts`` has the same messages next to its validators, so that a page loads only the messages it uses.
``tests/parity`` compares both, with an example of each keyword in this table.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from .tag_table import TagValues

__all__ = ["MESSAGES", "OTHER", "UNKNOWN", "message"]

MESSAGES = {
    "additionalProperties": "no other properties",
    "anyOf": "one of the alternatives",
    "const": "{}",
    "contains": "matching items",
    "dependentRequired": "the property {}",
    "depth": "fewer levels of arrays and objects",
    "enum": "one of {}",
    "exclusiveMaximum": "less than {}",
    "exclusiveMinimum": "more than {}",
    "format": "text in the format {}",
    "maxContains": "another number of matching items",
    "maxItems": "at most {} item|at most {} items",
    "maxLength": "at most {} character|at most {} characters",
    "maxProperties": "at most {} property|at most {} properties",
    "maximum": "at most {}",
    "minContains": "more matching items",
    "minItems": "at least {} item|at least {} items",
    "minLength": "at least {} character|at least {} characters",
    "minProperties": "at least {} property|at least {} properties",
    "minimum": "at least {}",
    "multipleOf": "a multiple of {}",
    "oneOf": "exactly one of the alternatives",
    "pattern": "text that matches {}",
    "propertyNames": "other property names",
    "required": "the property {}",
    "type": "{}",
    "unevaluatedItems": "no further items",
    "unevaluatedProperties": "no other properties",
    "uniqueItems": "unique items",
}
"""Expected value by keyword; ``{}`` is the keyword's value, and ``|`` separates singular and plural."""
OTHER = "a value allowed by {}"
"""Expected value of every other keyword, such as ``not``, and ``properties`` with the schema ``false``."""
UNKNOWN = "expected a valid value"
"""Message of an error without a known keyword."""


def message(keyword: str, expected: Any) -> str:  # JSON values
    """Return the message of the error for an invalid value.

    Args:
        keyword: Keyword that rejects the value.
        expected: Value of the keyword; for ``required`` and ``dependentRequired``, the missing name; for a union with a
            tag, its constants.
    """
    if isinstance(expected, TagValues):
        return (
            f"expected the property {expected.name} with one of {', '.join(dict.fromkeys(map(_text, expected.values)))}"
        )
    template = MESSAGES.get(keyword)
    if template is None:
        return f"expected {OTHER.format(keyword)}"
    if "{}" not in template:
        return f"expected {template}"
    if "|" in template:
        singular, _, plural = template.partition("|")
        template = singular if expected == 1 else plural
    if keyword == "type" and isinstance(expected, list):
        return f"expected {' or '.join(expected)}"
    return f"expected {template.format(_text(expected))}"


def _text(value: Any) -> str:
    """Return a JSON value as text for people: strings without quotes, arrays without brackets."""
    if isinstance(value, str):
        return value
    if type(value) is int:
        return _number(value)
    return ", ".join(map(_text, value)) if isinstance(value, list) else _json(value)


def _json(value: Any) -> str:
    """Return a value as JSON text, like ``JSON.stringify`` (ECMAScript)."""
    if isinstance(value, dict):
        return "{" + ",".join([f"{_json(name)}:{_json(member)}" for name, member in value.items()]) + "}"
    if isinstance(value, list):
        return f"[{','.join(map(_json, value))}]"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    return json.dumps(value, ensure_ascii=False)


def _number(number: float) -> str:
    """Return a number as text, like ECMAScript's ``Number::toString``: without an exponent from 1e-6 up to 1e21."""
    if isinstance(number, int) and abs(number) <= 2**53:
        return str(number)
    if not number:
        return "0"
    digits = Decimal(repr(float(number)))
    if 1e-6 <= abs(number) < 1e21:
        text = f"{digits:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, exponent = f"{digits.normalize():e}".partition("e")
    return f"{mantissa}e{int(exponent):+d}"
