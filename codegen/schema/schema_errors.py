"""Conversion of validation errors of ``jsonschema`` to problems."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..identifiers import snake
from ..model import policies
from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document, Json, describe
from .drafts import Draft, keywords
from .similar_names import closest

if TYPE_CHECKING:
    from jsonschema import ValidationError

__all__ = ["keyword_problems", "schema_problems"]

CODES = {"path": "malformed_path"}
"""Problem codes of keywords with their own syntax, except policies."""

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
SCHEMA_KEYWORDS = frozenset().union(*map(keywords, Draft))
"""Keywords of JSON Schema in any draft."""

EXPECTED = {
    "exclusiveMinimum": "above {}",
    "exclusiveMaximum": "below {}",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minItems": "at least {} items",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
}
"""Expectation of each numeric keyword of the meta-schemas."""


@dataclass(frozen=True, kw_only=True)
class _Error:
    """Copy of a :class:`jsonschema.ValidationError` without optional fields."""

    keyword: str
    value: Json
    """Value of the keyword."""
    instance: Json
    path: tuple[str, ...]
    """Tokens of the pointer to the instance."""
    is_property_name: bool
    """True if the instance is the name of a property."""
    schema: Json
    context: tuple[_Error, ...]

    @classmethod
    def from_error(cls, error: ValidationError) -> _Error:
        return cls(
            keyword=str(error.validator),
            value=error.validator_value,
            instance=error.instance,
            path=tuple(map(str, error.absolute_path)),
            is_property_name="propertyNames" in error.relative_schema_path,
            schema=error.schema,
            context=tuple(map(cls.from_error, error.context or ())),
        )

    @property
    def pointer(self) -> str:
        return json_pointer.join("", *self.path)


def keyword_problems(document: Document, errors: Iterable[ValidationError]) -> Iterator[Problem]:
    """Yield a problem for each invalid keyword of an endpoint, from the errors of our meta-schema."""
    for error in map(_Error.from_error, errors):
        if error.keyword == "additionalProperties":
            yield from _unknown_keywords(document, error)
        elif error.keyword == "required":
            yield from _missing_keywords(document, error)
        elif error.is_property_name:
            yield document.problem(
                json_pointer.join(error.pointer, error.instance),
                "malformed_name",
                "malformed name",
                key=True,
                expected=_expected(error),
                hint=_name_hint(error),
            )
        else:
            code, message = _classify(error)
            yield document.problem(
                error.pointer,
                code,
                message,
                expected=_expected(error),
                got=describe(error.instance),
                hint=_enum_hint(error) or _message_hint(error) or _type_hint(error),
            )


def schema_problems(
    document: Document, pointer: str, errors: Iterable[ValidationError], dialect: str
) -> Iterator[Problem]:
    """Yield a problem for each invalid keyword of the schema at ``pointer``, from the errors of a meta-schema.

    Args:
        document: Document of the schema.
        pointer: Pointer to the schema in ``document``.
        errors: Errors of the dialect's meta-schema.
        dialect: Name of the dialect, such as ``2020-12``.
    """
    problems = (
        document.problem(
            pointer + error.pointer,
            "invalid_schema",
            f"invalid JSON Schema ({dialect})",
            expected=_expected(error),
            got=describe(error.instance),
            hint=next(
                filter(
                    None,
                    (
                        _enum_hint(error),
                        _anchor_hint(error),
                        _bound_hint(error, document),
                        _items_hint(error, document),
                        _type_hint(error),
                    ),
                ),
                None,
            ),
        )
        for error in map(_most_specific, map(_Error.from_error, errors))
    )
    yield from dict.fromkeys(problems)  # each vocabulary repeats the type of a schema


def _classify(error: _Error) -> tuple[str, str]:
    match error.keyword:
        case "type":
            return "wrong_type", "wrong type"
        case "enum":
            return "unknown_value", "unknown value"
        case "pattern":
            return _malformed_code(error.path[-1]), f"malformed {error.path[-1]}"
        case _:
            return "out_of_range", "out of range"


def _malformed_code(keyword: str) -> str:
    """Return the problem code of a keyword with its own syntax."""
    return (CODES | {policy.keyword: policy.malformed for policy in policies.POLICIES})[keyword]


def _other_direction(side: str, keyword: str) -> str:
    """Return the hint for a keyword of the other direction; empty if there is none."""
    if (side, keyword) == ("serverMessages", "stream"):
        return "only client requests can have a stream; move the message to clientMessages"
    if side not in ("clientMessages", "serverMessages"):
        return ""
    return next((policy.other_direction for policy in policies.POLICIES if policy.keyword == keyword), "")


def _unknown_keywords(document: Document, error: _Error) -> Iterator[Problem]:
    known = error.schema["properties"]
    direction = error.path[0] if error.path else ""
    unwrapped = [
        keyword
        for keyword in error.instance
        if keyword in SCHEMA_KEYWORDS and keyword not in known and not _older_name(keyword, known)
    ]
    unwrapped = [keyword for keyword in unwrapped if not _other_direction(direction, keyword)]
    for keyword in error.instance:
        if keyword in known or keyword in unwrapped[1:]:  # one mistake is one problem
            continue
        match = _older_name(keyword, known) or closest(keyword, known)
        hint = _other_direction(direction, keyword) or (f"did you mean {match}?" if match else None)
        if keyword in unwrapped:
            hint = _unwrapped_hint(error, unwrapped)
        yield document.problem(
            json_pointer.join(error.pointer, keyword),
            "unknown_keyword",
            "unknown keyword",
            key=True,
            expected=f"one of {', '.join(known)}" if hint is None else None,
            hint=hint,
        )


def _older_name(keyword: str, known: Iterable[str]) -> str | None:
    """Return the current name of a keyword of older drafts, if it is known."""
    return "$defs" if keyword == "definitions" and "$defs" in known else None


def _unwrapped_hint(error: _Error, found: list[str]) -> str:
    """Return the hint for keywords of a schema that are beside those of an endpoint or a message."""
    names = ", ".join(found[:3]) + (", …" if len(found) > 3 else "")
    if "payload" in error.schema["properties"]:
        return f'a schema of the data belongs inside payload: "payload": {{{names}}}'
    return f"{names} belong inside a schema: the payload of a message, params, ticket, presence or a member of $defs"


def _message_hint(error: _Error) -> str | None:
    """Return the hint for a message that is not an object."""
    is_message = len(error.path) == 2 and error.path[0] in ("clientMessages", "serverMessages")
    if not is_message or error.keyword != "type":
        return None
    schema = f'{{"type": "{error.instance}"}}' if error.instance in TYPES else "…"
    return f'write {{"payload": {schema}}}, or {{}} for a message without data'


def _type_hint(error: _Error) -> str | None:
    """Return the hint for a schema that is only the name of a type."""
    is_type = error.keyword == "type" and "object" in error.value and isinstance(error.instance, str)
    return f'write {{"type": "{error.instance}"}}' if is_type and error.instance in TYPES else None


def _items_hint(error: _Error, document: Document) -> str | None:
    """Return the hint for the form of tuples that drafts before 2020-12 have."""
    if error.path[-1:] != ("items",) or not isinstance(error.instance, list):
        return None
    hint = 'write "prefixItems" in place of "items", and "items" in place of "additionalItems"'
    return hint if document.is_endpoint else f'{hint}, or declare "$schema": "{Draft.DRAFT7.uri}"'


def _missing_keywords(document: Document, error: _Error) -> Iterator[Problem]:
    for keyword in error.value:
        if keyword not in error.instance:
            yield document.problem(error.pointer, "missing_keyword", f"missing keyword `{keyword}`", key=True)


def _most_specific(error: _Error) -> _Error:
    """Return the most specific error of a union: the one with the longest path."""
    candidates = [inner for inner in error.context if inner.keyword != "type" or inner.path != error.path]
    return _most_specific(max(candidates, key=lambda inner: len(inner.path))) if candidates else error


def _expected(error: _Error) -> str:
    value = error.value
    match error.keyword:
        case "type":
            return " or ".join([value] if isinstance(value, str) else value)
        case "enum":
            return f"one of {', '.join(map(str, value))}"
        case "pattern":
            return str(error.schema.get("patternErrorMessage", f"text that matches {value}"))
        case "uniqueItems":
            return "unique items"
        case "anyOf":
            return " or ".join(map(_expected, error.context))
        case keyword:
            text = EXPECTED.get(keyword, f"{keyword} {{}}").format(value)
            return re.sub(r"\b1 (item|character)s\b", r"1 \1", text)


def _name_hint(error: _Error) -> str | None:
    name = str(error.instance)
    if name.startswith("$"):
        return "names with the prefix $ are reserved for the protocol"
    if error.keyword != "pattern" or not re.fullmatch(r"[A-Za-z][\w .-]*", name, re.ASCII):
        return None
    valid = snake(name)
    return f"did you mean {valid}?" if re.fullmatch(error.value, valid) else None


def _enum_hint(error: _Error) -> str | None:
    if error.keyword != "enum":
        return None
    match = closest(str(error.instance), map(str, error.value))
    return f"did you mean {match}?" if match else None


def _anchor_hint(error: _Error) -> str | None:
    """Return the hint for the form of anchors that draft-07 had."""
    is_fragment = error.path[-1:] == ("$id",) and str(error.instance)[:1] == "#"
    return f'write "$anchor": "{error.instance[1:]}"' if is_fragment else None


def _bound_hint(error: _Error, document: Document) -> str | None:
    """Return the hint for the form of exclusive bounds that draft-04 and OpenAPI 3.0 have."""
    keyword = error.path[-1] if error.path else ""
    if keyword not in ("exclusiveMinimum", "exclusiveMaximum") or not isinstance(error.instance, bool):
        return None
    inclusive = keyword.replace("exclusiveM", "m")
    reading = "set nullable = true to read schemas as OpenAPI 3.0"
    if document.is_endpoint:
        return f'write "{keyword}": 5 in place of "{inclusive}": 5, or {reading}'
    return f'{reading}, or declare "$schema": "{Draft.DRAFT4.uri}"'
