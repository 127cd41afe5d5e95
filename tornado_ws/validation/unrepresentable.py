"""Error for a valid JSON value that its type cannot represent, such as a leap second as ``datetime``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..errors import ErrorData
from . import json_pointer

__all__ = ["unrepresentable_error"]

PATH = re.compile(r" - at `\$(.*)`\Z", re.DOTALL)
"""End of an error text of msgspec: the path to the value, in which ``[...]`` is any member of a map."""
INDEX = re.compile(r"\[(\d+)\]")


def unrepresentable_error(plain: Any, reason: str) -> ErrorData:
    """Return the error of a JSON value.

    Args:
        plain: JSON value that msgspec did not convert.
        reason: Text of the exception.
    """
    path = PATH.search(reason)
    pointer = json_pointer.join(_tokens(plain, path[1])) if path else ""
    return ErrorData(code="invalid_message", message="expected a value that its type can represent", pointer=pointer)


def _tokens(plain: Any, path: str) -> Iterator[str | int]:
    """Yield the tokens of a path, up to the innermost part that is known; names are not escaped in a path."""
    while path:
        if isinstance(plain, dict):
            names = [name for name in plain if re.match(rf"\.{re.escape(name)}(?=[.\[]|\Z)", path)]
            if not names:
                return
            name = max(names, key=len)
            yield name
            plain, path = plain[name], path[len(name) + 1 :]
        else:
            index = INDEX.match(path)
            if index is None:
                return
            yield int(index[1])
            plain, path = plain[int(index[1])], path[index.end() :]
