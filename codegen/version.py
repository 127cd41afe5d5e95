"""The version that headers of generated files state."""

from __future__ import annotations

from typing import Final

__all__ = ["VERSION"]

VERSION: Final = "0.1.0"
"""As in pyproject.toml."""
