"""WriteBatch path templates such as ``/chat/{room}`` into regular expressions and back."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from ..errors import ConfigurationError

__all__ = ["PathTemplate"]

_PLACE = re.compile(r"\{([^{}/]+)\}")


@dataclass(frozen=True, kw_only=True)
class PathTemplate:
    """A path with places for parameters."""

    template: str
    names: tuple[str, ...]
    """Names of the places, in order."""
    pattern: str
    """A regular expression with one group per place; a place holds no ``/``."""

    @classmethod
    def parse(cls, template: str) -> PathTemplate:
        """Read a template.

        Raises:
            ConfigurationError: If it is no path, or a place is empty, twice there or not closed.

        """
        if not template.startswith("/") or template.startswith("//"):
            raise ConfigurationError("path", f"expected a path that starts with one /, got {template!r}")
        parts = _PLACE.split(template)
        literals, names = parts[::2], tuple(parts[1::2])
        if any("{" in literal or "}" in literal for literal in literals):
            raise ConfigurationError("path", f"expected names in braces, got {template!r}", "such as /chat/{room}")
        if len(set(names)) < len(names):
            raise ConfigurationError("path", f"expected every name once, got {template!r}")
        if any(not between for between in literals[1:-1]):
            raise ConfigurationError("path", f"expected something between two places, got {template!r}")
        return cls(template=template, names=names, pattern="([^/]+)".join(map(re.escape, literals)))

    def expect_names(self, stated: Collection[str]) -> None:
        """Refuse places for what the schema does not state.

        Raises:
            ConfigurationError: If there is one.
        """
        if not set(self.names) <= set(stated):
            wanted = f"names among {', '.join(stated)}" if stated else "no names in braces"
            got = ", ".join(self.names)
            raise ConfigurationError("path", f"expected {wanted}, got {got} in {self.template!r}")

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the path for ``values``, percent-encoded."""
        return _PLACE.sub(lambda place: quote(values[place[1]], safe=""), self.template)
