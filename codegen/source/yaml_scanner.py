"""Reads the part of YAML that says JSON, and remembers where every value stands.

Plain scalars mean what the core schema of YAML 1.2 says, so ``no`` is a word. Anchors, tags and merge keys are refused:
what a schema says must stand in it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NoReturn

import yaml

from . import json_pointer
from .diagnostics import Problem
from .document import Json, Place, Text
from .json_scanner import DEEPEST, Unreadable

__all__ = ["scan_yaml"]

_LOADER: type = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""libyaml where PyYAML was built with it: 20 times the speed."""

_PLAIN = {"": None, "~": None} | {
    spelling: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelling in (word, word.title(), word.upper())
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def scan_yaml(text: Text, problems: list[Problem]) -> tuple[Json, dict[str, Place]]:
    """Return the value of ``text`` and the places of all its parts; add to ``problems`` what is wrong.

    Raises:
        Unreadable: If it is not YAML; the last problem says why.

    """
    return _Scanner(text, problems).document()


class _Scanner:
    def __init__(self, text: Text, problems: list[Problem]) -> None:
        self._text = text
        self._problems = problems
        self._places: dict[str, Place] = {}
        self._events: Iterator[yaml.Event] = yaml.parse(text.content, Loader=_LOADER)

    def document(self) -> tuple[Json, dict[str, Place]]:
        try:
            self._next()  # of the stream
            if isinstance(start := self._next(), yaml.StreamEndEvent):
                self._stop(_start(start), "empty_file", "the file holds nothing but comments")
            value = self._value(self._next(), "", 1)
            self._next()
            after = self._next()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._stop(mark.index if mark else 0, "invalid_yaml", f"not YAML: {error.problem or error.context}")
        except yaml.reader.ReaderError as error:
            self._stop(error.position, "invalid_yaml", f"not YAML: {error.reason}")
        if not isinstance(after, yaml.StreamEndEvent):
            self._report(
                after, "several_documents", "a second document in the file", "", hint="write one file for each"
            )
        return value, self._places

    def _next(self) -> yaml.Event:
        return next(self._events)

    def _value(self, event: yaml.Event, pointer: str, depth: int, key_at: int | None = None) -> Json:
        at = _start(event)
        self._places[pointer] = (at if key_at is None else key_at, at)
        self._refuse_anchors_and_tags(event, pointer)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, pointer)
        if isinstance(event, yaml.CollectionStartEvent) and depth > DEEPEST:
            self._stop(at, "too_deep", f"nested deeper than {DEEPEST} levels", json_pointer.prefix(pointer, 3))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(pointer, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(pointer, depth)
        return None  # an alias, which was reported

    def _mapping(self, pointer: str, depth: int) -> dict[str, Json]:
        members: dict[str, Json] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, pointer)
            member = json_pointer.join(pointer, key)
            if key in members:
                first = self._text.line_and_column(self._places[member][0])[0]
                message = f"the key stands twice in this mapping; first in line {first}"
                self._report(event, "duplicate_key", message, member, hint="keep one of them")
            members[key] = self._value(self._next(), member, depth + 1, _start(event))
        return members

    def _key(self, event: yaml.Event, pointer: str) -> str:
        self._refuse_anchors_and_tags(event, pointer)
        if not isinstance(event, yaml.ScalarEvent):
            if isinstance(event, yaml.AliasEvent):
                return ""  # it was reported
            self._stop(_start(event), "yaml_key", "a key that is no string", pointer)
        if not event.style and event.value == "<<":
            hint = "write the members out, or share them with $ref"
            self._report(event, "yaml_anchor", "merge keys are not read", pointer, hint=hint)
        elif not isinstance(self._scalar(event, pointer), str):
            hint = f'write "{event.value}" in quotes'
            self._report(event, "yaml_key", "a key that is no string", pointer, got=event.value or "null", hint=hint)
        return event.value

    def _sequence(self, pointer: str, depth: int) -> list[Json]:
        items: list[Json] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._value(event, f"{pointer}/{len(items)}", depth + 1))
        return items

    def _scalar(self, event: yaml.ScalarEvent, pointer: str) -> Json:
        if event.style:
            return event.value
        if event.value in _PLAIN:
            return _PLAIN[event.value]
        if _NO_NUMBER.fullmatch(event.value):
            self._report(event, "not_a_number", "JSON has no such number", pointer, got=event.value)
            return 0
        try:
            if _INTEGER.fullmatch(event.value):
                value: int | float = int(event.value)
            elif _BASED.fullmatch(event.value):
                value = int(event.value, 0)
            elif _FLOAT.fullmatch(event.value):
                value = float(event.value)
            else:
                return event.value
            if math.isfinite(float(value)):
                return value
        except (OverflowError, ValueError):  # past 4,300 digits Python says ValueError
            pass
        self._report(event, "number_out_of_range", "no double can hold the number", pointer)
        return 1  # which no keyword complains of

    def _refuse_anchors_and_tags(self, event: yaml.Event, pointer: str) -> None:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)  # not all events have them
        if anchor is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            hint = "share a schema under $defs and refer to it with $ref"
            self._report(event, "yaml_anchor", "anchors are not read", pointer, got=f"{sign}{anchor}", hint=hint)
        if tag is not None:
            self._report(event, "yaml_tag", "tags are not read", pointer, got=tag, hint="remove it")

    def _report(self, event: yaml.Event, code: str, message: str, pointer: str, **details: str | None) -> None:
        problem = self._text.problem(_start(event), code, message, pointer=pointer, **details)
        self._problems.append(problem)

    def _stop(self, at: int, code: str, message: str, pointer: str = "") -> NoReturn:
        self._problems.append(self._text.problem(at, code, message, pointer=pointer))
        raise Unreadable


def _start(event: yaml.Event) -> int:
    return event.start_mark.index if event.start_mark else 0
