"""Says in our words what ``jsonschema`` found wrong with a document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from ..identifiers import snake
from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document, Json, describe

if TYPE_CHECKING:
    from jsonschema import ValidationError

__all__ = ["nearest", "structure", "validity"]

CODES = {"path": "malformed_path", "rate": "malformed_rate", "latest": "malformed_pointer"}
"""Of values whose text has a form of its own."""

BOUNDS = {
    "exclusiveMinimum": "above {}",
    "exclusiveMaximum": "below {}",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minItems": "{} or more items",
    "minLength": "{} or more characters",
    "maxLength": "at most {} characters",
}

ELSEWHERE = {
    (
        "serverMessages",
        "stream",
    ): "only clients ask for streams; declare it under clientMessages",
    ("serverMessages", "rate"): "rates limit clients; declare it under clientMessages",
    ("clientMessages", "replay"): "only what the server sends is replayed; declare it under serverMessages",
    ("clientMessages", "latest"): "only what the server sends is coalesced; declare it under serverMessages",
}
"""What to do about keywords that stand in the wrong direction."""


@dataclass(frozen=True, kw_only=True)
class _Complaint:
    """A :class:`jsonschema.ValidationError` whose fields are all there."""

    keyword: str
    value: Json
    """Of the keyword."""
    instance: Json
    path: tuple[str, ...]
    """To the instance."""
    of_name: bool
    """Whether the instance is the name of a property."""
    schema: Json
    context: tuple[_Complaint, ...]

    @classmethod
    def of(cls, error: ValidationError) -> _Complaint:
        return cls(
            keyword=str(error.validator),
            value=error.validator_value,
            instance=error.instance,
            path=tuple(map(str, error.absolute_path)),
            of_name="propertyNames" in error.relative_schema_path,
            schema=error.schema,
            context=tuple(map(cls.of, error.context or ())),
        )

    @property
    def pointer(self) -> str:
        return json_pointer.join("", *self.path)


def structure(document: Document, errors: Iterable[ValidationError]) -> Iterator[Problem]:
    """Yield the problems that the keywords of an endpoint have, as found by its meta-schema."""
    for complaint in map(_Complaint.of, errors):
        if complaint.keyword == "additionalProperties":
            yield from _unknown_keywords(document, complaint)
        elif complaint.of_name:
            yield document.problem(
                json_pointer.join(complaint.pointer, complaint.instance),
                "malformed_name",
                "not a name",
                key=True,
                expected=_expected(complaint),
                hint=_another_name(complaint),
            )
        else:
            code, message = _classify(complaint)
            yield document.problem(
                complaint.pointer,
                code,
                message,
                expected=_expected(complaint),
                got=describe(complaint.instance),
                hint=_did_you_mean(complaint),
            )


def validity(document: Document, pointer: str, errors: Iterable[ValidationError], dialect: str) -> Iterator[Problem]:
    """Yield the problems of a schema at ``pointer`` that is no JSON Schema, as found by the dialect's meta-schema."""
    problems = (
        document.problem(
            pointer + complaint.pointer,
            "invalid_schema",
            f"not a JSON Schema ({dialect})",
            expected=_expected(complaint),
            got=describe(complaint.instance),
            hint=_did_you_mean(complaint),
        )
        for complaint in map(_decisive, map(_Complaint.of, errors))
    )
    yield from dict.fromkeys(problems)  # each vocabulary says again what a schema is


def nearest(text: str, known: Iterable[str]) -> str | None:
    """Return which of ``known`` somebody who wrote ``text`` may have meant."""
    folded = {word.lower(): word for word in known}
    close = get_close_matches(text.lower().replace("_", ""), folded, n=1, cutoff=0.7)
    return folded[close[0]] if close else None


def _classify(complaint: _Complaint) -> tuple[str, str]:
    match complaint.keyword:
        case "type":
            return "wrong_type", "wrong type"
        case "enum":
            return "unknown_value", "unknown value"
        case "pattern":
            return CODES[complaint.path[-1]], "not understood"
        case _:
            return "out_of_range", "out of range"


def _unknown_keywords(document: Document, complaint: _Complaint) -> Iterator[Problem]:
    known = complaint.schema["properties"]
    for keyword in complaint.instance:
        if keyword in known:
            continue
        meant = nearest(keyword, known)
        direction = complaint.path[0] if complaint.path else ""
        hint = ELSEWHERE.get((direction, keyword), f"did you mean {meant}?" if meant else None)
        yield document.problem(
            json_pointer.join(complaint.pointer, keyword),
            "unknown_keyword",
            "unknown keyword",
            key=True,
            expected=f"one of {', '.join(known)}" if hint is None else None,
            hint=hint,
        )


def _decisive(complaint: _Complaint) -> _Complaint:
    """Return, of the complaints of a union, the one that says most about the value."""
    fitting = [each for each in complaint.context if each.keyword != "type" or each.path != complaint.path]
    return _decisive(max(fitting, key=lambda each: len(each.path))) if fitting else complaint


def _expected(complaint: _Complaint) -> str:
    value = complaint.value
    match complaint.keyword:
        case "type":
            return " or ".join([value] if isinstance(value, str) else value)
        case "enum":
            return f"one of {', '.join(map(str, value))}"
        case "pattern":
            return str(complaint.schema.get("patternErrorMessage", f"text that matches {value}"))
        case "uniqueItems":
            return "items that all differ"
        case "anyOf":
            return " or ".join(map(_expected, complaint.context))
        case keyword:
            return BOUNDS.get(keyword, f"{keyword} {{}}").format(value)


def _another_name(complaint: _Complaint) -> str | None:
    name = str(complaint.instance)
    if name.startswith("$"):
        return "names that begin with $ are the protocol's"
    if complaint.keyword != "pattern" or not re.fullmatch(r"[A-Za-z][\w .-]*", name, re.ASCII):
        return None
    meant = snake(name)
    return f"did you mean {meant}?" if re.fullmatch(complaint.value, meant) else None


def _did_you_mean(complaint: _Complaint) -> str | None:
    if complaint.keyword != "enum":
        return None
    meant = nearest(str(complaint.instance), map(str, complaint.value))
    return f"did you mean {meant}?" if meant else None
