"""Parser for YAML with JSON values that records the position of every value.

Plain scalars follow the core schema of YAML 1.2 (section 10.3), where ``no`` is a string. Aliases are replaced by the
anchored values, and merge keys (``<<``) by the members of their mappings. Tags have no equivalent in JSON.
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

__all__ = ["MAX_EXPANDED", "scan_yaml"]

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


MAX_EXPANDED = 100_000
"""Maximum number of values that aliases repeat; without a limit, nine lines could stand for a billion values."""


def scan_yaml(text: Text, problems: list[Problem]) -> tuple[Json, dict[str, Offsets]]:
    """Return the value of ``text`` and the offsets of all its parts, by JSON Pointer.

    An alias has its own position, and the parts of its value have the positions of the anchored text. Problems are
    added to ``problems``.

    Raises:
        Unreadable: If the rest cannot be parsed.
    """
    return _Scanner(text, problems).document()


TABS = "indent with spaces: YAML allows no tabs there"


class _Scanner:
    def __init__(self, text: Text, problems: list[Problem]) -> None:
        self._text = text
        self._problems = problems
        self._offsets: dict[str, Offsets] = {}
        self._events: list[yaml.Event] = []
        self._ends: dict[int, int] = {}
        """Position after each node, by the position of its first event."""
        self._targets: dict[int, int] = {}
        """Position of the anchored node of each alias, by the position of the alias."""
        self._members: dict[int, dict[str, tuple[yaml.Event, int]]] = {}
        self._expanding = 0
        self._expanded = 0

    def document(self) -> tuple[Json, dict[str, Offsets]]:
        try:
            self._events += yaml.parse(self._text.content, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = mark.index if mark else 0
            line = self._text.content[:at].rpartition("\n")[2] + self._text.content[at : at + 1]
            hint = TABS if "\t" in line else None
            self._fail(at, "invalid_yaml", f"invalid YAML: {error.problem or error.context}", hint=hint)
        except yaml.reader.ReaderError as error:
            self._fail(error.position, "invalid_yaml", f"invalid YAML: {error.reason}")
        start = self._events[1]  # after the start of the stream
        if isinstance(start, yaml.StreamEndEvent):
            self._fail(_start(start), "empty_file", "empty file")
        self._index()
        value = self._value(2, "", 1)
        after = self._events[self._ends[2] + 1]
        if not isinstance(after, yaml.StreamEndEvent):
            self._report(
                after,
                "multiple_documents",
                "second document in one file",
                "",
                hint="put each document into its own file",
            )
        return value, self._offsets

    def _index(self) -> None:
        """Record the end of each node of the first document, and the anchored node of each alias."""
        anchors: dict[str, int] = {}
        opened: list[int] = []
        for at, event in enumerate(self._events):
            if isinstance(event, yaml.DocumentEndEvent):
                return
            if isinstance(event, yaml.AliasEvent):
                if event.anchor in anchors:
                    self._targets[at] = anchors[event.anchor]
            elif isinstance(event, yaml.NodeEvent) and event.anchor is not None:
                anchors[event.anchor] = at
            if isinstance(event, yaml.CollectionStartEvent):
                opened.append(at)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._ends[opened.pop()] = at + 1
            else:
                self._ends[at] = at + 1

    def _value(self, at: int, pointer: str, depth: int, key: yaml.Event | None = None) -> Json:
        event = self._events[at]
        position = _start(event)
        self._offsets[pointer] = (position if key is None else _start(key), position)
        self._reject_tags(event, pointer)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(at, pointer, depth)
        if self._expanding:
            self._expanded += 1
            if self._expanded > MAX_EXPANDED:
                self._fail(position, "yaml_alias", f"aliases repeat more than {MAX_EXPANDED:,} values", pointer)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, pointer)
        if depth > MAX_DEPTH:
            self._fail(position, "too_deep", f"nested deeper than {MAX_DEPTH} levels", json_pointer.prefix(pointer, 3))
        if isinstance(event, yaml.MappingStartEvent):
            return {
                name: self._value(value, json_pointer.join(pointer, name), depth + 1, key)
                for name, (key, value) in self._mapping(at, pointer).items()
            }
        return [
            self._value(item, json_pointer.join(pointer, position), depth + 1)
            for position, item in enumerate(self._children(at))
        ]

    def _alias(self, at: int, pointer: str, depth: int) -> Json:
        """Return the anchored value of an alias."""
        target = self._target(at, pointer)
        if target is None:
            return None
        own = self._offsets[pointer]
        self._expanding += 1
        value = self._value(target, pointer, depth)
        self._expanding -= 1
        self._offsets[pointer] = own
        return value

    def _target(self, at: int, pointer: str) -> int | None:
        """Return the position of the anchored node of an alias, or ``at`` for another node; None for a problem."""
        if not isinstance(event := self._events[at], yaml.AliasEvent):
            return at
        target = self._targets.get(at)
        if target is None:
            self._report(event, "yaml_alias", "alias without anchor", pointer, got=f"*{event.anchor}")
        elif at < self._ends[target]:
            hint = "refer to the schema with $ref"
            self._report(event, "yaml_alias", "alias inside its own anchor", pointer, got=f"*{event.anchor}", hint=hint)
            return None
        return target

    def _mapping(self, start: int, pointer: str) -> dict[str, tuple[yaml.Event, int]]:
        """Return the key and the position of the value of each member, including those of merge keys.

        Own members have precedence over merged ones, and earlier merged ones over later ones.
        """
        if start not in self._members:
            own: dict[str, tuple[yaml.Event, int]] = {}
            merged: dict[str, tuple[yaml.Event, int]] = {}
            children = self._children(start)
            for at, value in zip(children, children, strict=True):
                event = self._events[at]
                if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and not event.style:
                    merged = self._merged(value, pointer) | merged
                    continue
                name = self._key(at, pointer)
                if name in own:
                    first = self._text.line_and_column(_start(own[name][0]))[0]
                    message, member = f"duplicate key; first defined on line {first}", json_pointer.join(pointer, name)
                    self._report(event, "duplicate_key", message, member, hint="remove one of them")
                own[name] = event, value
            self._members[start] = merged | own
        return self._members[start]

    def _merged(self, at: int, pointer: str) -> dict[str, tuple[yaml.Event, int]]:
        """Return the members of the mapping, or of the list of mappings, that is the value of a merge key."""
        target = self._target(at, pointer)
        if target is None:
            return {}
        event = self._events[target]
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(target, pointer)
        if isinstance(event, yaml.SequenceStartEvent):
            sources = [self._merged(item, pointer) for item in self._children(target)]
            return {name: member for source in reversed(sources) for name, member in source.items()}
        self._report(self._events[at], "yaml_alias", "the value of a merge key is not a mapping", pointer)
        return {}

    def _children(self, start: int) -> Iterator[int]:
        """Yield the positions of the nodes in a collection: items, or keys and values."""
        at = start + 1
        while not isinstance(self._events[at], yaml.CollectionEndEvent):
            yield at
            at = self._ends[at]

    def _key(self, at: int, pointer: str) -> str:
        target = self._target(at, pointer)
        event = self._events[at if target is None else target]
        self._reject_tags(event, pointer)
        if target is None:
            return ""  # already reported
        if not isinstance(event, yaml.ScalarEvent):
            self._fail(_start(event), "yaml_key", "key is not a string", pointer)
        if not isinstance(self._scalar(event, pointer), str):
            hint = f'quote the key: "{event.value}"'
            self._report(event, "yaml_key", "key is not a string", pointer, got=event.value or "null", hint=hint)
        return event.value

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

    def _reject_tags(self, event: yaml.Event, pointer: str) -> None:
        tag = getattr(event, "tag", None)  # aliases have none
        if tag is not None:
            self._report(event, "yaml_tag", "tags are not supported", pointer, got=tag, hint="remove the tag")

    def _report(self, event: yaml.Event, code: str, message: str, pointer: str, **details: str | None) -> None:
        problem = self._text.problem(_start(event), code, message, pointer=pointer, **details)
        self._problems.append(problem)

    def _fail(self, at: int, code: str, message: str, pointer: str = "", *, hint: str | None = None) -> NoReturn:
        self._problems.append(self._text.problem(at, code, message, pointer=pointer, hint=hint))
        raise Unreadable


def _start(event: yaml.Event) -> int:
    return event.start_mark.index if event.start_mark else 0
