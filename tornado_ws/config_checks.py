"""Refuse arguments that cannot work, at start-up, where no type checker has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import NoneType

from .errors import ConfigurationError

__all__ = ["require_function", "require_list", "require_number", "require_instance", "require_choice"]


def require_choice(setting: str, value: object, choices: Sequence[str]) -> None:
    """Refuse what is none of ``choices``."""
    if value not in choices:
        raise ConfigurationError(setting, f"expected {' or '.join(map(repr, choices))}, got {value!r}")


def require_instance(setting: str, value: object, kinds: type | tuple[type, ...], *, hint: str = "") -> None:
    """Refuse what is of none of these classes."""
    if not isinstance(value, kinds):
        names = [
            "None" if kind is NoneType else kind.__name__ for kind in (kinds if isinstance(kinds, tuple) else (kinds,))
        ]
        raise ConfigurationError(setting, f"expected {' or '.join(names)}, got {value!r}", hint)


def require_function(setting: str, value: object) -> None:
    """Refuse what cannot be called."""
    if not callable(value):
        raise ConfigurationError(setting, f"expected a function, got {value!r}")


def require_list(setting: str, value: object) -> None:
    """Refuse what is one thing instead of several."""
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise ConfigurationError(setting, f"expected a list, got {value!r}", f"{setting}=[…]")


def require_number(setting: str, value: object, *, least: float = 0.0, whole: bool = False, bare: bool = False) -> None:
    """Refuse what is no finite number, or too small.

    Args:
        setting: What it is called.
        value: What was given.
        least: The smallest that works.
        whole: Whether fractions do not.
        bare: Whether ``least`` itself does not.
    """
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and (isinstance(value, int) or (math.isfinite(value) and not whole))
        and (value > least or (value == least and not bare))
    ):
        return
    kind = "a whole number" if whole else "a number"
    bounds = f"{kind} above {least:g}" if bare else f"{kind}, at least {least:g}"
    raise ConfigurationError(setting, f"expected {bounds}, got {value!r}")
