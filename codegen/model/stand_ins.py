"""Classes of a team that stand in for a generated one."""

from __future__ import annotations

import keyword
import re
from typing import Any, Self

from msgspec import Struct

__all__ = ["StandIn"]

NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


class StandIn(Struct, frozen=True, kw_only=True):
    """Class that an application defines for a schema."""

    module: str
    """Name of its module, such as ``app.models``."""
    name: str
    """Name of the class; an identifier."""
    examples: tuple[Any, ...] = ()
    """JSON values from ``examples`` of the schema, which may be invalid."""

    @classmethod
    def parse(cls, value: Any, examples: Any = ()) -> Self | None:  # JSON values
        """Return the class that the text ``module:Class`` names; None for any other value."""
        module, _, name = value.partition(":") if isinstance(value, str) else ("", "", "")
        parts = [*module.split("."), name]
        if not all(NAME.fullmatch(part) and not keyword.iskeyword(part) for part in parts):
            return None
        return cls(module=module, name=name, examples=tuple(examples) if isinstance(examples, list) else ())
