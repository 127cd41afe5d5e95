"""Values with more levels than Pydantic follows."""

from __future__ import annotations

import json
from typing import Any, Final

import pydantic

from ..validation.json_values import encode

__all__ = ["deep_json", "is_deep"]

MAX_LEVELS: Final = 240
"""Levels of arrays and objects that Pydantic can convert, whichever types they have; for most types, it can 255."""
MAX_WRITTEN: Final = 2_000
"""Limit of the levels of a written value, which may contain itself. Other limits are lower."""


def is_deep(plain: Any) -> bool:
    """Return True if JSON has more levels than :data:`MAX_LEVELS`."""
    level, levels = [plain], 0
    while level and levels <= MAX_LEVELS:
        members = [part.values() if isinstance(part, dict) else part for part in level if isinstance(part, dict | list)]
        level, levels = [one for some in members for one in some if isinstance(one, dict | list)], levels + 1
    return levels > MAX_LEVELS


def deep_json(model: pydantic.BaseModel) -> bytes:
    """Return an instance as the JSON text that Pydantic would write if it had fewer levels.

    Raises:
        TypeError: If JSON cannot represent a part of it.
        ValueError: If it contains itself.
    """
    return json.dumps(_plain(model), ensure_ascii=False, separators=(",", ":"), default=_leaf).encode()


def _plain(value: Any) -> Any:
    """Return a value without instances of models.

    Raises:
        RecursionError: If it contains itself.
    """
    root: list[Any] = [value]
    stack: list[tuple[Any, Any, int]] = [(root, 0, 0)]
    while stack:
        container, key, level = stack.pop()
        if level > MAX_WRITTEN:
            raise RecursionError
        part = container[key]
        if isinstance(part, pydantic.BaseModel) and hasattr(part, "__json__"):
            part = _properties(part)
        if isinstance(part, dict | list | tuple):
            copy: Any = dict(part) if isinstance(part, dict) else list(part)
            container[key] = copy
            stack += [(copy, one, level + 1) for one in (copy if isinstance(copy, dict) else range(len(copy)))]
    return root[0]


def _properties(model: pydantic.BaseModel) -> dict[str, Any]:
    """Return the properties of an instance that were set, by their names in JSON."""
    declared = {
        field.serialization_alias or name: vars(model)[name]
        for name, field in type(model).model_fields.items()
        if name in model.model_fields_set and vars(model)[name] is not pydantic.MISSING
    }
    return declared | (model.model_extra or {})


def _leaf(value: object) -> Any:
    """Return a value of another type, such as a UUID, as JSON."""
    return json.loads(encode(value))
