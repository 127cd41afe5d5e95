"""Reader for JSON that determines the positions of values only when a problem needs them.

The parser of the standard library is ten times as fast as ours, and most files have no problems.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NoReturn

from .diagnostics import Problem
from .document import Json, Offsets, Text
from .json_scanner import MAX_DEPTH, scan_json

__all__ = ["read_json"]

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LONGEST_INTEGER = 300
"""Number of digits up to which each integer is within the range of a double."""


def read_json(text: Text, problems: list[Problem]) -> tuple[Json, Callable[[], Mapping[str, Offsets]]]:
    """Return the value of ``text``, and a function that returns the offsets of all its parts, by JSON Pointer.

    Problems are added to ``problems``.

    Raises:
        Unreadable: If the rest cannot be parsed.
    """
    try:
        value = _parse(text.content)
    except (ValueError, RecursionError):
        value, offsets = scan_json(text, problems)
        return value, lambda: offsets
    return value, cache(lambda: scan_json(text, [])[1])


def _parse(content: str) -> Json:
    """Return the value of a text in which the scanner would find no problem.

    Raises:
        ValueError: If it could find one.
        RecursionError: If the text is nested too deep for the parser.
    """
    if _SURROGATE.search(content):
        raise ValueError("surrogate")
    value = json.loads(
        content, object_pairs_hook=_object, parse_constant=_reject, parse_float=_float, parse_int=_integer
    )
    if _is_too_deep(value):
        raise ValueError("too deep")
    return value


def _object(members: Sequence[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(members)
    if len(found) < len(members):
        raise ValueError("duplicate key")
    return found


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError("out of range")
    return value


def _integer(text: str) -> int:
    if len(text) > _LONGEST_INTEGER:
        raise ValueError("perhaps out of range")
    return int(text)


def _reject(text: str) -> NoReturn:
    raise ValueError(text)


def _is_too_deep(value: Json) -> bool:
    containers = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        containers = [
            part
            for container in containers
            for part in (container.values() if isinstance(container, dict) else container)
            if isinstance(part, dict | list)
        ]
    return bool(containers)
