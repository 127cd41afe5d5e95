"""Checks of settings at start-up, for applications without a type checker. All raise :exc:`.ConfigurationError`."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from types import NoneType

from .errors import ConfigurationError

__all__ = [
    "require_choice",
    "require_coroutine_function",
    "require_function",
    "require_instance",
    "require_list",
    "require_number",
]


def require_choice(setting: str, value: object, choices: Sequence[str]) -> None:
    """Require one of ``choices``."""
    if value not in choices:
        raise ConfigurationError(setting, f"expected {' or '.join(map(repr, choices))}, got {value!r}")


def require_instance(setting: str, value: object, types: type | tuple[type, ...], *, hint: str = "") -> None:
    """Require an instance of one of ``types``."""
    if not isinstance(value, types):
        names = [
            "None" if type_ is NoneType else type_.__name__
            for type_ in (types if isinstance(types, tuple) else (types,))
        ]
        raise ConfigurationError(setting, f"expected {' or '.join(names)}, got {value!r}", hint)


def require_function(setting: str, value: object) -> None:
    """Require a callable."""
    if not callable(value):
        raise ConfigurationError(setting, f"expected a function, got {value!r}")


def require_coroutine_function(setting: str, value: object) -> None:
    """Require a coroutine function; a lambda, and an object with ``__call__``, may return an awaitable."""
    require_function(setting, value)
    function = inspect.unwrap(value) if callable(value) else value
    if inspect.isfunction(function) and not inspect.iscoroutinefunction(function) and function.__name__ != "<lambda>":
        raise ConfigurationError(setting, f"expected an async function, got {function.__name__}", "async def")


def require_list(setting: str, value: object) -> None:
    """Require a sequence; a string is not one."""
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise ConfigurationError(setting, f"expected a list, got {value!r}", f"{setting}=[…]")


def require_number(
    setting: str, value: object, *, minimum: float = 0.0, integer: bool = False, exclusive: bool = False
) -> None:
    """Require a finite number of at least ``minimum``.

    Args:
        setting: Name of the setting.
        value: Value of the setting.
        minimum: Lower bound.
        integer: True to reject floats.
        exclusive: True to reject ``minimum`` itself.
    """
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and (isinstance(value, int) or (math.isfinite(value) and not integer))
        and (value > minimum or (value == minimum and not exclusive))
    ):
        return
    noun = "an integer" if integer else "a number"
    bound = "greater than" if exclusive else "of at least"
    raise ConfigurationError(setting, f"expected {noun} {bound} {minimum:g}, got {value!r}")
