"""Version in the headers of generated files."""

from __future__ import annotations

from typing import Final

__all__ = ["VERSION"]

VERSION: Final = "0.1.0"
"""Equal to the version in pyproject.toml."""
