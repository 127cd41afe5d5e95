"""Parser for the JSON subset of YAML that records the position of every value.

Plain scalars follow the core schema of YAML 1.2 (section 10.3), where ``no`` is a string. Anchors, tags and merge keys
are rejected, because they have no equivalent in JSON.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NoReturn

import yaml

from . import json_pointer
from .diagnostics import Problem
from .document import Json, Offsets, Text
from .json_scanner import MAX_DEPTH, Unreadable

__all__ = ["scan_yaml"]

_LOADER: type = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Loader based on libyaml if PyYAML includes it: 20 times faster."""

_LITERALS = {"": None, "~": None} | {
    spelling: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelling in (word, word.title(), word.upper())
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL_OR_HEX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INVALID_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def scan_yaml(text: Text, problems: list[Problem]) -> tuple[Json, dict[str, Offsets]]:
    """Return the value of ``text`` and the offsets of all its parts, by JSON Pointer.

    Problems are added to ``problems``.

    Raises:
        Unreadable: If the rest cannot be parsed.
    """
    return _Scanner(text, problems).document()


class _Scanner:
    def __init__(self, text: Text, problems: list[Problem]) -> None:
        self._text = text
        self._problems = problems
        self._offsets: dict[str, Offsets] = {}
        self._events: Iterator[yaml.Event] = yaml.parse(text.content, Loader=_LOADER)

    def document(self) -> tuple[Json, dict[str, Offsets]]:
        try:
            self._next()  # start of the stream
            if isinstance(start := self._next(), yaml.StreamEndEvent):
                self._fail(_start(start), "empty_file", "empty file")
            value = self._value(self._next(), "", 1)
            self._next()
            after = self._next()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._fail(mark.index if mark else 0, "invalid_yaml", f"invalid YAML: {error.problem or error.context}")
        except yaml.reader.ReaderError as error:
            self._fail(error.position, "invalid_yaml", f"invalid YAML: {error.reason}")
        if not isinstance(after, yaml.StreamEndEvent):
            self._report(
                after,
                "multiple_documents",
                "second document in one file",
                "",
                hint="put each document into its own file",
            )
        return value, self._offsets

    def _next(self) -> yaml.Event:
        return next(self._events)

    def _value(self, event: yaml.Event, pointer: str, depth: int, key_at: int | None = None) -> Json:
        at = _start(event)
        self._offsets[pointer] = (at if key_at is None else key_at, at)
        self._reject_anchors_and_tags(event, pointer)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, pointer)
        if isinstance(event, yaml.CollectionStartEvent) and depth > MAX_DEPTH:
            self._fail(at, "too_deep", f"nested deeper than {MAX_DEPTH} levels", json_pointer.prefix(pointer, 3))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(pointer, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(pointer, depth)
        return None  # an alias, already reported

    def _mapping(self, pointer: str, depth: int) -> dict[str, Json]:
        members: dict[str, Json] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, pointer)
            member = json_pointer.join(pointer, key)
            if key in members:
                first = self._text.line_and_column(self._offsets[member][0])[0]
                message = f"duplicate key; first defined on line {first}"
                self._report(event, "duplicate_key", message, member, hint="remove one of them")
            members[key] = self._value(self._next(), member, depth + 1, _start(event))
        return members

    def _key(self, event: yaml.Event, pointer: str) -> str:
        self._reject_anchors_and_tags(event, pointer)
        if not isinstance(event, yaml.ScalarEvent):
            if isinstance(event, yaml.AliasEvent):
                return ""  # already reported
            self._fail(_start(event), "yaml_key", "key is not a string", pointer)
        if not event.style and event.value == "<<":
            hint = "list the members, or share a schema with $ref"
            self._report(event, "yaml_anchor", "merge keys are not supported", pointer, hint=hint)
        elif not isinstance(self._scalar(event, pointer), str):
            hint = f'quote the key: "{event.value}"'
            self._report(event, "yaml_key", "key is not a string", pointer, got=event.value or "null", hint=hint)
        return event.value

    def _sequence(self, pointer: str, depth: int) -> list[Json]:
        items: list[Json] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._value(event, json_pointer.join(pointer, len(items)), depth + 1))
        return items

    def _scalar(self, event: yaml.ScalarEvent, pointer: str) -> Json:
        if event.style:
            return event.value
        if event.value in _LITERALS:
            return _LITERALS[event.value]
        if _INVALID_NUMBER.fullmatch(event.value):
            self._report(event, "invalid_number", "not a JSON number", pointer, got=event.value)
            return 0
        try:
            if _INTEGER.fullmatch(event.value):
                value: int | float = int(event.value)
            elif _OCTAL_OR_HEX.fullmatch(event.value):
                value = int(event.value, 0)
            elif _FLOAT.fullmatch(event.value):
                value = float(event.value)
            else:
                return event.value
            if math.isfinite(float(value)):
                return value
        except (OverflowError, ValueError):  # Python raises ValueError for more than 4,300 digits
            pass
        self._report(event, "number_out_of_range", "number exceeds the range of a double", pointer)
        return 1  # valid for every keyword, so that it causes no second problem

    def _reject_anchors_and_tags(self, event: yaml.Event, pointer: str) -> None:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)  # some events have neither
        if anchor is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            hint = "put the schema under $defs and refer to it with $ref"
            self._report(
                event, "yaml_anchor", "anchors and aliases are not supported", pointer, got=f"{sign}{anchor}", hint=hint
            )
        if tag is not None:
            self._report(event, "yaml_tag", "tags are not supported", pointer, got=tag, hint="remove the tag")

    def _report(self, event: yaml.Event, code: str, message: str, pointer: str, **details: str | None) -> None:
        problem = self._text.problem(_start(event), code, message, pointer=pointer, **details)
        self._problems.append(problem)

    def _fail(self, at: int, code: str, message: str, pointer: str = "") -> NoReturn:
        self._problems.append(self._text.problem(at, code, message, pointer=pointer))
        raise Unreadable


def _start(event: yaml.Event) -> int:
    return event.start_mark.index if event.start_mark else 0
