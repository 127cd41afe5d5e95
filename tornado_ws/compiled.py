"""Tell whether the modules that every message passes were compiled when the package was built."""

from __future__ import annotations

from typing import Final

from . import reader

__all__ = ["COMPILED"]

COMPILED: Final = not str(reader.__file__).endswith(".py")
