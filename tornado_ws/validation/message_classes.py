"""Values by message class, which subclasses of the messages share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

__all__ = ["MessageClasses"]

ValueT = TypeVar("ValueT")


class MessageClasses(dict[type, ValueT]):
    """Values by message class. A subclass that an application defines has the value of its nearest message class."""

    def __init__(self, values: Mapping[type, ValueT], others: Iterable[type] = ()) -> None:
        """Create a mapping.

        Args:
            values: Values of the message classes.
            others: Classes of other messages. They and their subclasses have no value, although a message class may
                inherit from another one.
        """
        super().__init__(values)
        self.names = tuple(cls.__name__ for cls in values)
        """Names of the message classes."""
        self._others = frozenset(others).difference(values)

    def __missing__(self, cls: type) -> ValueT:
        """Find the value of a subclass once.

        Raises:
            KeyError: If the class does not inherit from a message class.
        """
        for parent in cls.__mro__:
            if parent in self._others:
                break
            if parent in self:
                value = self[cls] = self[parent]
                return value
        raise KeyError(cls)
