"""Checks of the arguments of calls, for applications without a type checker."""

from __future__ import annotations

import inspect
import math
from types import NoneType

__all__ = ["plain_text", "require_callable", "require_decision", "require_seconds", "require_text", "require_type"]


def require_type(call: str, name: str, value: object, types: type | tuple[type, ...], *, hint: str = "") -> None:
    """Require an instance of one of ``types``; True and False are not integers.

    Args:
        call: Name of the method, for errors.
        name: Name of the argument.
        value: Argument.
        types: Its type or types.
        hint: Way to mend it.

    Raises:
        TypeError: If the argument has another type.
    """
    if isinstance(value, types) and not (isinstance(value, bool) and types is not bool):
        return
    names = [
        "None" if type_ is NoneType else type_.__name__ for type_ in (types if isinstance(types, tuple) else (types,))
    ]
    raise TypeError(_problem(call, f"expected {name} to be {' or '.join(names)}, got {_kind(value)}", hint))


def require_text(call: str, name: str, value: str, *, hint: str = "") -> str:
    """Require text that has an encoding, and return its :func:`plain_text`; for the arguments see :func:`require_type`.

    Raises:
        TypeError: If the argument is not text.
        ValueError: If it contains a part of a surrogate pair, which UTF-8 cannot encode.
    """
    require_type(call, name, value, str, hint=hint)
    text = plain_text(value)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError(f"{call}: expected {name} to be text in UTF-8, got a part of a surrogate pair") from None
    return text


def plain_text(value: str) -> str:
    """Return text as a ``str``, because msgspec does not encode instances of its subclasses."""
    return value if type(value) is str else str.__str__(value)


def require_seconds(call: str, name: str, value: object) -> None:
    """Require a number of seconds; for the arguments see :func:`require_type`.

    Raises:
        TypeError: If the argument is not a number.
        ValueError: If it is negative, or not a number of seconds, such as NaN.
    """
    require_type(call, name, value, (int, float))
    if isinstance(value, int | float) and not 0 <= value < math.inf:
        raise ValueError(f"{call}: expected {name} to be a number of seconds, got {value!r}")


def require_callable(call: str, name: str, value: object, *, synchronous: bool = False) -> None:
    """Require a function; for the arguments see :func:`require_type`.

    Args:
        call: Name of the method, for errors.
        name: Name of the argument.
        value: Argument.
        synchronous: True to refuse a coroutine function, whose result would not be awaited.

    Raises:
        TypeError: If the argument is not such a function.
    """
    if not callable(value):
        raise TypeError(_problem(call, f"expected {name} to be a function, got {_kind(value)}"))
    if synchronous and (inspect.iscoroutinefunction(value) or inspect.iscoroutinefunction(type(value).__call__)):
        raise TypeError(_problem(call, f"expected {name} to be a function, got a coroutine function"))


def require_decision(call: str, name: str, result: object) -> bool:
    """Return the result of a predicate as True or False; an awaitable would always be true.

    Args:
        call: Name of the method, for errors.
        name: Name of the argument, a predicate.
        result: Its result.

    Raises:
        TypeError: If the result is awaitable, or an asynchronous iterator.
    """
    if not isinstance(result, bool) and (hasattr(result, "__await__") or hasattr(result, "__aiter__")):
        if inspect.iscoroutine(result):
            result.close()  # without a warning that it was never awaited
        raise TypeError(_problem(call, f"expected {name} to return True or False, got {_kind(result)}"))
    return bool(result)


def _problem(call: str, problem: str, hint: str = "") -> str:
    return f"{call}: {problem}" + (f"; {hint}" if hint else "")


def _kind(value: object) -> str:
    """Return the kind of a value, which is not in the error, because it may be secret."""
    return "None" if value is None else type(value).__name__
