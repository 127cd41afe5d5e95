"""Functions of an application that a client calls for messages and events."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

__all__ = ["Listeners"]

LOG: Final = logging.getLogger("tornado_ws.client")


class Listeners:
    """Functions by the class of their argument. One that raises is logged, and the others are called."""

    def __init__(self) -> None:
        self._functions: defaultdict[type, list[Callable[[Any], object]]] = defaultdict(list)

    def add(self, cls: type, function: Callable[[Any], object]) -> Callable[[], None]:  # Any: of cls
        """Call a function for each instance of a class, and return a function that removes it."""
        functions = self._functions[cls]
        functions.append(function)

        def remove() -> None:
            if function in functions:
                functions.remove(function)

        return remove

    def has(self, cls: type) -> bool:
        """Return True if there is a function for a class."""
        return bool(self._functions.get(cls))

    def emit(self, cls: type, value: object) -> None:
        """Call the functions for a class."""
        for function in [*self._functions.get(cls, ())]:
            try:
                function(value)
            except Exception:  # any, from code of the application
                LOG.exception("a function for %s raised", cls.__name__)
