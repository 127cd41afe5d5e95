"""Path templates such as ``/chat/{room}``."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from ..config_checks import require_instance
from ..errors import ConfigurationError

__all__ = ["PathTemplate"]

_PLACEHOLDER = re.compile(r"\{([^{}/]+)\}")


@dataclass(frozen=True, kw_only=True)
class PathTemplate:
    """Path with placeholders for parameters."""

    template: str
    names: tuple[str, ...]
    """Names of the placeholders, in order."""
    pattern: str
    """Regular expression with one group per placeholder, which matches text without ``/``."""

    @classmethod
    def parse(cls, template: str) -> PathTemplate:
        """Parse a template.

        Raises:
            ConfigurationError: If the template does not start with one ``/``, or a placeholder is empty, duplicate, not
                closed, or next to another.
        """
        require_instance("path", template, str)
        if not template.startswith("/") or template.startswith("//"):
            raise ConfigurationError("path", f"expected a path that starts with one /, got {template!r}")
        parts = _PLACEHOLDER.split(template)
        literals, names = parts[::2], tuple(parts[1::2])
        if any("{" in literal or "}" in literal for literal in literals):
            raise ConfigurationError("path", f"expected names in braces, got {template!r}", "such as /chat/{room}")
        if len(set(names)) < len(names):
            raise ConfigurationError("path", f"expected unique names, got {template!r}")
        if any(not between for between in literals[1:-1]):
            raise ConfigurationError("path", f"expected text between two placeholders, got {template!r}")
        return cls(template=template, names=names, pattern="([^/]+)".join(map(re.escape, literals)))

    def require_names(self, allowed: Collection[str]) -> None:
        """Check the placeholders against the names of the ``params`` in the schema.

        Raises:
            ConfigurationError: If a placeholder has another name.
        """
        if not set(self.names) <= set(allowed):
            expected = f"names among {', '.join(allowed)}" if allowed else "no names in braces"
            names = ", ".join(self.names)
            raise ConfigurationError("path", f"expected {expected}, got {names} in {self.template!r}")

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the path with percent-encoded values (RFC 3986)."""
        return _PLACEHOLDER.sub(lambda match: quote(values[match[1]], safe=""), self.template)
